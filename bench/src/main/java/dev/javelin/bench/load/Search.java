package dev.javelin.bench.load;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks for the highest rate of an open loop at which a percentile of the latency stays within a goal: doubles the rate
 * until it does not, then halves the gap. A rate also fails if more than {@value #LOST_PERCENT} % of the requests are
 * lost, or if fewer than {@value #SENT_SHARE} of them could be sent. It does not matter who was late, server or
 * generator: the latency counts from the intended time of sending.
 *
 * @param percentile more than 0, less than 100.
 * @param goalNs     for it.
 */
record Search(double percentile, long goalNs) {
    static final double LOST_PERCENT = 0.1;
    static final double SENT_SHARE = 0.99;
    private static final Pattern FORM = Pattern.compile("p(\\d{1,2}(?:\\.\\d{1,3})?):(\\d{1,7})(us|ms)");
    private static final double FIRST_RATE = 5_000;
    private static final double MAX_RATE = 1e8;
    /** The gap is halved until it is below this share of the rate. */
    private static final double PRECISION = 0.03;
    private static final long STEP_NS = TimeUnit.SECONDS.toNanos(1);

    /** Reads {@code p99:500us} or {@code p99.9:2ms}; returns null if the text is not of that form. */
    static Search parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || Double.parseDouble(matcher.group(1)) == 0 || Long.parseLong(matcher.group(2)) == 0) {
            return null;
        }
        long unitNs = matcher.group(3).equals("us") ? 1_000 : 1_000_000;
        return new Search(Double.parseDouble(matcher.group(1)), Long.parseLong(matcher.group(2)) * unitNs);
    }

    /**
     * Searches.
     *
     * @param shape of the phases, but for rate and duration.
     * @param out   gets a line for each rate that is tried.
     * @return requests per second; 0 if not even the lowest rate keeps the goal.
     */
    double highestRate(Generator generator, Phase shape, PrintStream out) throws IOException, InterruptedException {
        double good = 0;
        double bad = FIRST_RATE;
        while (bad < MAX_RATE && keeps(generator, shape, bad, out)) {
            good = bad;
            bad *= 2;
        }
        double floor = FIRST_RATE / 64;
        while (bad - good > PRECISION * bad && bad > floor) {
            double middle = (good + bad) / 2;
            if (keeps(generator, shape, middle, out)) {
                good = middle;
            } else {
                bad = middle;
            }
        }
        return good;
    }

    private boolean keeps(Generator generator, Phase shape, double rate, PrintStream out)
        throws IOException, InterruptedException {
        Result result = generator.run(new Phase(0, STEP_NS, rate, shape.poisson(), shape.window()),
            Generator.Progress.NONE);
        boolean keeps = isKept(result, rate);
        out.printf(Locale.ROOT, "search    %,9.0f/s  p%s %.0f us, %.2f %% lost%s: %s%n", rate,
            Double.toString(percentile).replaceAll("\\.0$", ""), result.microseconds(percentile),
            result.lostPercent(), result.bottleneck() == null ? "" : ", " + result.bottleneck(),
            keeps ? "kept" : "not kept");
        return keeps;
    }

    /** Returns whether a phase at a rate has kept the goal. */
    boolean isKept(Result result, double rate) {
        return result.sentPerSecond() >= SENT_SHARE * rate && result.lostPercent() <= LOST_PERCENT
            && result.latency().getValueAtPercentile(percentile) <= goalNs;
    }
}
