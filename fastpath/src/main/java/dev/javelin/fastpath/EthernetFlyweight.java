package dev.javelin.fastpath;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * An Ethernet II header (IEEE 802.3 clause 3; {@code struct ethhdr}).
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                    Destination address                        |
 * |                               +-------------------------------+
 * |                               |                               |
 * +-------------------------------+                               |
 * |                       Source address                          |
 * +-------------------------------+-------------------------------+
 * |           EtherType           |  payload
 * +-------------------------------+
 * </pre>
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. One thread.
 */
public final class EthernetFlyweight {
    /** Bytes of the header. */
    public static final int LENGTH = 14;
    /** EtherType of IPv4. */
    public static final int TYPE_IPV4 = 0x0800;
    /** EtherType of IPv6. */
    public static final int TYPE_IPV6 = 0x86DD;

    private static final int DESTINATION_OFFSET = 0;
    private static final int SOURCE_OFFSET = 6;
    private static final int TYPE_OFFSET = 12;

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
     * Protocol of the payload.
     *
     * @return EtherType, 0 to 65,535
     */
    public int type() {
        return buffer.getShort(offset + TYPE_OFFSET, ByteOrder.BIG_ENDIAN) & 0xFFFF;
    }

    /**
     * Whether the source address names a group (IEEE 802.3, first bit on the wire); no sender has such an address.
     *
     * @return true for multicast and broadcast
     */
    public boolean isSourceGroup() {
        return (buffer.getByte(offset + SOURCE_OFFSET) & 1) != 0;
    }

    /** Makes source and destination change places. */
    public void swapAddresses() {
        final int destinationHigh = buffer.getInt(offset + DESTINATION_OFFSET);
        final short destinationLow = buffer.getShort(offset + DESTINATION_OFFSET + Integer.BYTES);
        buffer.putInt(offset + DESTINATION_OFFSET, buffer.getInt(offset + SOURCE_OFFSET));
        buffer.putShort(offset + DESTINATION_OFFSET + Integer.BYTES,
            buffer.getShort(offset + SOURCE_OFFSET + Integer.BYTES));
        buffer.putInt(offset + SOURCE_OFFSET, destinationHigh);
        buffer.putShort(offset + SOURCE_OFFSET + Integer.BYTES, destinationLow);
    }
}
