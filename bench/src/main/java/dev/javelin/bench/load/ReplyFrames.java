package dev.javelin.bench.load;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads received frames. XDP has looked at the addresses and ports of the server, but at no length; here nothing is
 * believed that was not checked. The UDP checksum is not looked at: a server on the same machine leaves it half done,
 * and whoever reads the payload judges every byte of it. One thread.
 */
final class ReplyFrames {
    private static final int ETHERNET_BYTES = 14;
    private static final int UDP_BYTES = 8;
    private static final int UDP = 17;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final short ETHERNET_TYPE_IPV4 = 0x0800;
    private static final short ETHERNET_TYPE_IPV6 = (short) 0x86DD;
    private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3FFF;

    private final boolean ipv4;
    private final int udpOffset;
    private final UnsafeBuffer server;
    private final short serverPort;
    /** Our own address of each port, 16 bytes each. */
    private final UnsafeBuffer sources;
    private final int firstPort;
    private final int portCount;
    private int payloadOffset;
    private int payloadLength;

    /**
     * A reader of the replies to all connections of all threads.
     *
     * @param sources   our own address of each port.
     * @param firstPort of the row.
     */
    ReplyFrames(Route route, InetAddress[] sources, int firstPort) {
        ipv4 = route.server().getAddress() instanceof Inet4Address;
        udpOffset = ETHERNET_BYTES + (ipv4 ? IPV4_BYTES : IPV6_BYTES);
        server = new UnsafeBuffer(route.server().getAddress().getAddress());
        serverPort = (short) route.server().getPort();
        this.firstPort = firstPort;
        portCount = sources.length;
        this.sources = new UnsafeBuffer(new byte[16 * portCount]);
        for (int i = 0; i < portCount; i++) {
            this.sources.putBytes(16 * i, sources[i].getAddress());
        }
    }

    /**
     * Looks at one frame.
     *
     * @param frame  holds it.
     * @param at     of its first byte.
     * @param length of it in bytes.
     * @return the number of the port in the row at which it arrived, or -1 if it is no datagram of the server to us.
     */
    int parse(UnsafeBuffer frame, int at, int length) {
        if (length < udpOffset + UDP_BYTES) {
            return -1;
        }
        int ip = at + ETHERNET_BYTES;
        int udpLength = ipv4 ? udpLengthOfIpv4(frame, at, length) : udpLengthOfIpv6(frame, at, length);
        int udp = at + udpOffset;
        if (udpLength < UDP_BYTES || udpLength != (frame.getShort(udp + 4, ByteOrder.BIG_ENDIAN) & 0xFFFF)
            || frame.getShort(udp, ByteOrder.BIG_ENDIAN) != serverPort) {
            return -1;
        }
        int port = (frame.getShort(udp + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF) - firstPort;
        if (port < 0 || port >= portCount || !isBetweenUs(frame, ip, port)) {
            return -1;
        }
        payloadOffset = udp + UDP_BYTES;
        payloadLength = udpLength - UDP_BYTES;
        return port;
    }

    /** Returns how long header and payload of the datagram must be; -1 if the packet is none. */
    private static int udpLengthOfIpv4(UnsafeBuffer frame, int at, int length) {
        int ip = at + ETHERNET_BYTES;
        int totalLength = frame.getShort(ip + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        boolean isDatagram = frame.getShort(at + 12, ByteOrder.BIG_ENDIAN) == ETHERNET_TYPE_IPV4
            && frame.getByte(ip) == 0x45
            && frame.getByte(ip + 9) == UDP
            && (frame.getShort(ip + 6, ByteOrder.BIG_ENDIAN) & MORE_FRAGMENTS_OR_OFFSET) == 0
            && totalLength <= length - ETHERNET_BYTES;
        return isDatagram ? totalLength - IPV4_BYTES : -1;
    }

    private static int udpLengthOfIpv6(UnsafeBuffer frame, int at, int length) {
        int ip = at + ETHERNET_BYTES;
        int ipPayload = frame.getShort(ip + 4, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        boolean isDatagram = frame.getShort(at + 12, ByteOrder.BIG_ENDIAN) == ETHERNET_TYPE_IPV6
            && (frame.getByte(ip) & 0xF0) == 0x60
            && frame.getByte(ip + 6) == UDP
            && ipPayload <= length - ETHERNET_BYTES - IPV6_BYTES;
        return isDatagram ? ipPayload : -1;
    }

    private boolean isBetweenUs(UnsafeBuffer frame, int ip, int port) {
        int source = 16 * port;
        if (ipv4) {
            return frame.getInt(ip + 12) == server.getInt(0) && frame.getInt(ip + 16) == sources.getInt(source);
        }
        return frame.getLong(ip + 8) == server.getLong(0) && frame.getLong(ip + 16) == server.getLong(8)
            && frame.getLong(ip + 24) == sources.getLong(source)
            && frame.getLong(ip + 32) == sources.getLong(source + 8);
    }

    /** Returns where the payload of the frame parsed last begins. */
    int payloadOffset() {
        return payloadOffset;
    }

    /** Returns its length in bytes, 0 or more. */
    int payloadLength() {
        return payloadLength;
    }
}
