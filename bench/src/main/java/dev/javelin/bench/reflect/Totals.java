package dev.javelin.bench.reflect;

/**
 * What a {@link Reflector} has counted.
 *
 * @param startNs   System.nanoTime() at the start of a run; 0 for totals of no run in particular
 * @param counters  of XDP, at {@link ReflectCounter}'s ordinals
 * @param seeded    requests sent by user space
 * @param lost      requests without a reply in time
 * @param latencies answers in each of {@link LatencyBuckets}
 */
public record Totals(long startNs, long[] counters, long seeded, long lost, long[] latencies) {
    /**
     * One counter of XDP's.
     *
     * @param counter which
     * @return its value
     */
    public long get(final ReflectCounter counter) {
        return counters[counter.ordinal()];
    }

    /**
     * Requests sent, whoever sent them.
     *
     * @return a number
     */
    public long sent() {
        return get(ReflectCounter.SENT) + seeded;
    }

    /**
     * What was counted in between.
     *
     * @param before earlier totals
     * @return differences
     */
    public Totals since(final Totals before) {
        return since(before, startNs);
    }

    Totals since(final Totals before, final long runStartNs) {
        return new Totals(runStartNs, minus(counters, before.counters), seeded - before.seeded, lost - before.lost,
            minus(latencies, before.latencies));
    }

    private static long[] minus(final long[] now, final long[] before) {
        final long[] difference = new long[now.length];
        for (int i = 0; i < now.length; i++) {
            difference[i] = now[i] - before[i];
        }
        return difference;
    }
}
