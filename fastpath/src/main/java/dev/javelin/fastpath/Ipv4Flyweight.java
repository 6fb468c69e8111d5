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
 * Nothing is checked here: whoever wraps has checked that {@link #LENGTH} bytes are there. The header is read once,
 * when it is wrapped, in words: each access to a buffer is a barrier to the compiler. One thread.
 */
public final class Ipv4Flyweight {
    /** Bytes of a header without options. */
    public static final int LENGTH = 20;

    private static final int SECOND_OFFSET = 8;
    private static final int DESTINATION_OFFSET = 16;
    private static final int MORE_FRAGMENTS_OR_OFFSET = 0x3FFF;
    private static final int VERSION_AND_LENGTH = 0x45;
    private static final int DO_NOT_FRAGMENT = 0x4000;
    private static final int REPLY_TIME_TO_LIVE = 64;
    private static final long LOW_32 = 0xFFFF_FFFFL;
    /** First word of a reply but for its length: version, header length, DF. */
    private static final long REPLY_FIRST = VERSION_AND_LENGTH | InternetChecksum.word(DO_NOT_FRAGMENT) << 48;
    /** Time to live and protocol of a reply. */
    private static final long REPLY_SECOND = REPLY_TIME_TO_LIVE | UdpFlyweight.PROTOCOL << 8;

    /** Version to fragment offset. */
    private long first;
    /** Time to live to source. */
    private long second;
    private int destination;

    /**
     * Reads a header.
     *
     * @param frames buffer that holds it
     * @param at     offset of its first byte
     */
    public void wrap(final MutableDirectBuffer frames, final int at) {
        first = frames.getLong(at, ByteOrder.LITTLE_ENDIAN);
        second = frames.getLong(at + SECOND_OFFSET, ByteOrder.LITTLE_ENDIAN);
        destination = frames.getInt(at + DESTINATION_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Whether version and header length are those of a header without options.
     *
     * @return true if the first byte is 0x45
     */
    public boolean isPlain() {
        return (byte) first == VERSION_AND_LENGTH;
    }

    /**
     * Length of the whole packet.
     *
     * @return 0 to 65,535 bytes, as the sender says
     */
    public int totalLength() {
        return (int) InternetChecksum.word((int) (first >>> 16));
    }

    /**
     * Whether this is a part of a fragmented packet.
     *
     * @return true if more fragments follow or the fragment offset is not 0
     */
    public boolean isFragment() {
        return (InternetChecksum.word((int) (first >>> 48)) & MORE_FRAGMENTS_OR_OFFSET) != 0;
    }

    /**
     * Protocol of the payload.
     *
     * @return 0 to 255
     */
    public int protocol() {
        return (int) (second >>> 8) & 0xFF;
    }

    /**
     * Checks the header checksum.
     *
     * @return true if it is right
     */
    public boolean isChecksumRight() {
        return InternetChecksum.fold((first & LOW_32) + (first >>> 32) + (second & LOW_32) + addressSum()) == 0xFFFF;
    }

    /**
     * Whether a host could have this source address (RFC 1122 section 3.2.1.3; RFC 1112).
     *
     * @return false for 0/8, 127/8, multicast, the reserved class E and broadcast
     */
    public boolean isSourceUnicast() {
        final int network = (int) (second >>> 32) & 0xFF;
        return network != 0 && network != 127 && network < 224;
    }

    /**
     * The pseudo header's addresses (RFC 768).
     *
     * @return partial sum, the same for both directions
     */
    public long addressSum() {
        return (second >>> 32) + (destination & LOW_32);
    }

    /**
     * Writes the reply's header to the request's that was read: addresses changed, sent unfragmented, time to live 64,
     * a right checksum. The identification is 0, as RFC 6864 allows for a packet that is never fragmented.
     *
     * @param frames      buffer to write to
     * @param at          offset of its first byte
     * @param totalLength of the reply's packet in bytes
     */
    public void reply(final MutableDirectBuffer frames, final int at, final int totalLength) {
        final long start = REPLY_FIRST | InternetChecksum.word(totalLength) << 16;
        final long sum = (start & LOW_32) + (start >>> 32) + REPLY_SECOND + addressSum();
        final long checksum = InternetChecksum.finish(sum) & 0xFFFF;
        frames.putLong(at, start, ByteOrder.LITTLE_ENDIAN);
        frames.putLong(at + SECOND_OFFSET, REPLY_SECOND | checksum << 16 | (long) destination << 32,
            ByteOrder.LITTLE_ENDIAN);
        frames.putInt(at + DESTINATION_OFFSET, (int) (second >>> 32), ByteOrder.LITTLE_ENDIAN);
    }
}
