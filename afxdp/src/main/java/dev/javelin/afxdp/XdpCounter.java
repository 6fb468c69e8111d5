package dev.javelin.afxdp;

/**
 * What the XDP program counts per queue; the order is that of {@code struct counters} in xdp_memcached.bpf.c. Every
 * packet is either passed or redirected.
 */
public enum XdpCounter {
    /** Packets left to the kernel, for whatever reason. */
    PASSED,
    /** Packets given to the queue's worker. */
    REDIRECTED,
    /** Well-formed gets whose first key is not in the index; passed. */
    MISSES,
    /** Gets for an indexed key that were passed because the worker's heartbeat was too old. */
    STALE_HEARTBEAT,
    /** Keys of misses left in the {@link MissRing}. */
    SAMPLES,
    /** Keys of misses for which the {@link MissRing} had no room. */
    SAMPLES_DROPPED,
    /** Packets redirected without metadata, since the driver has no room for it: their worker hashes the key again. */
    WITHOUT_METADATA;

    /** Number of counters. */
    public static final int COUNT = values().length;
}
