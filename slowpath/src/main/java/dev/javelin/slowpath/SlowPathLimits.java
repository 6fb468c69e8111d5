package dev.javelin.slowpath;

/**
 * Sizes that memcached's protocol fixes.
 */
final class SlowPathLimits {
    /** KEY_MAX_LENGTH of memcached.h. */
    static final int MAX_KEY_LENGTH = 250;

    /** Longer values can never be part of a reply of one datagram (1,400 B with the frame header). */
    static final int MAX_VALUE_LENGTH = 1_400;

    private SlowPathLimits() {
    }
}
