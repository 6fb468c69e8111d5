package dev.javelin.bench.compare;

import java.util.List;
import java.util.Set;

/** Results that no generator wrote. */
final class MadeUp {
    static final long SENT = 1_000;
    static final long LOST = 2;

    private MadeUp() {
    }

    /** Returns a result of which 50 % took 20 us, 99.9 % 80 us and the longest 1 ms. */
    static LoadResult load(double rate, String bottleneck) {
        return load(rate, bottleneck, 0, new long[0]);
    }

    static LoadResult load(double rate, String bottleneck, long startNs, long... windows) {
        double[][] percentiles = {{0, 10}, {50, 20}, {99.9, 80}};
        return new LoadResult(1, rate, rate, SENT, SENT - LOST, LOST, SENT - LOST, 0, 0, 0, 0,
            new LoadResult.LatencyUs(25, 20, 70, 90, 95, 1_000), percentiles, startNs, 100_000_000, windows, "made up",
            1, bottleneck);
    }

    /** Returns the runs as if the generator had been the limit for these subjects and for no others. */
    static List<Run> limited(List<Run> runs, Set<String> subjects, String bottleneck) {
        return runs.stream().map(run -> new Run(run.subject(), run.round(), run.rate(), run.serverCpuNs(),
            run.processNs(), run.serverBusy(), run.clientBusy(), subjects.contains(run.subject()) ? bottleneck : null,
            run.windows(), run.load())).toList();
    }
}
