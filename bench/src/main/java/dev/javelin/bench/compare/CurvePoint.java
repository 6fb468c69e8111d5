package dev.javelin.bench.compare;

import java.util.ArrayList;
import java.util.List;

/**
 * A run with a fixed rate: one point of the curve of latency against rate.
 *
 * @param subject    id of what was measured.
 * @param targetRate requests per second that were to be sent.
 * @param rate       answers per second over the whole run: latency is of all of it, too.
 * @param p50Us      median latency from the intended time of sending, microseconds.
 * @param p99Us      its 99th percentile.
 * @param lostShare  share of the requests without an answer, 0 to 1.
 * @param cleanShare share of the windows that count, 0 to 1.
 * @param held       whether the rate was held.
 * @param bottleneck why the generator was the limit; null if it was not.
 */
record CurvePoint(String subject, double targetRate, double rate, double p50Us, double p99Us, double lostShare,
                  double cleanShare, boolean held, String bottleneck) {
    private static final double MOST_LOST = 0.01;
    private static final double LEAST_SENT_AND_ANSWERED = 0.97;
    private static final double FIRST_SHARE = 0.25;
    private static final double LAST_SHARE = 1.1;

    /** Makes a point of a run. */
    static CurvePoint of(double targetRate, Run run) {
        LoadResult load = run.load();
        double cleanShare = run.windows().isEmpty() ? 0 : (double) run.cleanWindows() / run.windows().size();
        boolean held = load.lostShare() <= MOST_LOST && load.rate() >= LEAST_SENT_AND_ANSWERED * targetRate;
        return new CurvePoint(run.subject(), targetRate, load.rate(), load.latencyUs().p50(), load.latencyUs().p99(),
            load.lostShare(), cleanShare, held, load.bottleneck());
    }

    /**
     * Chooses rates, the same for all, from well below the slowest to a little beyond the fastest, each the same number
     * of times the one before it.
     *
     * @param slowest what the slowest reached, answers per second.
     * @param fastest what the fastest reached.
     * @param steps   how many rates, at least two.
     */
    static List<Double> rates(double slowest, double fastest, int steps) {
        List<Double> rates = new ArrayList<>();
        double first = FIRST_SHARE * slowest;
        double factor = Math.pow(LAST_SHARE * fastest / first, 1.0 / (steps - 1));
        for (int i = 0; i < steps; i++) {
            rates.add((double) Math.round(first * Math.pow(factor, i) / 1_000) * 1_000);
        }
        return rates;
    }
}
