package dev.javelin.fastpath;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * The frame header in front of memcached's text in every UDP datagram (protocol.txt, "UDP protocol").
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Request ID           |        Sequence number        |
 * +-------------------------------+-------------------------------+
 * | Total number of datagrams     |        Reserved, 0            |
 * +-------------------------------+-------------------------------+
 * </pre>
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. One thread.
 */
public final class FrameHeaderFlyweight {
    /** Bytes of the header. */
    public static final int LENGTH = 8;

    private static final int SEQUENCE_OFFSET = 2;
    private static final int DATAGRAMS_OFFSET = 4;
    private static final int RESERVED_OFFSET = 6;

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
     * Whether this header announces the first of one datagram, which is also what the header of a one-datagram reply
     * looks like: such a request's header is its reply's, unchanged.
     *
     * @return true if sequence is 0, datagrams 1, reserved 0
     */
    public boolean isSingle() {
        return buffer.getShort(offset + SEQUENCE_OFFSET, ByteOrder.BIG_ENDIAN) == 0
            && buffer.getShort(offset + DATAGRAMS_OFFSET, ByteOrder.BIG_ENDIAN) == 1
            && buffer.getShort(offset + RESERVED_OFFSET, ByteOrder.BIG_ENDIAN) == 0;
    }

    /**
     * The header's share of a checksum.
     *
     * @return partial sum
     */
    public long sum() {
        return InternetChecksum.sum(buffer, offset, LENGTH);
    }
}
