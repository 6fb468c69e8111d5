package dev.javelin.bench.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code load --json} writes. */
final class LoadResultTest {
    private static final String RESULT = """
        {"seconds": 4.000, "rate": 174300.5, "sent_per_second": 174301.0, "sent": 697204, "answered": 697202, "lost": 2,
        "hits": 697199, "misses": 0, "wrong": 1, "stale": 2, "malformed": 4, "duplicate": 5, "late": 6,
        "latency_us": {"mean": 310.4, "p50": 298.5, "p90": 402.0, "p99": 640.0, "p999": 2100.0, "max": 9000.1},
        "percentiles": [[0.0, 90.5], [50.0, 298.5], [99.999, 8800.0]], "start_ns": -9223372036854775000,
        "window_ns": 100000000, "windows": [17000, 0, 18000], "transport": "af_xdp copy", "threads": 2,
        "bottleneck": null, "something_new": {"a": [1]}}
        """;

    @Test
    void everyFigureArrivesUnderItsName() throws IOException {
        LoadResult load = LoadResult.parse(RESULT);
        assertEquals(174_300.5, load.rate());
        assertEquals(697_204, load.sent());
        assertEquals(7, load.bad());
        assertEquals(2 / 697_204.0, load.lostShare());
        assertEquals(new LoadResult.LatencyUs(310.4, 298.5, 402, 640, 2_100, 9_000.1), load.latencyUs());
        assertArrayEquals(new double[] {99.999, 8_800}, load.percentiles()[2]);
        assertEquals(-9_223_372_036_854_775_000L, load.startNs(), "a clock of nanoseconds needs all its digits");
        assertArrayEquals(new long[] {17_000, 0, 18_000}, load.windows());
        assertEquals("af_xdp copy", load.transport());
        assertEquals(2, load.threads());
        assertNull(load.bottleneck());
    }

    @Test
    void aBottleneckIsASentence() throws IOException {
        assertEquals("it was late", LoadResult.parse(RESULT.replace("\"bottleneck\": null",
            "\"bottleneck\": \"it was late\"")).bottleneck());
    }

    @Test
    void aResultThatLacksAFigureIsRefusedByName(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("result.json"), RESULT.replace("\"windows\"", "\"panes\""));
        IOException e = assertThrows(IOException.class, () -> LoadResult.read(file));
        assertTrue(e.getMessage().contains("result.json") && e.getMessage().contains("windows"), e.getMessage());
    }

    @Test
    void halfAResultIsRefused(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("result.json"), RESULT.substring(0, 300));
        IOException e = assertThrows(IOException.class, () -> LoadResult.read(file));
        assertTrue(e.getMessage().contains("result.json"), e.getMessage());
    }
}
