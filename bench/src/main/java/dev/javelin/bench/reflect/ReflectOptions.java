package dev.javelin.bench.reflect;

import java.net.InetSocketAddress;

/**
 * What a {@link Reflector} is to do.
 *
 * @param server        resolved address and UDP port
 * @param interfaceName through which the server's replies come, in the calling thread's network namespace
 * @param firstPort     first of our own UDP ports
 * @param portCount     of them, at least 1; the row belongs to nobody else
 * @param window        requests on their way at once, 1 to {@link #MAX_WINDOW}
 * @param isEcho        whether replies are the requests themselves
 * @param verifyEvery   one reply in so many goes to user space, at least 1
 * @param timeoutNs     after that a request is lost and its slot seeded again
 * @param windowCount   stretches of {@link #WINDOW_NS} for which answers are counted
 */
public record ReflectOptions(
    InetSocketAddress server,
    String interfaceName,
    int firstPort,
    int portCount,
    int window,
    boolean isEcho,
    int verifyEvery,
    long timeoutNs,
    int windowCount) {
    /** Four bits of the request id are left to tell the requests of a slot apart. */
    public static final int MAX_WINDOW = 4_096;

    /** Each item takes 264 bytes of the kernel's memory. */
    public static final int MAX_ITEMS = 1_000_000;

    /** Nanoseconds of a stretch of time for which answers are counted. */
    public static final long WINDOW_NS = 100_000_000L;

    /** Number of bits of a slot's number. */
    int slotBits() {
        return Integer.SIZE - Integer.numberOfLeadingZeros(window - 1);
    }
}
