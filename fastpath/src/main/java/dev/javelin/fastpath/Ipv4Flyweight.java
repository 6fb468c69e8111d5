package dev.javelin.fastpath;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * An IPv4 header without options (RFC 791 section 3.1).
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-------+---------------+-------------------------------+
 * |Version|  IHL  |Type of Service|         Total Length          |
 * +-------+-------+---------------+-----+-------------------------+
 * |        Identification         |Flags|     Fragment Offset     |
 * +---------------+---------------+-----+-------------------------+
 * | Time to Live  |   Protocol    |        Header Checksum        |
 * +---------------+---------------+-------------------------------+
 * |                        Source Address                         |
 * +---------------------------------------------------------------+
 * |                      Destination Address                      |
 * +---------------------------------------------------------------+
 * </pre>
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. One thread.
 */
public final class Ipv4Flyweight {
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;

    private static final int TYPE_OF_SERVICE_OFFSET = 1;
    private static final int TOTAL_LENGTH_OFFSET = 2;
    private static final int IDENTIFICATION_OFFSET = 4;
    private static final int FRAGMENT_OFFSET = 6;
    private static final int TIME_TO_LIVE_OFFSET = 8;
    private static final int PROTOCOL_OFFSET = 9;
    private static final int CHECKSUM_OFFSET = 10;
    private static final int SOURCE_OFFSET = 12;
    private static final int DESTINATION_OFFSET = 16;
    private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3FFF;
    private static final short DO_NOT_FRAGMENT = 0x4000;
    private static final byte REPLY_TIME_TO_LIVE = 64;
    /** Of a reply but for length and addresses. */
    private static final long REPLY_SUM = (long) InternetChecksum.word(0x4500) + InternetChecksum.word(DO_NOT_FRAGMENT)
        + InternetChecksum.word(REPLY_TIME_TO_LIVE << 8 | UdpFlyweight.PROTOCOL);

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
     * Whether version and header length are those of a header without options.
     *
     * @return true if the first byte is 0x45
     */
    public boolean isPlain() {
        return buffer.getByte(offset) == 0x45;
    }

    /**
     * Length of the whole packet.
     *
     * @return 0 to 65,535 bytes, as the sender says
     */
    public int totalLength() {
        return buffer.getShort(offset + TOTAL_LENGTH_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    /**
     * Whether this is a part of a fragmented packet.
     *
     * @return true if more fragments follow or the fragment offset is not 0
     */
    public boolean isFragment() {
        return (buffer.getShort(offset + FRAGMENT_OFFSET, ByteOrder.BIG_ENDIAN) & MORE_FRAGMENTS_OR_OFFSET) != 0;
    }

    /**
     * Protocol of the payload.
     *
     * @return 0 to 255
     */
    public int protocol() {
        return buffer.getByte(offset + PROTOCOL_OFFSET) & 0xFF;
    }

    /**
     * Checks the header checksum.
     *
     * @return true if it is right
     */
    public boolean isChecksumRight() {
        return InternetChecksum.fold(InternetChecksum.sum(buffer, offset, LENGTH)) == 0xFFFF;
    }

    /**
     * Whether a host could have this source address (RFC 1122 section 3.2.1.3; RFC 1112).
     *
     * @return false for 0/8, 127/8, multicast, the reserved class E and broadcast
     */
    public boolean isSourceUnicast() {
        final int first = buffer.getByte(offset + SOURCE_OFFSET) & 0xFF;
        return first != 0 && first != 127 && first < 224;
    }

    /**
     * The pseudo header's addresses (RFC 768).
     *
     * @return partial sum, the same for both directions
     */
    public long addressSum() {
        return InternetChecksum.sum(buffer, offset + SOURCE_OFFSET, 2 * Integer.BYTES);
    }

    /**
     * Turns a request's header into the reply's: addresses changed, sent unfragmented, time to live 64, a right
     * checksum. The identification is 0, as RFC 6864 allows for a packet that is never fragmented.
     *
     * <p>
     * The checksum is summed up from what is written: reading words back that were written in smaller parts would wait
     * until the stores have left the processor's store buffer.
     *
     * @param totalLength of the reply's packet in bytes
     * @param addressSum  partial sum of the addresses, as {@link #addressSum} gives it
     */
    public void reply(final int totalLength, final long addressSum) {
        final int source = buffer.getInt(offset + SOURCE_OFFSET);
        buffer.putByte(offset + TYPE_OF_SERVICE_OFFSET, (byte) 0);
        buffer.putShort(offset + TOTAL_LENGTH_OFFSET, (short) totalLength, ByteOrder.BIG_ENDIAN);
        buffer.putShort(offset + IDENTIFICATION_OFFSET, (short) 0);
        buffer.putShort(offset + FRAGMENT_OFFSET, DO_NOT_FRAGMENT, ByteOrder.BIG_ENDIAN);
        buffer.putByte(offset + TIME_TO_LIVE_OFFSET, REPLY_TIME_TO_LIVE);
        buffer.putInt(offset + SOURCE_OFFSET, buffer.getInt(offset + DESTINATION_OFFSET));
        buffer.putInt(offset + DESTINATION_OFFSET, source);
        final long sum = REPLY_SUM + InternetChecksum.word(totalLength) + addressSum;
        buffer.putShort(offset + CHECKSUM_OFFSET, InternetChecksum.finish(sum), ByteOrder.LITTLE_ENDIAN);
    }
}
