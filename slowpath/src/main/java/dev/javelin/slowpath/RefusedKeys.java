package dev.javelin.slowpath;

import java.util.concurrent.TimeUnit;

/**
 * Remembers for a short time which keys cannot be cached (a value too large, one that is about to expire), so that a
 * popular large value is not fetched again for every miss of it.
 *
 * <p>A direct-mapped table: a newer key takes the place of an older one. A key forgotten too early costs one fetch, and
 * a key remembered too long stays uncached for {@link #REFUSAL_NS}. Used by the slow path's thread.
 */
final class RefusedKeys {
    static final long REFUSAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int SLOTS = 4_096;

    private final long[] hashes = new long[SLOTS];
    private final long[] refusedAtNs = new long[SLOTS];

    void add(long hash, long nowNs) {
        int slot = slot(hash);
        hashes[slot] = hash;
        refusedAtNs[slot] = nowNs;
    }

    boolean contains(long hash, long nowNs) {
        int slot = slot(hash);
        return hashes[slot] == hash && nowNs - refusedAtNs[slot] < REFUSAL_NS;
    }

    private static int slot(long hash) {
        return (int) (hash >>> 32) & SLOTS - 1;
    }
}
