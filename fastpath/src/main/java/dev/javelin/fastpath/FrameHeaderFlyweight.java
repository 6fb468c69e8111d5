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
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. The header is read once,
 * when it is wrapped, in one word: each access to a buffer is a barrier to the compiler. One thread.
 */
public final class FrameHeaderFlyweight {
    /** Bytes of the header. */
    public static final int LENGTH = 8;

    /** Sequence number 0, one datagram, reserved 0. */
    private static final long SINGLE = InternetChecksum.word(1) << 16;

    private long header;

    /**
     * Points at a header.
     *
     * @param frames buffer that holds it
     * @param at     offset of its first byte
     */
    public void wrap(final MutableDirectBuffer frames, final int at) {
        header = frames.getLong(at, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Whether this header announces the first of one datagram, which is also what the header of a one-datagram reply
     * looks like: such a request's header is its reply's, unchanged.
     *
     * @return true if sequence is 0, datagrams 1, reserved 0
     */
    public boolean isSingle() {
        return header >>> 16 == SINGLE;
    }

    /**
     * The header's share of a checksum.
     *
     * @return partial sum
     */
    public long sum() {
        return (header & 0xFFFF_FFFFL) + (header >>> 32);
    }
}
