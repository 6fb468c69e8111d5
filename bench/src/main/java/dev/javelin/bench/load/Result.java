package dev.javelin.bench.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * What one measured phase showed. Immutable once made, but for the mutable objects inside, which nobody changes any
 * more.
 *
 * @param counts     what became of the requests, those included whose replies came after the phase's end.
 * @param latency    in nanoseconds, from the intended time of sending.
 * @param startNs    System.nanoTime() at the phase's start.
 * @param durationNs of it.
 * @param windows    answers in each {@link Engine#WINDOW_NS} of it.
 * @param transport  how requests travelled: {@code af_xdp copy}, {@code af_xdp zerocopy}, {@code sockets}, or
 *                   {@code xdp reflect}.
 * @param threads    that sent.
 * @param bottleneck why the rate is only a lower bound of what the server can do; null if it is not.
 */
public record Result(Counts counts, Histogram latency, long startNs, long durationNs, long[] windows, String transport,
    int threads, String bottleneck) {
    private static final int PERCENTILE_TICKS = 5;
    private static final double HIGHEST_PERCENTILE = 99.999;

    double seconds() {
        return durationNs / 1e9;
    }

    /** Returns answers per second while requests were sent. */
    double rate() {
        long answers = 0;
        for (long window : windows) {
            answers += window;
        }
        return windows.length == 0 ? counts.answered / seconds()
            : answers * 1e9 / (windows.length * (double) Engine.WINDOW_NS);
    }

    double sentPerSecond() {
        return counts.sent / seconds();
    }

    double lostPercent() {
        return counts.sent == 0 ? 0 : 100.0 * counts.lost / counts.sent;
    }

    double microseconds(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1_000.0;
    }

    private double leastMicroseconds() {
        return latency.getTotalCount() == 0 ? 0 : latency.getMinValue() / 1_000.0;
    }

    /** Returns a table like mutilate's, latencies in microseconds. */
    String table() {
        String table = String.format(Locale.ROOT, """
            #type       avg      min      1st      5th     10th     50th     90th     95th     99th   99.9th   (us)
            read  %9.1f%9.1f%9.1f%9.1f%9.1f%9.1f%9.1f%9.1f%9.1f%9.1f
            rate      %,.0f answers/s over %.1f s (%s, threads: %d)
            sent      %d = %d answered + %d lost (%.3f %%)
            answers   %d hits, %d misses, %d wrong, %d stale, %d malformed
            besides   %d duplicate, %d late
            """, latency.getMean() / 1_000, leastMicroseconds(), microseconds(1), microseconds(5), microseconds(10),
            microseconds(50), microseconds(90), microseconds(95), microseconds(99), microseconds(99.9), rate(),
            seconds(), transport, threads, counts.sent, counts.answered, counts.lost, lostPercent(), counts.hits,
            counts.misses, counts.wrong, counts.stale, counts.malformed, counts.duplicate, counts.late);
        return bottleneck == null ? table
            : table + "WARNING   the rate is a lower bound: " + bottleneck + System.lineSeparator();
    }

    /** Returns one JSON object; docs/benchmarks.md says what its fields mean. */
    String json() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("seconds", seconds()).put("rate", rate()).put("sent_per_second", sentPerSecond());
        json.put("sent", counts.sent).put("answered", counts.answered).put("lost", counts.lost);
        json.put("hits", counts.hits).put("misses", counts.misses).put("wrong", counts.wrong);
        json.put("stale", counts.stale).put("malformed", counts.malformed);
        json.put("duplicate", counts.duplicate).put("late", counts.late);
        json.putObject("latency_us").put("mean", latency.getMean() / 1_000).put("min", leastMicroseconds())
            .put("p50", microseconds(50)).put("p90", microseconds(90)).put("p99", microseconds(99))
            .put("p999", microseconds(99.9)).put("max", latency.getMaxValue() / 1_000.0);
        ArrayNode percentiles = json.putArray("percentiles");
        if (latency.getTotalCount() > 0) {
            for (HistogramIterationValue value : latency.percentiles(PERCENTILE_TICKS)) {
                if (value.getPercentileLevelIteratedTo() <= HIGHEST_PERCENTILE) {
                    percentiles.addArray().add(value.getPercentileLevelIteratedTo())
                        .add(value.getValueIteratedTo() / 1_000.0);
                }
            }
        }
        json.put("start_ns", startNs).put("window_ns", Engine.WINDOW_NS);
        ArrayNode answers = json.putArray("windows");
        for (long window : windows) {
            answers.add(window);
        }
        json.put("transport", transport).put("threads", threads).put("bottleneck", bottleneck);
        return json.toPrettyString() + System.lineSeparator();
    }
}
