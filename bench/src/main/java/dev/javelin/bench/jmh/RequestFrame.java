package dev.javelin.bench.jmh;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Ethernet, IPv4, UDP and memcached's frame header around one request, as a client's kernel sends it: without a UDP
 * checksum, which IPv4 allows.
 */
final class RequestFrame {
    static final int PORT = 11_211;
    private static final int ETHERNET_BYTES = 14;
    private static final int IPV4_BYTES = 20;
    private static final int UDP_BYTES = 8;
    private static final int FRAME_HEADER_BYTES = 8;

    private RequestFrame() {
    }

    static byte[] of(String request) {
        byte[] text = request.getBytes(StandardCharsets.US_ASCII);
        int udpLength = UDP_BYTES + FRAME_HEADER_BYTES + text.length;
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET_BYTES + IPV4_BYTES + udpLength);
        frame.put(new byte[] {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}).putShort((short) 0x0800);
        frame.putShort((short) 0x4500).putShort((short) (IPV4_BYTES + udpLength)).putInt(0x4000).put((byte) 64)
            .put((byte) 17).putShort((short) 0).putInt(0xc000_0202).putInt(0xc000_0201);
        frame.putShort(ETHERNET_BYTES + 10, (short) ~sum(frame, ETHERNET_BYTES, IPV4_BYTES));
        frame.putShort((short) 40_000).putShort((short) PORT).putShort((short) udpLength).putShort((short) 0);
        frame.putShort((short) 7).putShort((short) 0).putShort((short) 1).putShort((short) 0);
        return frame.put(text).array();
    }

    private static int sum(ByteBuffer buffer, int offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i += 2) {
            sum += buffer.getShort(offset + i) & 0xffff;
        }
        return (sum & 0xffff) + (sum >>> 16);
    }
}
