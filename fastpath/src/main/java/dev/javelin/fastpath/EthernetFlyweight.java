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
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. The header is read once,
 * when it is wrapped, in words: each access to a buffer is a barrier to the compiler. One thread.
 */
public final class EthernetFlyweight {
    /** Bytes of the header. */
    public static final int LENGTH = 14;
    /** EtherType of IPv4. */
    public static final int TYPE_IPV4 = 0x0800;
    /** EtherType of IPv6. */
    public static final int TYPE_IPV6 = 0x86DD;

    private static final int SOURCE_OFFSET = 6;
    private static final int ADDRESS_BITS = 48;
    private static final long ADDRESS_MASK = (1L << ADDRESS_BITS) - 1;

    /** Destination, and the first two bytes of the source. */
    private long first;
    /** Source and type. */
    private long second;

    /**
     * Reads a header.
     *
     * @param frames buffer that holds it
     * @param at     offset of its first byte
     */
    public void wrap(final MutableDirectBuffer frames, final int at) {
        first = frames.getLong(at, ByteOrder.LITTLE_ENDIAN);
        second = frames.getLong(at + SOURCE_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Protocol of the payload.
     *
     * @return EtherType, 0 to 65,535
     */
    public int type() {
        return (int) InternetChecksum.word((int) (second >>> ADDRESS_BITS));
    }

    /**
     * Whether the source address names a group (IEEE 802.3, first bit on the wire); no sender has such an address.
     *
     * @return true for multicast and broadcast
     */
    public boolean isSourceGroup() {
        return (second & 1) != 0;
    }

    /**
     * Writes the header that was read with source and destination in each other's place.
     *
     * @param frames buffer to write to
     * @param at     offset of its first byte
     */
    public void swapAddresses(final MutableDirectBuffer frames, final int at) {
        frames.putLong(at, second & ADDRESS_MASK | first << ADDRESS_BITS, ByteOrder.LITTLE_ENDIAN);
        frames.putLong(at + SOURCE_OFFSET, first & ADDRESS_MASK | second & ~ADDRESS_MASK, ByteOrder.LITTLE_ENDIAN);
    }
}
