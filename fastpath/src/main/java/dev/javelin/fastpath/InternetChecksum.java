package dev.javelin.fastpath;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * The Internet checksum (RFC 1071) in parts.
 * <p>
 * A <em>partial sum</em> is a 64-bit one's complement sum of 16-bit words as they lie in memory, read little-endian.
 * One's complement addition does not care about byte order (RFC 1071 section 2, B), so sums made this way are
 * right once they are stored little-endian again, and partial sums of stretches that start at even offsets are simply
 * added. A stretch that starts at an odd offset has its folded sum byte-swapped first ({@link #atOffset}).
 * Partial sums here may be added some 2^31 times before 64 bits overflow.
 */
public final class InternetChecksum {
    private InternetChecksum() {
    }

    /**
     * Sums bytes.
     *
     * @param buffer to read from
     * @param offset of the first byte; counts as even
     * @param length in bytes; an odd last byte is padded with zero
     * @return the partial sum, not negative
     */
    public static long sum(final DirectBuffer buffer, final int offset, final int length) {
        final int end = offset + length;
        int at = offset;
        long sum = 0;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            final long word = buffer.getLong(at, ByteOrder.LITTLE_ENDIAN);
            sum += (word & 0xFFFF_FFFFL) + (word >>> 32);
        }
        if (at <= end - Integer.BYTES) {
            sum += buffer.getInt(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
            at += Integer.BYTES;
        }
        if (at <= end - Short.BYTES) {
            sum += buffer.getShort(at, ByteOrder.LITTLE_ENDIAN) & 0xFFFFL;
            at += Short.BYTES;
        }
        if (at < end) {
            sum += buffer.getByte(at) & 0xFFL;
        }
        return sum;
    }

    /**
     * Sums a value that stands in a header in network byte order.
     *
     * @param value 16 bits, as a number
     * @return its partial sum
     */
    public static long word(final int value) {
        return ((value & 0xFF) << 8) | ((value >>> 8) & 0xFF);
    }

    /**
     * Folds a partial sum to 16 bits.
     *
     * @param sum not negative
     * @return 0 to 0xffff; 0 only if every byte summed was 0
     */
    public static int fold(final long sum) {
        long folded = (sum & 0xFFFF_FFFFL) + (sum >>> 32);
        folded = (folded & 0xFFFF_FFFFL) + (folded >>> 32);
        folded = (folded & 0xFFFF) + (folded >>> 16);
        folded = (folded & 0xFFFF) + (folded >>> 16);
        return (int) folded;
    }

    /**
     * Moves a folded sum to the place where its bytes stand in the datagram.
     *
     * @param folded 0 to 0xffff
     * @param offset of the first byte summed from an even place
     * @return the same sum, byte-swapped if the offset is odd
     */
    public static int atOffset(final int folded, final int offset) {
        return (offset & 1) == 0 ? folded : ((folded & 0xFF) << 8) | (folded >>> 8);
    }

    /**
     * Finishes an IPv4 header checksum.
     *
     * @param sum of the header with a zero checksum field
     * @return the field's value, to be stored little-endian
     */
    public static short finish(final long sum) {
        return (short) ~fold(sum);
    }

    /**
     * Finishes a UDP checksum, where 0 would mean "none" (RFC 768).
     *
     * @param sum of pseudo header, header with a zero checksum field, and payload
     * @return the field's value, to be stored little-endian; never 0
     */
    public static short finishUdp(final long sum) {
        final short checksum = (short) ~fold(sum);
        return checksum == 0 ? (short) 0xFFFF : checksum;
    }
}
