package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);

    private static CountersSnapshot snapshot() {
        return new CountersSnapshot(
            1,
            Map.of("queues", "0,3"),
            List.of(
                Map.of("get_hits", 5L, "get_misses", 1L, "xdp_misses", 10L, "handed_back_reasons.expired", 7L,
                    "frames_lost", 0L),
                Map.of("get_hits", 6L, "get_misses", 0L, "xdp_misses", 0L, "handed_back_reasons.expired", 8L,
                    "frames_lost", 0L)),
            Map.of("fills", 9L, "cache_items", 4L));
    }

    private static String scrape(final int port) throws IOException {
        try (var in = URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void shouldServeCountersInThePrometheusFormat() throws IOException {
        try (Metrics metrics = Metrics.serve(ANY, MetricsTest::snapshot)) {
            final List<String> lines = scrape(metrics.port()).lines().toList();
            for (final String line : List.of(
                "memcached_commands_total{command=\"get\",status=\"hit\"} 11.0",
                "memcached_commands_total{command=\"get\",status=\"miss\"} 11.0",
                "javelin_handed_back_reasons_total{queue=\"3\",reason=\"expired\"} 8.0",
                "javelin_get_hits_total{queue=\"0\"} 5.0",
                "javelin_frames_lost{queue=\"0\"} 0.0",
                "javelin_fills_total 9.0",
                "javelin_cache_items 4.0",
                "# TYPE javelin_cache_items gauge")) {
                assertTrue(lines.contains(line), () -> line + " is not in\n" + String.join("\n", lines));
            }
        }
    }

    @Test
    void shouldNameKeyAndAddressWhenThePortIsInUse() {
        try (Metrics metrics = Metrics.serve(ANY, MetricsTest::snapshot)) {
            final InetSocketAddress taken = new InetSocketAddress("127.0.0.1", metrics.port());
            final String message = assertThrows(
                RunException.class, () -> Metrics.serve(taken, MetricsTest::snapshot)).getMessage();
            assertTrue(message.startsWith("javelin.metrics: cannot listen on 127.0.0.1:" + metrics.port()), message);
            assertEquals(1, message.lines().count());
        }
    }
}
