package dev.javelin.bench.load;

import dev.javelin.fastpath.InternetChecksum;
import dev.javelin.fastpath.UdpFlyweight;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes request frames: Ethernet, IPv4 or IPv6, UDP, payload. All headers of a connection stand ready in a template;
 * of each frame only the two lengths and the two checksums are new, and the checksums start from the template's sums.
 * Checksums stand as they were summed, little-endian, as everything Javelin runs on is.
 * One thread.
 */
final class RequestFrames {
    /** Bytes that are copied in front of the payload, or a little into it before the payload itself is written. */
    private static final int TEMPLATE_BYTES = 64;
    private static final int ETHERNET_BYTES = 14;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int UDP_BYTES = UdpFlyweight.LENGTH;
    private static final int ETHERNET_TYPE_IPV4 = 0x0800;
    private static final int ETHERNET_TYPE_IPV6 = 0x86DD;
    private static final int DO_NOT_FRAGMENT = 0x4000;
    private static final byte HOP_LIMIT = 64;

    /** Off the heap, like the frames: both are read and written by address, see docs/cache.md. */
    private final UnsafeBuffer templates;
    private final boolean ipv4;
    private final int udpOffset;
    private final int maxPayload;
    /** Partial sum of the IPv4 header without its total length, by connection; unused for IPv6. */
    private final long[] ipSums;
    /** Partial sum of pseudo header and UDP header without their lengths, by connection. */
    private final long[] udpSums;

    /**
     * Makes the templates.
     *
     * @param sources     our address of each connection.
     * @param sourcePorts our port of each connection.
     */
    RequestFrames(Route route, InetAddress[] sources, int[] sourcePorts) {
        ipv4 = route.server().getAddress() instanceof Inet4Address;
        udpOffset = ETHERNET_BYTES + (ipv4 ? IPV4_BYTES : IPV6_BYTES);
        maxPayload = route.mtu() - (udpOffset - ETHERNET_BYTES) - UDP_BYTES;
        templates = new UnsafeBuffer(ByteBuffer.allocateDirect(sources.length * TEMPLATE_BYTES));
        ipSums = new long[sources.length];
        udpSums = new long[sources.length];
        for (int i = 0; i < sources.length; i++) {
            fill(i, route, sources[i].getAddress(), sourcePorts[i]);
        }
    }

    private void fill(int connection, Route route, byte[] source, int sourcePort) {
        int at = connection * TEMPLATE_BYTES;
        byte[] server = route.server().getAddress().getAddress();
        templates.putBytes(at, route.nextHop());
        templates.putBytes(at + 6, route.hardware());
        int ip = at + ETHERNET_BYTES;
        short type = (short) (ipv4 ? ETHERNET_TYPE_IPV4 : ETHERNET_TYPE_IPV6);
        templates.putShort(at + 12, type, ByteOrder.BIG_ENDIAN);
        if (ipv4) {
            templates.putByte(ip, (byte) 0x45);
            templates.putShort(ip + 6, (short) DO_NOT_FRAGMENT, ByteOrder.BIG_ENDIAN);
            templates.putByte(ip + 8, HOP_LIMIT);
            templates.putByte(ip + 9, (byte) UdpFlyweight.PROTOCOL);
            templates.putBytes(ip + 12, source);
            templates.putBytes(ip + 16, server);
            ipSums[connection] = InternetChecksum.sum(templates, ip, IPV4_BYTES);
        } else {
            templates.putByte(ip, (byte) 0x60);
            templates.putByte(ip + 6, (byte) UdpFlyweight.PROTOCOL);
            templates.putByte(ip + 7, HOP_LIMIT);
            templates.putBytes(ip + 8, source);
            templates.putBytes(ip + 24, server);
        }
        int udp = at + udpOffset;
        templates.putShort(udp, (short) sourcePort, ByteOrder.BIG_ENDIAN);
        templates.putShort(udp + 2, (short) route.server().getPort(), ByteOrder.BIG_ENDIAN);
        long addressSum = InternetChecksum.sum(templates, udp - 2 * source.length, 2 * source.length);
        udpSums[connection] = UdpFlyweight.pseudoHeaderSum(addressSum, 0)
            + InternetChecksum.sum(templates, udp, 2 * Short.BYTES);
    }

    /** Returns the longest payload that the route's MTU leaves room for. */
    int maxPayload() {
        return maxPayload;
    }

    /**
     * Writes one frame.
     *
     * @param frame      address of the frame's first byte; {@value #TEMPLATE_BYTES} bytes and the payload must fit.
     * @param connection whose headers to take.
     * @param payload    holds the payload.
     * @param offset     of the payload.
     * @param length     of it, 0 to {@link #maxPayload()}.
     * @return the frame's length in bytes.
     */
    int write(long frame, int connection, DirectBuffer payload, int offset, int length) {
        long template = templates.addressOffset() + connection * TEMPLATE_BYTES;
        for (int i = 0; i < TEMPLATE_BYTES; i += Long.BYTES) {
            UnsafeApi.putLong(frame + i, UnsafeApi.getLong(template + i));
        }
        int udpLength = UDP_BYTES + length;
        long udp = frame + udpOffset;
        long ip = frame + ETHERNET_BYTES;
        if (ipv4) {
            int totalLength = IPV4_BYTES + udpLength;
            putBigEndian(ip + 2, totalLength);
            UnsafeApi.putShort(ip + 10,
                InternetChecksum.finish(ipSums[connection] + InternetChecksum.word(totalLength)));
        } else {
            putBigEndian(ip + 4, udpLength);
        }
        putBigEndian(udp + 4, udpLength);
        // The length stands in the pseudo header and in the header.
        long sum = udpSums[connection] + 2 * InternetChecksum.word(udpLength)
            + copy(payload.byteArray(), payload.addressOffset() + offset, udp + UDP_BYTES, length);
        UnsafeApi.putShort(udp + 6, InternetChecksum.finishUdp(sum));
        return udpOffset + udpLength;
    }

    private static void putBigEndian(long address, int value) {
        UnsafeApi.putShort(address, Short.reverseBytes((short) value));
    }

    /** Copies bytes of an array, or of memory if it is null, and returns their partial sum: one pass for both. */
    private static long copy(byte[] array, long from, long to, int length) {
        int at = 0;
        long sum = 0;
        for (; at <= length - Long.BYTES; at += Long.BYTES) {
            long word = UnsafeApi.getLong(array, from + at);
            UnsafeApi.putLong(to + at, word);
            sum += (word & 0xFFFF_FFFFL) + (word >>> 32);
        }
        if (at <= length - Integer.BYTES) {
            int word = UnsafeApi.getInt(array, from + at);
            UnsafeApi.putInt(to + at, word);
            sum += word & 0xFFFF_FFFFL;
            at += Integer.BYTES;
        }
        if (at <= length - Short.BYTES) {
            short word = UnsafeApi.getShort(array, from + at);
            UnsafeApi.putShort(to + at, word);
            sum += word & 0xFFFFL;
            at += Short.BYTES;
        }
        if (at < length) {
            byte last = UnsafeApi.getByte(array, from + at);
            UnsafeApi.putByte(to + at, last);
            sum += last & 0xFFL;
        }
        return sum;
    }
}
