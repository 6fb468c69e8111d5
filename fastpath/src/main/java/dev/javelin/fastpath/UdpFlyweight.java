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
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. The header is read once,
 * when it is wrapped, in one word: each access to a buffer is a barrier to the compiler. One thread.
 */
public final class UdpFlyweight {
    /** Bytes of the header. */
    public static final int LENGTH = 8;
    /** Number of the protocol in IP headers and in the pseudo header. */
    public static final int PROTOCOL = 17;

    private long header;

    /**
     * Reads a header.
     *
     * @param frames buffer that holds it
     * @param at     offset of its first byte
     */
    public void wrap(final MutableDirectBuffer frames, final int at) {
        header = frames.getLong(at, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Port of the sender.
     *
     * @return 0 to 65,535; 0 means that no reply is possible
     */
    public int sourcePort() {
        return (int) InternetChecksum.word((int) header);
    }

    /**
     * Port that is spoken to.
     *
     * @return 0 to 65,535
     */
    public int destinationPort() {
        return (int) InternetChecksum.word((int) (header >>> 16));
    }

    /**
     * Length of header and payload.
     *
     * @return 0 to 65,535 bytes, as the sender says
     */
    public int length() {
        return (int) InternetChecksum.word((int) (header >>> 32));
    }

    /**
     * The checksum as it lies in memory.
     *
     * @return 16 bits, read little-endian as in {@link InternetChecksum}; 0 if the sender made none
     */
    public int checksum() {
        return (int) (header >>> 48);
    }

    /**
     * Writes the reply's header to the request's that was read.
     *
     * @param frames     buffer to write to
     * @param at         offset of its first byte
     * @param length     of header and payload in bytes
     * @param addressSum partial sum of the IP addresses
     * @param payloadSum partial sum of the payload
     */
    public void reply(final MutableDirectBuffer frames, final int at, final int length, final long addressSum,
        final long payloadSum) {
        final long source = header & 0xFFFF;
        final long destination = header >>> 16 & 0xFFFF;
        final long networkLength = InternetChecksum.word(length);
        final long sum = pseudoHeaderSum(addressSum, length) + source + destination + networkLength + payloadSum;
        final long checksum = InternetChecksum.finishUdp(sum) & 0xFFFF;
        frames.putLong(at, destination | source << 16 | networkLength << 32 | checksum << 48,
            ByteOrder.LITTLE_ENDIAN);
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
