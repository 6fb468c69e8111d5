package dev.javelin.bench.compare;

import java.util.List;

/** Samples in the order of time, and what lies between them. Never changes. */
final class Timeline {
    private final List<Sample> samples;

    /**
     * Takes over samples.
     *
     * @param samples at least two, each later than the one before it.
     */
    Timeline(List<Sample> samples) {
        if (samples.size() < 2) {
            throw new IllegalArgumentException("a timeline needs two samples");
        }
        this.samples = List.copyOf(samples);
    }

    /**
     * Returns what was counted until {@code ns}, on a straight line between the samples around it.
     *
     * @throws IllegalArgumentException if {@code ns} lies outside the samples.
     */
    Sample at(long ns) {
        int low = 0;
        int high = samples.size() - 1;
        if (ns - samples.get(low).atNs() < 0 || ns - samples.get(high).atNs() > 0) {
            throw new IllegalArgumentException("no samples around " + ns + ": they reach from "
                + samples.get(low).atNs() + " to " + samples.get(high).atNs());
        }
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (samples.get(middle).atNs() - ns <= 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return samples.get(low).towards(samples.get(high), ns);
    }
}
