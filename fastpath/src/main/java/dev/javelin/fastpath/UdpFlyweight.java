package dev.javelin.fastpath;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * A UDP header (RFC 768).
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Source Port          |       Destination Port        |
 * +-------------------------------+-------------------------------+
 * |            Length             |           Checksum            |
 * +-------------------------------+-------------------------------+
 * </pre>
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. One thread.
 */
public final class UdpFlyweight {
    /** Bytes of the header. */
    public static final int LENGTH = 8;
    /** Number of the protocol in IP headers and in the pseudo header. */
    public static final int PROTOCOL = 17;

    private static final int SOURCE_OFFSET = 0;
    private static final int DESTINATION_OFFSET = 2;
    private static final int LENGTH_OFFSET = 4;
    private static final int CHECKSUM_OFFSET = 6;

    private MutableDirectBuffer buffer;
    private int offset;

    /**
     * Points at a header.
     *
     * @param frames buffer that holds it
     * @param at     offset of its first byte
     */
    public void wrap(final MutableDirectBuffer frames, final int at) {
        buffer = frames;
        offset = at;
    }

    /**
     * Port of the sender.
     *
     * @return 0 to 65,535; 0 means that no reply is possible
     */
    public int sourcePort() {
        return buffer.getShort(offset + SOURCE_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    /**
     * Port that is spoken to.
     *
     * @return 0 to 65,535
     */
    public int destinationPort() {
        return buffer.getShort(offset + DESTINATION_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    /**
     * Length of header and payload.
     *
     * @return 0 to 65,535 bytes, as the sender says
     */
    public int length() {
        return buffer.getShort(offset + LENGTH_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    /**
     * The checksum as it lies in memory.
     *
     * @return 16 bits, read little-endian as in {@link InternetChecksum}; 0 if the sender made none
     */
    public int checksum() {
        return buffer.getShort(offset + CHECKSUM_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
    }

    /**
     * Turns a request's header into the reply's.
     *
     * @param length     of header and payload in bytes
     * @param addressSum partial sum of the IP addresses
     * @param payloadSum partial sum of the payload
     */
    public void reply(final int length, final long addressSum, final long payloadSum) {
        final short source = buffer.getShort(offset + SOURCE_OFFSET, ByteOrder.LITTLE_ENDIAN);
        final short destination = buffer.getShort(offset + DESTINATION_OFFSET, ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(offset + SOURCE_OFFSET, destination, ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(offset + DESTINATION_OFFSET, source, ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(offset + LENGTH_OFFSET, (short) length, ByteOrder.BIG_ENDIAN);
        final long headerSum = (source & 0xFFFF) + (destination & 0xFFFF) + InternetChecksum.word(length);
        final long sum = pseudoHeaderSum(addressSum, length) + headerSum + payloadSum;
        buffer.putShort(offset + CHECKSUM_OFFSET, InternetChecksum.finishUdp(sum), ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The pseudo header of RFC 768 and RFC 8200 section 8.1; for lengths below 65,536 both sum to the same.
     *
     * @param addressSum partial sum of both IP addresses
     * @param length     of UDP header and payload in bytes
     * @return partial sum
     */
    public static long pseudoHeaderSum(final long addressSum, final int length) {
        return addressSum + InternetChecksum.word(PROTOCOL) + InternetChecksum.word(length);
    }
}
