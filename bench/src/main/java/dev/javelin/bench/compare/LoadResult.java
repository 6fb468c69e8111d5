package dev.javelin.bench.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What one run of the load generator wrote with {@code --json}.
 *
 * @param seconds       length of the measured phase.
 * @param rate          answers per second over all of it.
 * @param sentPerSecond requests per second over all of it.
 * @param sent          requests; {@code answered + lost}.
 * @param answered      requests that got a reply in time.
 * @param lost          requests that got none.
 * @param hits          right answers with a value.
 * @param misses        answers that say there is none.
 * @param wrong         answers with other bytes than the item's.
 * @param stale         values older than an acknowledged write.
 * @param malformed     replies that are not of the protocol.
 * @param latencyUs     latency in microseconds.
 * @param percentiles   pairs of percentile (0 to 100) and microseconds, rising.
 * @param startNs       start of the measured phase, {@link System#nanoTime()} of this machine.
 * @param windowNs      length of a window.
 * @param windows       answers in each window, from {@code startNs} on.
 * @param transport     how the generator sends, for people.
 * @param threads       threads that send.
 * @param bottleneck    why the generator itself was the limit; null if it was not.
 */
record LoadResult(double seconds, double rate, double sentPerSecond, long sent, long answered, long lost, long hits,
                  long misses, long wrong, long stale, long malformed, LatencyUs latencyUs, double[][] percentiles,
                  long startNs, long windowNs, long[] windows, String transport, int threads, String bottleneck) {
    /** Latency in microseconds: mean, percentiles and the longest. */
    record LatencyUs(double mean, double p50, double p90, double p99, double p999, double max) {
    }

    /**
     * Reads a result.
     *
     * @param file what {@code load --json} wrote.
     * @throws IOException if it cannot be read or lacks something; the message names the file.
     */
    static LoadResult read(Path file) throws IOException {
        try {
            return parse(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no result of the load generator: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads a result from its text.
     *
     * @throws JsonProcessingException if it is no JSON, or a figure is missing.
     */
    static LoadResult parse(String text) throws JsonProcessingException {
        return Json.MAPPER.readValue(text, LoadResult.class);
    }

    /** Returns answers that should not have been. */
    long bad() {
        return wrong + stale + malformed;
    }

    /** Returns the share of the requests that got no answer, 0 to 1. */
    double lostShare() {
        return sent == 0 ? 0 : (double) lost / sent;
    }
}
