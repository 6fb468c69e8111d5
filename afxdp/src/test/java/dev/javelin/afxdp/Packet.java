package dev.javelin.afxdp;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A memcached request in a frame, right in all its parts, for tests that then make one part wrong. */
final class Packet {
    static final int ETHERNET = 14;
    static final int IPV4 = 20;
    static final int IPV6 = 40;
    static final int UDP = 8;
    static final byte[] FRAME_HEADER = {0x12, 0x34, 0, 0, 0, 1, 0, 0};

    private Packet() {
    }

    static byte[] ipv4(final byte[] mac, final String from, final String to, final byte[] payload) {
        final int total = IPV4 + UDP + payload.length;
        final ByteBuffer frame = ethernet(mac, 0x0800, total);
        frame.put((byte) 0x45).put((byte) 0).putShort((short) total).putShort((short) 7).putShort((short) 0x4000);
        frame.put((byte) 64).put((byte) 17).putShort((short) 0).put(address(from)).put(address(to));
        udp(frame, payload);
        return withIpv4Checksum(frame.array());
    }

    static byte[] ipv6(final byte[] mac, final String from, final String to, final byte[] payload) {
        final ByteBuffer frame = ethernet(mac, 0x86dd, IPV6 + UDP + payload.length);
        frame.putInt(0x60000000).putShort((short) (UDP + payload.length)).put((byte) 17).put((byte) 64);
        frame.put(address(from)).put(address(to));
        udp(frame, payload);
        return frame.array();
    }

    /** Changes a frame and puts the IPv4 header checksum right again. */
    static byte[] changed(final byte[] frame, final Consumer<ByteBuffer> change) {
        final byte[] copy = frame.clone();
        change.accept(ByteBuffer.wrap(copy));
        return copy[12] == 8 && copy[13] == 0 ? withIpv4Checksum(copy) : copy;
    }

    static byte[] withIpv4Checksum(final byte[] frame) {
        final ByteBuffer buffer = ByteBuffer.wrap(frame);
        buffer.putShort(ETHERNET + 10, (short) 0);
        int sum = 0;
        for (int i = 0; i < IPV4; i += 2) {
            sum += buffer.getShort(ETHERNET + i) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        buffer.putShort(ETHERNET + 10, (short) ~((sum & 0xffff) + (sum >>> 16)));
        return frame;
    }

    static byte[] request(final byte[] line) {
        return concat(FRAME_HEADER, line);
    }

    static byte[] get(final byte[] key) {
        return request(concat(Lab.bytes("get "), key, Lab.bytes("\r\n")));
    }

    static byte[] concat(final byte[]... parts) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (final byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static ByteBuffer ethernet(final byte[] mac, final int type, final int bytes) {
        final ByteBuffer frame = ByteBuffer.allocate(ETHERNET + bytes);
        return frame.put(mac).put(new byte[] {2, 0, 0, 0, 0, 9}).putShort((short) type);
    }

    private static void udp(final ByteBuffer frame, final byte[] payload) {
        frame.putShort((short) 40000).putShort((short) Lab.PORT).putShort((short) (UDP + payload.length));
        frame.putShort((short) 0).put(payload);
    }

    private static byte[] address(final String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (final UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
