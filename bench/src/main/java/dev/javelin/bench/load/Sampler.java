package dev.javelin.bench.load;

import java.util.SplittableRandom;

/** Draws the item of the next request. Used by one thread. */
@FunctionalInterface
interface Sampler {
    /** Returns 0 to items - 1. */
    int next();

    /**
     * Makes a sampler.
     *
     * @param distribution uniform, zipf or sequential.
     * @param random       of the sampler's own.
     * @param items        how many, at least 1.
     * @param theta        skew of zipf, more than 0, less than 1.
     */
    static Sampler of(String distribution, SplittableRandom random, int items, double theta) {
        return switch (distribution) {
            // A product instead of nextInt's division; some items are more likely by one in 2^32 / items.
            case "uniform" -> () -> (int) ((random.nextInt() & 0xFFFF_FFFFL) * items >>> Integer.SIZE);
            case "sequential" -> sequential(random.nextInt(items), items);
            default -> new ZipfSampler(random, items, theta);
        };
    }

    private static Sampler sequential(int first, int items) {
        return new Sampler() {
            private int next = first;

            @Override
            public int next() {
                int item = next;
                next = item + 1 == items ? 0 : item + 1;
                return item;
            }
        };
    }
}
