package dev.javelin.bench.jmh;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * Ethernet, IP, UDP and memcached's frame header around one request, with right checksums, as a NIC delivers it.
 */
final class RequestFrame {
    static final int PORT = 11_211;
    private static final int ETHERNET_BYTES = 14;
    private static final int UDP_BYTES = 8;
    private static final int FRAME_HEADER_BYTES = 8;
    private static final int UDP_PROTOCOL = 17;
    private static final byte[] MACS = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    private static final byte[] IPV4_ADDRESSES = {(byte) 192, 0, 2, 2, (byte) 192, 0, 2, 1};
    private static final byte[] IPV6_ADDRESSES = {
        (byte) 0xfd, 0, 0, 0x6a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
        (byte) 0xfd, 0, 0, 0x6a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private RequestFrame() {
    }

    /** Offset of the text in a frame. */
    static int textOffset(int ipVersion) {
        return ETHERNET_BYTES + (ipVersion == 4 ? 20 : 40) + UDP_BYTES + FRAME_HEADER_BYTES;
    }

    /** A frame that holds a GET of some keys, and nothing behind it. */
    static byte[] of(int ipVersion, byte[]... keys) {
        byte[] payload = text(keys);
        ByteBuffer frame = ByteBuffer.allocate(textOffset(ipVersion) + payload.length);
        int udpLength = UDP_BYTES + FRAME_HEADER_BYTES + payload.length;
        frame.put(MACS);
        if (ipVersion == 4) {
            frame.putShort((short) 0x0800).putShort((short) 0x4500).putShort((short) (20 + udpLength)).putInt(0x4000)
                .put((byte) 64).put((byte) UDP_PROTOCOL).putShort((short) 0).put(IPV4_ADDRESSES);
            frame.putShort(ETHERNET_BYTES + 10, (short) ~sum(frame, ETHERNET_BYTES, 20, 0));
        } else {
            frame.putShort((short) 0x86dd).putInt(0x6000_0000).putShort((short) udpLength).put((byte) UDP_PROTOCOL)
                .put((byte) 64).put(IPV6_ADDRESSES);
        }
        int udp = frame.position();
        frame.putShort((short) 40_000).putShort((short) PORT).putShort((short) udpLength).putShort((short) 0);
        frame.putShort((short) 7).putShort((short) 0).putShort((short) 1).putShort((short) 0).put(payload);
        int addressBytes = ipVersion == 4 ? IPV4_ADDRESSES.length : IPV6_ADDRESSES.length;
        int pseudo = sum(frame, udp - addressBytes, addressBytes, UDP_PROTOCOL + udpLength);
        return frame.putShort(udp + 6, (short) ~sum(frame, udp, udpLength, pseudo)).array();
    }

    private static byte[] text(byte[][] keys) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(new byte[] {'g', 'e', 't'});
        for (byte[] key : keys) {
            text.write(' ');
            text.writeBytes(key);
        }
        text.writeBytes(new byte[] {'\r', '\n'});
        return text.toByteArray();
    }

    private static int sum(ByteBuffer buffer, int offset, int length, int start) {
        int sum = start;
        for (int i = 0; i < length; i++) {
            sum += (buffer.get(offset + i) & 0xff) << ((i & 1) == 0 ? 8 : 0);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (sum & 0xffff) + (sum >>> 16);
    }
}
