package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteOrder;

/**
 * The layout of {@code config} in xdp_config.h, which is the program's whole .rodata.
 * <pre>
 *   0 u32 hash_keys[64]            280 u32 ipv4_addresses[16]     600 u16 port
 * 256 u64 heartbeat_limit_ns       344 u32 ipv6_addresses[16][4]  602 u8  mac[6]
 * 264 u32 queue_count
 * 268 u32 bucket_mask
 * 272 u32 ipv4_count
 * 276 u32 ipv6_count
 * </pre>
 */
final class XdpConfig {
    static final int BYTES = 608;

    private static final int HEARTBEAT_LIMIT_OFFSET = 256;
    private static final int QUEUE_COUNT_OFFSET = 264;
    private static final int BUCKET_MASK_OFFSET = 268;
    private static final int IPV4_COUNT_OFFSET = 272;
    private static final int IPV6_COUNT_OFFSET = 276;
    private static final int IPV4_ADDRESSES_OFFSET = 280;
    private static final int IPV6_ADDRESSES_OFFSET = 344;
    private static final int PORT_OFFSET = 600;
    private static final int MAC_OFFSET = 602;

    private XdpConfig() {
    }

    static MemorySegment of(final XdpOptions options, final Arena arena) {
        final MemorySegment config = arena.allocate(BYTES, Long.BYTES);
        MemorySegment.copy(HashKeys.expand(options.hashSeed()), 0, config, INT, 0, HashKeys.COUNT);
        config.set(LONG, HEARTBEAT_LIMIT_OFFSET, options.heartbeatLimitNs());
        config.set(INT, QUEUE_COUNT_OFFSET, options.queueCount());
        config.set(INT, BUCKET_MASK_OFFSET, options.bucketCount() - 1);
        int ipv4Count = 0;
        int ipv6Count = 0;
        for (final InetAddress address : options.addresses()) {
            final byte[] bytes = address.getAddress();
            final int offset = address instanceof Inet4Address
                ? IPV4_ADDRESSES_OFFSET + bytes.length * ipv4Count++
                : IPV6_ADDRESSES_OFFSET + bytes.length * ipv6Count++;
            MemorySegment.copy(bytes, 0, config, ValueLayout.JAVA_BYTE, offset, bytes.length);
        }
        config.set(INT, IPV4_COUNT_OFFSET, ipv4Count);
        config.set(INT, IPV6_COUNT_OFFSET, ipv6Count);
        config.set(
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), PORT_OFFSET, (short) options.port());
        MemorySegment.copy(
            options.hardwareAddress(), 0, config, ValueLayout.JAVA_BYTE, MAC_OFFSET, options.hardwareAddress().length);
        return config;
    }
}
