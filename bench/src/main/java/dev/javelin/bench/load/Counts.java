package dev.javelin.bench.load;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What became of the requests of one run. {@code sent = answered + lost}, always; the rest says more about the
 * answered ones, and about datagrams that answered nothing.
 *
 * <p>Written by one thread.
 */
final class Counts {
    private static final long HIGHEST_LATENCY_NS = 60_000_000_000L;

    /** Requests sent. */
    long sent;
    /** Requests that got a reply in time, whatever was in it. */
    long answered;
    /** Right answers with the value. */
    long hits;
    /** Answers that say there is none. */
    long misses;
    /** Answers with another key, flags, length or bytes than the item's. */
    long wrong;
    /** Values older than the last write that was acknowledged before the request was sent. */
    long stale;
    /** Replies that are not of the protocol. */
    long malformed;
    /** Second replies to a request. */
    long duplicate;
    /** Replies that came after their request was counted lost. */
    long late;
    /** Requests without a reply in time. */
    long lost;
    /** Latency in nanoseconds, from the intended time of sending. */
    final Histogram latency = new Histogram(HIGHEST_LATENCY_NS, 3);

    void record(long latencyNs) {
        latency.recordValue(Math.min(HIGHEST_LATENCY_NS, Math.max(0, latencyNs)));
    }

    /** Returns answers that should not have been. */
    long bad() {
        return wrong + stale + malformed;
    }

    double microseconds(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1_000.0;
    }

    /** Returns a table like mutilate's, latencies in microseconds. */
    String table(double seconds) {
        double minUs = latency.getTotalCount() == 0 ? 0 : latency.getMinValue() / 1_000.0;
        return String.format(Locale.ROOT, """
            #type       avg      min      1st      5th     10th     50th     90th     95th     99th   (us)
            read  %9.1f%9.1f%9.1f%9.1f%9.1f%9.1f%9.1f%9.1f%9.1f
            rate      %.0f answers/s over %.1f s
            sent      %d = %d answered + %d lost (%.3f %%)
            answers   %d hits, %d misses, %d wrong, %d stale, %d malformed
            besides   %d duplicate, %d late
            """, latency.getMean() / 1_000, minUs, microseconds(1), microseconds(5), microseconds(10),
            microseconds(50), microseconds(90), microseconds(95), microseconds(99), answered / seconds, seconds, sent,
            answered, lost, sent == 0 ? 0 : 100.0 * lost / sent, hits, misses, wrong, stale, malformed, duplicate,
            late);
    }

    /** Returns one JSON object. */
    String json(double seconds) {
        return String.format(Locale.ROOT, "{\"seconds\": %.3f, \"rate\": %.1f, \"sent\": %d, \"answered\": %d, "
                + "\"lost\": %d, \"hits\": %d, \"misses\": %d, \"wrong\": %d, \"stale\": %d, \"malformed\": %d, "
                + "\"duplicate\": %d, \"late\": %d, \"latency_us\": {\"mean\": %.1f, \"p50\": %.1f, \"p90\": %.1f, "
                + "\"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f}}%n",
            seconds, answered / seconds, sent, answered, lost, hits, misses, wrong, stale, malformed, duplicate, late,
            latency.getMean() / 1_000, microseconds(50), microseconds(90), microseconds(99), microseconds(99.9),
            latency.getMaxValue() / 1_000.0);
    }
}
