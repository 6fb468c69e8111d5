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
        return new Spread((lowerMiddle(figures) + upperMiddle(figures)) / 2, Arrays.stream(figures).min().orElseThrow(),
            Arrays.stream(figures).max().orElseThrow(), figures.length);
    }

    /** Returns the least figure that moves the median if it becomes less; of an odd number the median. */
    static double lowerMiddle(double... figures) {
        return Arrays.stream(figures).sorted().skip((figures.length - 1) / 2).findFirst().orElseThrow();
    }

    /** Returns the greatest figure that moves the median if it becomes greater; of an odd number the median. */
    static double upperMiddle(double... figures) {
        return Arrays.stream(figures).sorted().skip(figures.length / 2).findFirst().orElseThrow();
    }
}
