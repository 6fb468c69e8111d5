package dev.javelin.launcher;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;

/**
 * Serves the counters to Prometheus, on threads of its own. Hits and misses have memcached_exporter's shape, so that
 * its dashboards work; the rest is {@code javelin_NAME_total}, per queue where there is one.
 */
final class Metrics implements AutoCloseable {
    /** What goes up and down. */
    private static final Set<String> GAUGES =
        Set.of("cache_items", "cache_bytes", "frames_in_driver", "frames_lost", "memcached_connected");

    private final HTTPServer server;

    private Metrics(final HTTPServer server) {
        this.server = server;
    }

    /**
     * Starts to listen.
     *
     * @param address  host and port; port 0 for any
     * @param snapshot read at every scrape
     * @return serving
     * @throws RunException if the port is in use
     */
    static Metrics serve(final InetSocketAddress address, final Supplier<CountersSnapshot> snapshot) {
        final PrometheusRegistry registry = new PrometheusRegistry();
        registry.register((MultiCollector) () -> collect(snapshot.get()));
        try {
            return new Metrics(HTTPServer.builder()
                .inetAddress(address.getAddress())
                .port(address.getPort())
                .registry(registry)
                .buildAndStart());
        } catch (final IOException e) {
            throw new RunException(Configuration.METRICS + ": cannot listen on " + Text.endpoint(address) + " ("
                + e.getMessage() + "); choose another port, or off");
        }
    }

    int port() {
        return server.getPort();
    }

    private static MetricSnapshots collect(final CountersSnapshot snapshot) {
        final MetricSnapshots.Builder metrics = MetricSnapshots.builder();
        final Map<String, Long> totals = StatReport.totals(snapshot);
        metrics.metricSnapshot(CounterSnapshot.builder()
            .name("memcached_commands")
            .help("GETs that Javelin answered (hit), and well-formed ones that it left to memcached (miss).")
            .dataPoint(point(Labels.of("command", "get", "status", "hit"), totals.getOrDefault("get_hits", 0L)))
            .dataPoint(point(Labels.of("command", "get", "status", "miss"),
                totals.getOrDefault(StatReport.GET_MISSES, 0L)))
            .build());
        final List<String> numbers = StatReport.queueNumbers(snapshot);
        final Map<String, CounterSnapshot.Builder> counters = new LinkedHashMap<>();
        final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();
        for (int i = 0; i < numbers.size(); i++) {
            final Labels queue = Labels.of("queue", numbers.get(i));
            StatReport.queue(snapshot.queues().get(i)).forEach((label, value) -> add(label, value, queue, counters,
                gauges));
        }
        snapshot.slowPath().forEach((label, value) -> add(label, value, Labels.EMPTY, counters, gauges));
        counters.values().forEach(counter -> metrics.metricSnapshot(counter.build()));
        gauges.values().forEach(gauge -> metrics.metricSnapshot(gauge.build()));
        return metrics.build();
    }

    private static void add(
        final String label,
        final long value,
        final Labels labels,
        final Map<String, CounterSnapshot.Builder> counters,
        final Map<String, GaugeSnapshot.Builder> gauges) {
        if (GAUGES.contains(label)) {
            gauges.computeIfAbsent(label, name -> GaugeSnapshot.builder().name("javelin_" + name).help(help(name)))
                .dataPoint(GaugeDataPointSnapshot.builder().labels(labels).value(value).build());
            return;
        }
        final int dot = label.indexOf('.');
        final String name = dot < 0 ? label : label.substring(0, dot);
        final Labels all = dot < 0 ? labels : labels.merge(Labels.of("reason", label.substring(dot + 1)));
        counters.computeIfAbsent(name, n -> CounterSnapshot.builder().name("javelin_" + n).help(help(n)))
            .dataPoint(point(all, value));
    }

    private static String help(final String name) {
        return name + " of scripts/javelin stat";
    }

    private static CounterDataPointSnapshot point(final Labels labels, final long value) {
        return CounterDataPointSnapshot.builder().labels(labels).value(value).build();
    }

    @Override
    public void close() {
        server.close();
    }
}
