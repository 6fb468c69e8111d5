package dev.javelin.fastpath;

/**
 * What a worker counts. Totals since the start, but the two gauges at the end.
 */
public enum QueueCounter {
    /** Keys answered from the cache; a request with three keys counts three, as in memcached's own get_hits. */
    GET_HITS,
    /** Requests handed back since a key was not in the cache. XDP counts the misses it recognises itself. */
    GET_MISSES,
    /** Frames handed back to the kernel, for whatever reason. */
    HANDED_BACK,
    /** Reply datagrams given to the tx ring. */
    REPLIES_SENT,
    /** Frames taken from the rx ring. */
    RX_FRAMES,
    /** System calls that made the kernel look at the tx ring. */
    TX_WAKEUPS,
    /** System calls that made the kernel look at the fill ring. */
    FILL_WAKEUPS,
    /** Duty cycles that left received frames in the rx ring, as the tx or the hand-off ring was full. */
    STALLS,
    /** Duty cycles without a heartbeat, as too few frames were left for receiving. */
    HEARTBEATS_WITHHELD,
    /** Frames that a zero-copy driver was taken to hold when everything was at rest; always 0 in copy mode. */
    FRAMES_IN_DRIVER,
    /**
     * Frames missing when everything was at rest, beyond what the driver can hold; must be 0. Negative: a frame is
     * there twice.
     */
    FRAMES_LOST
}
