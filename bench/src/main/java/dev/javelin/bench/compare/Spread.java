package dev.javelin.bench.compare;

import java.util.Arrays;

/**
 * The middle and the ends of some figures.
 *
 * @param median the middle one; the mean of the two middle ones if their number is even.
 * @param min    the least.
 * @param max    the greatest.
 * @param count  how many there are.
 */
record Spread(double median, double min, double max, int count) {
    /** Returns the spread of {@code figures} in any order, or null if there are none. */
    static Spread of(double... figures) {
        if (figures.length == 0) {
            return null;
        }
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }
}
