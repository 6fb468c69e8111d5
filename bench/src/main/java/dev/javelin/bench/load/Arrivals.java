package dev.javelin.bench.load;

import java.util.SplittableRandom;

/**
 * When the requests of an open loop are to be sent: at even distances, or as a Poisson process, whose distances follow
 * an exponential distribution. Used by one thread.
 */
final class Arrivals {
    private final double meanGapNs;
    private final SplittableRandom random;
    private double dueNs;

    /**
     * Makes a schedule that begins at once.
     *
     * @param rate   requests per second, more than 0.
     * @param random of the schedule's own; null for even distances.
     */
    Arrivals(double rate, SplittableRandom random) {
        meanGapNs = 1e9 / rate;
        this.random = random;
    }

    /** Returns when the next request is to be sent, in nanoseconds from the start. */
    long dueNs() {
        return (long) dueNs;
    }

    /** The next request has left. */
    void advance() {
        dueNs += random == null ? meanGapNs : -Math.log(1 - random.nextDouble()) * meanGapNs;
    }
}
