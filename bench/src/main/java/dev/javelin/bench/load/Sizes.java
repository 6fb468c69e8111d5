package dev.javelin.bench.load;

import java.util.Arrays;
import java.util.Locale;

/**
 * How large keys or values are: a fixed size, an even range, or a distribution measured at Facebook. The size of an
 * item follows from its number alone. Immutable, for any thread.
 *
 * <p>{@code fb_key} and {@code fb_value} are the fits of the pool ETC in B. Atikoglu et al., "Workload Analysis of a
 * Large-Scale Key-Value Store" (SIGMETRICS 2012), section 5, which mutilate has under the same names: key sizes follow
 * a generalized extreme value distribution, value sizes a table up to 14 bytes and a generalized Pareto distribution
 * above.
 * Sizes outside the limits are cut to them.
 */
final class Sizes {
    /** Probability of value sizes 0 to 14, from the paper's table 5. */
    private static final double[] SMALL_VALUES = {
        0.00536, 0.00047, 0.17820, 0.09239, 0.00018, 0.02740, 0.00065, 0.00606, 0.00023, 0.00837, 0.00837, 0.08989,
        0.00092, 0.00326, 0.01980};
    private static final double SMALL_VALUES_SHARE = Arrays.stream(SMALL_VALUES).sum();

    /** The size at a quantile, 0 up to but not including 1. */
    @FunctionalInterface
    private interface Quantile {
        double size(double quantile);
    }

    private final int least;
    private final int most;
    private final Quantile quantile;

    private Sizes(int least, int most, Quantile quantile) {
        this.least = least;
        this.most = most;
        this.quantile = quantile;
    }

    /** Sizes from one number to another, each as likely as any other. */
    static Sizes between(int least, int most) {
        return new Sizes(least, most, quantile -> least + quantile * (most - least + 1));
    }

    /**
     * Reads {@code 16}, {@code 8-64}, {@code fb_key} or {@code fb_value}.
     *
     * @param least allowed.
     * @param most  allowed.
     * @return null if the text is none of these, or out of bounds.
     */
    static Sizes parse(String text, int least, int most) {
        switch (text.toLowerCase(Locale.ROOT)) {
            case "fb_key":
                return new Sizes(least, most, Sizes::facebookKey);
            case "fb_value":
                return new Sizes(least, most, Sizes::facebookValue);
            default:
                String[] ends = text.split("-", 2);
                try {
                    int from = Integer.parseInt(ends[0]);
                    int to = Integer.parseInt(ends[ends.length - 1]);
                    return from < least || to < from || to > most ? null : between(from, to);
                } catch (NumberFormatException notANumber) {
                    return null;
                }
        }
    }

    private static double facebookKey(double quantile) {
        double location = 30.7984;
        double scale = 8.20449;
        double shape = 0.078688;
        return location + scale / shape * (Math.pow(-Math.log(Math.max(quantile, 1e-12)), -shape) - 1);
    }

    private static double facebookValue(double quantile) {
        double rest = quantile;
        for (int size = 0; size < SMALL_VALUES.length; size++) {
            rest -= SMALL_VALUES[size];
            if (rest < 0) {
                return size;
            }
        }
        double location = 15;
        double scale = 214.476;
        double shape = 0.348238;
        double above = rest / (1 - SMALL_VALUES_SHARE);
        return location + scale / shape * (Math.pow(1 - above, -shape) - 1);
    }

    /**
     * Returns a size.
     *
     * @param random 32 bits, the same for the same item.
     */
    int size(int random) {
        double size = quantile.size((random >>> 1) / (double) (1L << 31));
        return (int) Math.max(least, Math.min(most, size));
    }
}
