package dev.javelin.bench.reflect;

/**
 * The histogram of xdp_reflect.bpf.c: values below 128 ns have buckets of their own, above there are 64 buckets for
 * each power of two up to 2^36 ns (68 s). A bucket's middle is at most 0.8 % off any value in it.
 */
public final class LatencyBuckets {
    /** Number of buckets. */
    public static final int COUNT = (36 - 6 + 1) << 6;

    private static final int SUB_BUCKET_BITS = 6;

    private LatencyBuckets() {
    }

    /**
     * The value that stands for a bucket.
     *
     * @param bucket 0 to {@link #COUNT} - 1
     * @return nanoseconds, in the middle
     */
    public static long middleNs(final int bucket) {
        final int shift = Math.max(0, (bucket >> SUB_BUCKET_BITS) - 1);
        final long lowest = (long) (bucket - (shift << SUB_BUCKET_BITS)) << shift;
        return lowest + (1L << shift >> 1);
    }
}
