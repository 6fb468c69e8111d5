package dev.javelin.afxdp;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/**
 * What the XDP program is told before it is loaded. Link-local and multicast addresses are never served, so they may be
 * in the list and are left out of it.
 *
 * @param port             UDP port, 1 to 65,535
 * @param queueCount       queues 0 to {@code queueCount - 1} may have a worker; 1 to 1,024
 * @param bucketCount      buckets of the index, of 8 tags each: a power of two up to 2^26
 * @param hashSeed         secret and new at every start: whoever knows it can aim keys at a bucket
 * @param heartbeatLimitNs a worker whose heartbeat is older is passed by; positive
 * @param addresses        the served ones; at most {@link #MAX_ADDRESSES} of IPv4 and as many of IPv6
 * @param hardwareAddress  the interface's MAC, 6 bytes
 */
public record XdpOptions(
    int port,
    int queueCount,
    int bucketCount,
    long hashSeed,
    long heartbeatLimitNs,
    List<InetAddress> addresses,
    byte[] hardwareAddress) {
    /** Served addresses of one family. */
    public static final int MAX_ADDRESSES = 16;

    /** Tags in one bucket, u16 each. */
    public static final int WAYS = 8;

    static final int MAX_QUEUES = 1024;
    static final int MAX_BUCKETS = 1 << 26;
    private static final int MAC_BYTES = 6;

    /** Checks every range. */
    public XdpOptions {
        check(port >= 1 && port <= 0xffff, "port", port, "1 to 65535");
        check(queueCount >= 1 && queueCount <= MAX_QUEUES, "queueCount", queueCount, "1 to " + MAX_QUEUES);
        check(
            Integer.bitCount(bucketCount) == 1 && bucketCount > 0 && bucketCount <= MAX_BUCKETS,
            "bucketCount",
            bucketCount,
            "a power of two up to " + MAX_BUCKETS);
        check(heartbeatLimitNs > 0, "heartbeatLimitNs", heartbeatLimitNs, "positive");
        check(hardwareAddress.length == MAC_BYTES, "hardwareAddress.length", hardwareAddress.length, "6");
        addresses = addresses.stream().filter(a -> !a.isLinkLocalAddress() && !a.isMulticastAddress()).toList();
        for (final InetAddress address : addresses) {
            check(
                !address.isAnyLocalAddress() && !address.isLoopbackAddress(),
                "addresses",
                address.getHostAddress(),
                "the interface's own addresses, each by itself");
        }
        final long ipv4 = addresses.stream().filter(Inet4Address.class::isInstance).count();
        final long ipv6 = addresses.stream().filter(Inet6Address.class::isInstance).count();
        check(Math.max(ipv4, ipv6) <= MAX_ADDRESSES, "addresses", addresses, "at most 16 of a family");
    }

    private static void check(final boolean right, final String name, final Object value, final String allowed) {
        if (!right) {
            throw new IllegalArgumentException(name + " is " + value + "; allowed: " + allowed);
        }
    }
}
