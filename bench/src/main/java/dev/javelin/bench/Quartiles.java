package dev.javelin.bench;

import java.util.Arrays;

/**
 * The middle half of some figures, which a few disturbed ones do not move.
 *
 * @param lower  a quarter are less
 * @param median half are less
 * @param upper  a quarter are greater
 * @param count  how many figures there are
 */
public record Quartiles(double lower, double median, double upper, int count) {
    /** Quartiles of the normal distribution are this many standard deviations apart. */
    private static final double WIDTH = 1.349;
    /** The standard error of a median to that of a mean. */
    private static final double MEDIAN_TO_MEAN = 1.253;

    /**
     * The quartiles of some figures.
     *
     * @param figures in any order, at least one; left as they are
     * @return their quartiles
     */
    public static Quartiles of(double... figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        int count = sorted.length;
        return new Quartiles(sorted[count / 4], sorted[count / 2], sorted[3 * count / 4], count);
    }

    /**
     * The standard error of the median, if the middle half is spread as a normal distribution's is.
     *
     * @return not negative, in the figures' unit
     */
    public double medianError() {
        return MEDIAN_TO_MEAN * (upper - lower) / WIDTH / Math.sqrt(count);
    }
}
