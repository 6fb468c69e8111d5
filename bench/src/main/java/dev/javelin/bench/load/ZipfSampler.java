package dev.javelin.bench.load;

import java.util.SplittableRandom;

/**
 * Draws items 0 to n-1, item {@code i} with a probability proportional to {@code 1 / (i + 1)^theta}.
 *
 * <p>The method is that of J. Gray et al., "Quickly Generating Billion-Record Synthetic Databases" (SIGMOD 1994), which
 * YCSB uses too: constant time per draw after one pass over the items. Used by one thread.
 */
final class ZipfSampler implements Sampler {
    private final SplittableRandom random;
    private final int items;
    private final double theta;
    private final double zeta;
    private final double alpha;
    private final double eta;

    /**
     * Creates a sampler.
     *
     * @param items how many, at least 1.
     * @param theta skew, 0 (uniform) up to but not including 1.
     */
    ZipfSampler(SplittableRandom random, int items, double theta) {
        this.random = random;
        this.items = items;
        this.theta = theta;
        zeta = zeta(items, theta);
        alpha = 1 / (1 - theta);
        eta = (1 - Math.pow(2.0 / items, 1 - theta)) / (1 - zeta(2, theta) / zeta);
    }

    @Override
    public int next() {
        if (theta == 0) {
            return random.nextInt(items);
        }
        double u = random.nextDouble();
        double scaled = u * zeta;
        if (scaled < 1) {
            return 0;
        }
        if (scaled < 1 + Math.pow(0.5, theta)) {
            return Math.min(1, items - 1);
        }
        return Math.min(items - 1, (int) (items * Math.pow(eta * u - eta + 1, alpha)));
    }

    private static double zeta(int n, double theta) {
        double sum = 0;
        for (int i = 1; i <= n; i++) {
            sum += 1 / Math.pow(i, theta);
        }
        return sum;
    }
}
