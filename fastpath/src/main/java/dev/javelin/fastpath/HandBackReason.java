package dev.javelin.fastpath;

/**
 * Why a frame that reached user space goes back to the kernel, untouched, for memcached to answer. The {@link #code} is
 * the descriptor's options on the hand-off ring to the slow path.
 */
public enum HandBackReason {
    /** The key is not in the cache: evicted or removed since XDP looked, or another key has the same tag. */
    NOT_CACHED,
    /** The entry's deadline has passed. */
    EXPIRED,
    /** memcached changed something under the entry's write-table words since it was filled. */
    OVERWRITTEN,
    /** A key of a multi-key request is not in the cache. */
    MULTI_KEY_MISS,
    /** The reply does not fit one datagram, the interface's MTU or the frame. */
    REPLY_TOO_LARGE,
    /** Not a request in the one form that is served; memcached decides what it is. */
    MALFORMED,
    /** The IPv4 or UDP checksum is wrong; the kernel will drop it and count it. */
    CHECKSUM,
    /** The sender's address is not one a reply may go to (group, loopback, unspecified; source port 0). */
    SENDER;

    private static final HandBackReason[] REASONS = values();

    /**
     * The reason as a number.
     *
     * @return 1 and up, never 0
     */
    public int code() {
        return ordinal() + 1;
    }

    /**
     * The reason of a number.
     *
     * @param code as of {@link #code}
     * @return the reason
     * @throws ArrayIndexOutOfBoundsException if no reason has this code
     */
    public static HandBackReason of(final int code) {
        return REASONS[code - 1];
    }
}
