package dev.javelin.afxdp;

/**
 * The secret words of the key hash, made from its seed by splitmix64 (Steele, Lea, Flood, OOPSLA '14), as
 * key_hash_expand() of key_hash.h makes them. The XDP program finds them in its configuration.
 */
public final class HashKeys {
    /** Number of words: two for every 8 bytes of the longest key, 250 bytes. */
    public static final int COUNT = 64;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private HashKeys() {
    }

    /**
     * Expands a seed.
     *
     * @param seed any value
     * @return {@link #COUNT} u32 words; words 2i and 2i + 1 belong to bytes 8i to 8i + 7 of a key
     */
    public static int[] expand(final long seed) {
        final int[] keys = new int[COUNT];
        long state = seed;
        for (int i = 0; i < COUNT; i += 2) {
            state += GOLDEN;
            long z = state;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            keys[i] = (int) z;
            keys[i + 1] = (int) (z >>> 32);
        }
        return keys;
    }
}
