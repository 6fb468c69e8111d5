package dev.javelin.bench.load;

import java.net.Inet4Address;
import java.net.InetAddress;
import org.agrona.UnsafeApi;
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
    private static final int ETHERNET_TYPE_IPV4 = 0x0800;
    private static final int ETHERNET_TYPE_IPV6 = 0x86DD;
    private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3FFF;

    private final boolean ipv4;
    private final int udpOffset;
    private final UnsafeBuffer server;
    private final int serverPort;
    /** Our own address of each port, 16 bytes each. */
    private final UnsafeBuffer sources;
    private final int firstPort;
    private final int portCount;
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
        serverPort = route.server().getPort();
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
     * @param frame  address of its first byte.
     * @param length of it in bytes.
     * @return the number of the port in the row at which it arrived, or -1 if it is no datagram of the server to us.
     */
    int parse(long frame, int length) {
        if (length < udpOffset + UDP_BYTES) {
            return -1;
        }
        long ip = frame + ETHERNET_BYTES;
        int udpLength = ipv4 ? udpLengthOfIpv4(frame, length) : udpLengthOfIpv6(frame, length);
        long udp = frame + udpOffset;
        if (udpLength < UDP_BYTES || udpLength != bigEndian(udp + 4) || bigEndian(udp) != serverPort) {
            return -1;
        }
        int port = bigEndian(udp + 2) - firstPort;
        if (port < 0 || port >= portCount || !isBetweenUs(ip, port)) {
            return -1;
        }
        payloadLength = udpLength - UDP_BYTES;
        return port;
    }

    /** Returns how long header and payload of the datagram must be; -1 if the packet is none. */
    private static int udpLengthOfIpv4(long frame, int length) {
        long ip = frame + ETHERNET_BYTES;
        int totalLength = bigEndian(ip + 2);
        boolean isDatagram = bigEndian(frame + 12) == ETHERNET_TYPE_IPV4
            && UnsafeApi.getByte(ip) == 0x45
            && UnsafeApi.getByte(ip + 9) == UDP
            && (bigEndian(ip + 6) & MORE_FRAGMENTS_OR_OFFSET) == 0
            && totalLength <= length - ETHERNET_BYTES;
        return isDatagram ? totalLength - IPV4_BYTES : -1;
    }

    private static int udpLengthOfIpv6(long frame, int length) {
        long ip = frame + ETHERNET_BYTES;
        int ipPayload = bigEndian(ip + 4);
        boolean isDatagram = bigEndian(frame + 12) == ETHERNET_TYPE_IPV6
            && (UnsafeApi.getByte(ip) & 0xF0) == 0x60
            && UnsafeApi.getByte(ip + 6) == UDP
            && ipPayload <= length - ETHERNET_BYTES - IPV6_BYTES;
        return isDatagram ? ipPayload : -1;
    }

    private boolean isBetweenUs(long ip, int port) {
        int source = 16 * port;
        if (ipv4) {
            return UnsafeApi.getInt(ip + 12) == server.getInt(0)
                && UnsafeApi.getInt(ip + 16) == sources.getInt(source);
        }
        return UnsafeApi.getLong(ip + 8) == server.getLong(0) && UnsafeApi.getLong(ip + 16) == server.getLong(8)
            && UnsafeApi.getLong(ip + 24) == sources.getLong(source)
            && UnsafeApi.getLong(ip + 32) == sources.getLong(source + 8);
    }

    private static int bigEndian(long address) {
        return Short.reverseBytes(UnsafeApi.getShort(address)) & 0xFFFF;
    }

    /** Returns how far behind a frame's first byte its payload begins. */
    int payloadOffset() {
        return udpOffset + UDP_BYTES;
    }

    /** Returns the length of the payload of the frame parsed last in bytes, 0 or more. */
    int payloadLength() {
        return payloadLength;
    }
}
