package dev.javelin.bench.load;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * What the requests ask for.
 *
 * @param distribution uniform, zipf or sequential.
 * @param theta        skew of zipf, more than 0, less than 1.
 * @param keysEach     keys of one request, 1 to {@value #MAX_KEYS_EACH}.
 * @param timeoutNs    after that a request is lost.
 * @param isVerified   whether replies are compared with what was written.
 */
record Workload(String distribution, double theta, int keysEach, long timeoutNs, boolean isVerified) {
    static final int MAX_KEYS_EACH = 64;
    static final long DEFAULT_TIMEOUT_NS = TimeUnit.MILLISECONDS.toNanos(500);

    Sampler sampler(SplittableRandom random, int items) {
        return Sampler.of(distribution, random, items, theta);
    }
}
