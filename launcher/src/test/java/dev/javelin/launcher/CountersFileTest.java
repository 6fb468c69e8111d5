package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountersFileTest {
    @TempDir
    private Path directory;

    private static Map<String, String> description() {
        final Map<String, String> description = new LinkedHashMap<>();
        description.put("interface", "eth7");
        description.put("port", "11211");
        description.put("bind", "copy (asked: auto)");
        description.put("attach", "native (asked: auto)");
        description.put("coherence", "max-age");
        description.put("promise", "a hit may be old");
        description.put("queues", "0,3");
        description.put("worker", CountersFile.labels(
            List.of("get_hits", "get_misses", "handed_back_reasons.expired", "handed_back_reasons.malformed")));
        description.put("kernel", CountersFile.labels(List.of("xdp_passed", "xdp_misses")));
        description.put("slow", CountersFile.labels(List.of("fills", "cache_items")));
        return description;
    }

    private CountersFile create() {
        final CountersFile file = CountersFile.create(directory, "eth7", 2);
        assertEquals(0, CountersSnapshot.all(directory).size(), "not published yet");
        file.publish(description());
        for (int queue = 0; queue < 2; queue++) {
            for (int i = 0; i < 4; i++) {
                file.workerBlock(queue).putLong(i * Long.BYTES, 100 * (queue + 1) + i);
            }
            file.kernelBlock(queue).putLong(0, 1000 * (queue + 1));
            file.kernelBlock(queue).putLong(Long.BYTES, 10_000 * (queue + 1));
        }
        file.slowPathBlock().putLong(0, 7);
        file.slowPathBlock().putLong(Long.BYTES, Long.MAX_VALUE);
        return file;
    }

    @Test
    void shouldShowAReaderEveryCounterThatWasWritten() {
        try (CountersFile file = create()) {
            final CountersSnapshot snapshot = CountersSnapshot.all(directory).getFirst();
            assertEquals(ProcessHandle.current().pid(), snapshot.pid());
            assertEquals("copy (asked: auto)", snapshot.description().get("bind"));
            assertEquals(
                Map.of("get_hits", 100L, "get_misses", 101L, "handed_back_reasons.expired", 102L,
                    "handed_back_reasons.malformed", 103L, "xdp_passed", 1000L, "xdp_misses", 10_000L),
                snapshot.queues().get(0));
            assertEquals(203L, snapshot.queues().get(1).get("handed_back_reasons.malformed"));
            assertEquals(Map.of("fills", 7L, "cache_items", Long.MAX_VALUE), snapshot.slowPath());
            assertTrue(Files.exists(file.path()));
        }
    }

    @Test
    void shouldSumTotalsAndNestReasonsInJson() {
        try (CountersFile file = create()) {
            assertEquals(
                "{\"pid\":" + ProcessHandle.current().pid() + ",\"interface\":\"eth7\",\"port\":\"11211\","
                    + "\"bind\":\"copy (asked: auto)\",\"attach\":\"native (asked: auto)\",\"coherence\":\"max-age\","
                    + "\"promise\":\"a hit may be old\","
                    + "\"get_hits\":300,\"get_misses\":30302,"
                    + "\"handed_back_reasons\":{\"expired\":304,\"malformed\":306},"
                    + "\"xdp_passed\":3000,\"xdp_misses\":30000,\"fills\":7,\"cache_items\":9223372036854775807,"
                    + "\"queues\":["
                    + "{\"queue\":0,\"get_hits\":100,\"get_misses\":10101,"
                    + "\"handed_back_reasons\":{\"expired\":102,\"malformed\":103},"
                    + "\"xdp_passed\":1000,\"xdp_misses\":10000},"
                    + "{\"queue\":3,\"get_hits\":200,\"get_misses\":20201,"
                    + "\"handed_back_reasons\":{\"expired\":202,\"malformed\":203},"
                    + "\"xdp_passed\":2000,\"xdp_misses\":20000}]}",
                StatReport.json(CountersSnapshot.all(directory).getFirst()));
            assertTrue(Files.exists(file.path()));
        }
    }

    @Test
    void shouldShowRatesInTheTableWhenThereIsAnEarlierLook() {
        try (CountersFile file = create()) {
            final CountersSnapshot before = CountersSnapshot.all(directory).getFirst();
            file.workerBlock(0).putLong(0, 600);
            final CountersSnapshot after = CountersSnapshot.all(directory).getFirst();
            final String row = StatReport.table(after, before, 500_000_000).lines()
                .filter(line -> line.startsWith("get_hits")).findFirst().orElseThrow();
            assertEquals(List.of("get_hits", "800", "1000", "600", "200"), List.of(row.split("\\s+")));
        }
    }

    @Test
    void shouldBeGoneWhenClosed() {
        create().close();
        assertEquals(0, directory.toFile().list().length);
    }

    @Test
    void shouldCleanUpAFileWhenItsOwnerIsDead() throws IOException {
        final Path leftover = directory.resolve("1-eth7.counters");
        try (CountersFile file = create()) {
            final byte[] bytes = Files.readAllBytes(file.path());
            // The same process id, another start: what a reused id looks like.
            bytes[CountersLayout.START_OFFSET]++;
            Files.write(leftover, bytes);
        }
        assertEquals(List.of(), CountersSnapshot.all(directory));
        try (CountersFile file = create()) {
            assertFalse(Files.exists(leftover), "the next start cleans up");
            assertEquals(1, CountersSnapshot.all(directory).size());
            assertTrue(Files.exists(file.path()));
        }
    }

    @Test
    void shouldIgnoreAFileWhenItIsNoCountersFile() throws IOException {
        Files.writeString(directory.resolve("junk.counters"), "x".repeat(20_000));
        Files.writeString(directory.resolve("short.counters"), "x");
        assertEquals(List.of(), CountersSnapshot.all(directory));
    }

    @Test
    void shouldFindNothingWhenTheDirectoryIsMissing() {
        assertEquals(List.of(), CountersSnapshot.all(directory.resolve("absent")));
    }

    @Test
    void shouldNameTheDirectoryWhenItCannotBeWritten() {
        final Path bad = Path.of("/proc/javelin");
        final String message = assertThrows(
            RunException.class, () -> CountersFile.create(bad, "eth7", 1)).getMessage();
        assertTrue(message.contains("/proc/javelin"), message);
    }

    @Test
    void shouldEscapeTextInJson() {
        assertEquals("{\"a\":[\"\\\"\\\\\\u000a\",1,true]}", Json.write(Map.of("a", List.of("\"\\\n", 1L, true))));
    }
}
