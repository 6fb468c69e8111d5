package dev.javelin.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * What the runs against one subject say together. Runs of which less than half of the windows count are set aside.
 *
 * @param subject         its id.
 * @param runs            runs that count.
 * @param runsSetAside    runs that do not.
 * @param rate            answers per second; null if no run counts, as are the next ones.
 * @param serverCpuNs     CPU time of the server's CPUs per answer.
 * @param processNs       CPU time of the processes that serve per answer.
 * @param p50Us           median latency in microseconds, over whole runs.
 * @param p99Us           its 99th percentile.
 * @param windows         windows of all runs.
 * @param windowsStolen   of these, set aside because of the host.
 * @param windowsForeign  of these, set aside because of other processes.
 * @param requests        requests of all runs.
 * @param lost            of these, without an answer.
 * @param bad             answers that should not have been.
 * @param bottleneck      why the rate is but a lower bound; null if it is not.
 * @param percentiles     latency: percentile, then median, least and greatest of the runs in microseconds.
 */
record Summary(String subject, int runs, int runsSetAside, Spread rate, Spread serverCpuNs, Spread processNs,
               Spread p50Us, Spread p99Us, int windows, int windowsStolen, int windowsForeign, long requests, long lost,
               long bad, String bottleneck, List<double[]> percentiles) {
    /** Where the curves have their points: evenly on an axis that shows 1 / (1 - p) as a logarithm. */
    private static final int POINTS_PER_DECADE = 20;
    private static final int DECADES = 5;

    /** Returns whether enough of the windows of a run count for the run to count. */
    static boolean counts(Run run) {
        return !run.windows().isEmpty() && 2 * run.cleanWindows() >= run.windows().size();
    }

    /**
     * Sums up.
     *
     * @param subject the id of what is summed up.
     * @param all     runs, also those of others.
     */
    static Summary of(String subject, List<Run> all) {
        List<Run> runs = all.stream().filter(run -> run.subject().equals(subject)).toList();
        List<Run> good = runs.stream().filter(Summary::counts).toList();
        Spread rate = spread(good, Run::rate);
        return new Summary(subject, good.size(), runs.size() - good.size(), rate,
            spread(good, Run::serverCpuNs), spread(good, Run::processNs),
            spread(good, run -> run.load().latencyUs().p50()), spread(good, run -> run.load().latencyUs().p99()),
            runs.stream().mapToInt(run -> run.windows().size()).sum(),
            runs.stream().mapToInt(run -> run.setAside(Window.STEAL)).sum(),
            runs.stream().mapToInt(run -> run.setAside(Window.FOREIGN)).sum(),
            runs.stream().mapToLong(run -> run.load().sent()).sum(),
            runs.stream().mapToLong(run -> run.load().lost()).sum(),
            runs.stream().mapToLong(run -> run.load().bad()).sum(),
            bottleneck(good),
            percentiles(good));
    }

    /** A run above the middle could not move the median, however fast it might have been. */
    private static String bottleneck(List<Run> runs) {
        double[] rates = runs.stream().mapToDouble(Run::rate).toArray();
        return runs.stream().filter(run -> run.rate() <= Spread.upperMiddle(rates)).map(Run::bottleneck)
            .filter(Objects::nonNull).findFirst().orElse(null);
    }

    private static Spread spread(List<Run> runs, ToDoubleFunction<Run> figure) {
        return Spread.of(runs.stream().mapToDouble(figure).toArray());
    }

    private static List<double[]> percentiles(List<Run> runs) {
        List<double[]> points = new ArrayList<>();
        for (int i = 0; !runs.isEmpty() && i <= POINTS_PER_DECADE * DECADES; i++) {
            double percentile = 100 * (1 - Math.pow(10, -(double) i / POINTS_PER_DECADE));
            Spread spread = spread(runs, run -> latencyUs(run.load(), percentile));
            points.add(new double[] {percentile, spread.median(), spread.min(), spread.max()});
        }
        return points;
    }

    /** Returns the latency that {@code percentile} of the answers did not exceed, as far as the points tell. */
    static double latencyUs(LoadResult load, double percentile) {
        for (double[] point : load.percentiles()) {
            if (point[0] >= percentile) {
                return point[1];
            }
        }
        return load.latencyUs().max();
    }
}
