package dev.javelin.fastpath;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * An IPv6 header (RFC 8200 section 3).
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+---------------+---------------------------------------+
 * |Version| Traffic Class |              Flow Label               |
 * +-------+---------------+-------+---------------+---------------+
 * |        Payload Length         |  Next Header  |   Hop Limit   |
 * +-------------------------------+---------------+---------------+
 * |                    Source Address, 16 bytes                   |
 * +---------------------------------------------------------------+
 * |                 Destination Address, 16 bytes                 |
 * +---------------------------------------------------------------+
 * </pre>
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. One thread.
 */
public final class Ipv6Flyweight {
    /** Bytes of the header. */
    public static final int LENGTH = 40;

    private static final int PAYLOAD_LENGTH_OFFSET = 4;
    private static final int NEXT_HEADER_OFFSET = 6;
    private static final int HOP_LIMIT_OFFSET = 7;
    private static final int SOURCE_OFFSET = 8;
    private static final int DESTINATION_OFFSET = 24;
    private static final int ADDRESS_LENGTH = 16;
    private static final int VERSION_6_ONLY = 0x6000_0000;
    private static final byte REPLY_HOP_LIMIT = 64;

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
     * Version of the protocol.
     *
     * @return 6 if this is IPv6
     */
    public int version() {
        return (buffer.getByte(offset) >>> 4) & 0xF;
    }

    /**
     * Length of what follows the header.
     *
     * @return 0 to 65,535 bytes, as the sender says
     */
    public int payloadLength() {
        return buffer.getShort(offset + PAYLOAD_LENGTH_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    /**
     * Protocol of the payload, or kind of the extension header that follows.
     *
     * @return 0 to 255
     */
    public int nextHeader() {
        return buffer.getByte(offset + NEXT_HEADER_OFFSET) & 0xFF;
    }

    /**
     * Whether a host on another machine could have this source address (RFC 4291 sections 2.5.2, 2.5.3 and 2.7).
     *
     * @return false for ff00::/8, :: and ::1
     */
    public boolean isSourceUnicast() {
        final long high = buffer.getLong(offset + SOURCE_OFFSET, ByteOrder.BIG_ENDIAN);
        final long low = buffer.getLong(offset + SOURCE_OFFSET + Long.BYTES, ByteOrder.BIG_ENDIAN);
        return (high >>> 56) != 0xFF && (high != 0 || (low & ~1L) != 0);
    }

    /**
     * The pseudo header's addresses (RFC 8200 section 8.1).
     *
     * @return partial sum, the same for both directions
     */
    public long addressSum() {
        return InternetChecksum.sum(buffer, offset + SOURCE_OFFSET, 2 * ADDRESS_LENGTH);
    }

    /**
     * Turns a request's header into the reply's: addresses changed, hop limit 64, traffic class and flow label 0.
     *
     * @param payloadLength of the reply's packet in bytes
     */
    public void reply(final int payloadLength) {
        final long sourceHigh = buffer.getLong(offset + SOURCE_OFFSET);
        final long sourceLow = buffer.getLong(offset + SOURCE_OFFSET + Long.BYTES);
        buffer.putInt(offset, VERSION_6_ONLY, ByteOrder.BIG_ENDIAN);
        buffer.putShort(offset + PAYLOAD_LENGTH_OFFSET, (short) payloadLength, ByteOrder.BIG_ENDIAN);
        buffer.putByte(offset + HOP_LIMIT_OFFSET, REPLY_HOP_LIMIT);
        buffer.putLong(offset + SOURCE_OFFSET, buffer.getLong(offset + DESTINATION_OFFSET));
        buffer.putLong(offset + SOURCE_OFFSET + Long.BYTES, buffer.getLong(offset + DESTINATION_OFFSET + Long.BYTES));
        buffer.putLong(offset + DESTINATION_OFFSET, sourceHigh);
        buffer.putLong(offset + DESTINATION_OFFSET + Long.BYTES, sourceLow);
    }
}
