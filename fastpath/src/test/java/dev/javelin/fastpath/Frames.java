package dev.javelin.fastpath;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds request frames byte by byte, with none of the code under test.
 */
final class Frames {
    static final int PORT = 11_211;
    static final byte[] SERVER_MAC = {2, 0, 0, 0, 0, 1};
    static final byte[] CLIENT_MAC = {2, 0, 0, 0, 0, 2};

    private Frames() {
    }

    static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] ipv4(final String text) {
        return ipv4(bytes(text));
    }

    static byte[] ipv4(final byte[] text) {
        final int udpLength = 16 + text.length;
        final byte[] frame = new byte[34 + udpLength];
        ethernet(frame, 0x0800);
        frame[14] = 0x45;
        put16(frame, 16, 20 + udpLength);
        put16(frame, 18, 0x1234);
        frame[22] = 63;
        frame[23] = 17;
        put(frame, 26, new byte[] {(byte) 192, 0, 2, 2});
        put(frame, 30, new byte[] {(byte) 192, 0, 2, 1});
        udp(frame, 34, udpLength, text);
        seal(frame);
        return frame;
    }

    static byte[] ipv6(final String text) {
        final byte[] payload = bytes(text);
        final int udpLength = 16 + payload.length;
        final byte[] frame = new byte[54 + udpLength];
        ethernet(frame, 0x86DD);
        frame[14] = 0x60;
        frame[15] = 0x12;
        put16(frame, 18, udpLength);
        frame[20] = 17;
        frame[21] = 61;
        put(frame, 22, new byte[] {(byte) 0xfd, 0, 0, 0x6a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
        put(frame, 38, new byte[] {(byte) 0xfd, 0, 0, 0x6a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
        udp(frame, 54, udpLength, payload);
        seal(frame);
        return frame;
    }

    private static void ethernet(final byte[] frame, final int type) {
        put(frame, 0, SERVER_MAC);
        put(frame, 6, CLIENT_MAC);
        put16(frame, 12, type);
    }

    private static void udp(final byte[] frame, final int at, final int length, final byte[] text) {
        put16(frame, at, 40_001);
        put16(frame, at + 2, PORT);
        put16(frame, at + 4, length);
        put16(frame, at + 8, 0xBEEF);
        put16(frame, at + 12, 1);
        put(frame, at + 16, text);
    }

    /** Makes the checksums right after a test has changed something. */
    static void seal(final byte[] frame) {
        if (isIpv4(frame)) {
            put16(frame, 24, 0);
            put16(frame, 24, ~sum(frame, 14, 20, 0));
        }
        final int at = udpOffset(frame);
        put16(frame, at + 6, 0);
        final int sum = ~sum(frame, at, get16(frame, at + 4), pseudoSum(frame)) & 0xFFFF;
        put16(frame, at + 6, sum == 0 ? 0xFFFF : sum);
    }

    static boolean isIpv4(final byte[] frame) {
        return frame[12] == 8;
    }

    static int udpOffset(final byte[] frame) {
        return isIpv4(frame) ? 34 : 54;
    }

    static int pseudoSum(final byte[] frame) {
        final int at = udpOffset(frame);
        final int addresses = isIpv4(frame) ? 8 : 32;
        return sum(frame, at - addresses, addresses, 17 + get16(frame, at + 4));
    }

    /** RFC 1071, one big-endian word after the other. */
    static int sum(final byte[] from, final int offset, final int length, final int start) {
        int sum = start;
        for (int i = 0; i < length; i++) {
            sum += (from[offset + i] & 0xFF) << ((i & 1) == 0 ? 8 : 0);
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return (sum & 0xFFFF) + (sum >>> 16);
    }

    static boolean checksumsAreRight(final byte[] frame) {
        final int at = udpOffset(frame);
        final boolean ip = !isIpv4(frame) || sum(frame, 14, 20, 0) == 0xFFFF;
        return ip && sum(frame, at, get16(frame, at + 4), pseudoSum(frame)) == 0xFFFF && get16(frame, at + 6) != 0;
    }

    static int get16(final byte[] from, final int at) {
        return (from[at] & 0xFF) << 8 | (from[at + 1] & 0xFF);
    }

    static void put16(final byte[] to, final int at, final int value) {
        to[at] = (byte) (value >>> 8);
        to[at + 1] = (byte) value;
    }

    static void put(final byte[] to, final int at, final byte[] bytes) {
        System.arraycopy(bytes, 0, to, at, bytes.length);
    }

    static UnsafeBuffer buffer(final byte[] bytes) {
        return new UnsafeBuffer(bytes);
    }
}
