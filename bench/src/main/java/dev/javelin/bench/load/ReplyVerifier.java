package dev.javelin.bench.load;

import org.agrona.DirectBuffer;

/**
 * Holds one reply against what the server ought to say: {@code VALUE key flags bytes\r\n data\r\nEND\r\n} of the item
 * that was asked for, or {@code END\r\n}. Every byte counts. Source: memcached's doc/protocol.txt.
 */
final class ReplyVerifier {
    /** What a reply is. */
    enum Verdict { HIT, MISS, WRONG, STALE, MALFORMED }

    private static final byte[] VALUE = {'V', 'A', 'L', 'U', 'E', ' '};
    private static final byte[] END = {'E', 'N', 'D', '\r', '\n'};

    private final Items items;
    private DirectBuffer reply;
    private int position;
    private int limit;

    ReplyVerifier(Items items) {
        this.items = items;
    }

    /**
     * Judges one reply.
     *
     * @param buffer       holds the text, the frame header taken off.
     * @param offset       where it begins.
     * @param length       of it in bytes.
     * @param item         that was asked for.
     * @param key          of that item.
     * @param leastVersion the version that was acknowledged before the request was sent.
     */
    Verdict verify(DirectBuffer buffer, int offset, int length, int item, byte[] key, int leastVersion) {
        reply = buffer;
        position = offset;
        limit = offset + length;
        if (length == END.length && take(END)) {
            return Verdict.MISS;
        }
        position = offset;
        if (!take(VALUE)) {
            return Verdict.MALFORMED;
        }
        int keyStart = position;
        int keyEnd = indexOf((byte) ' ');
        position = keyEnd + 1;
        long flags = number((byte) ' ');
        long valueLength = number((byte) '\r');
        if (keyEnd < 0 || flags < 0 || valueLength < 0 || !isFramed(valueLength)) {
            return Verdict.MALFORMED;
        }
        int dataStart = position + 1;
        if (!equals(key, keyStart, keyEnd) || flags != items.flags(item)) {
            return Verdict.WRONG;
        }
        int version = items.versionOf(buffer, dataStart, (int) valueLength, item);
        if (version < 0) {
            return Verdict.WRONG;
        }
        return items.versioned() && version < leastVersion ? Verdict.STALE : Verdict.HIT;
    }

    /** The line feed at the position, then data of that length, then a line end, then END and nothing more. */
    private boolean isFramed(long valueLength) {
        long dataEnd = position + 1L + valueLength;
        if (position >= limit || reply.getByte(position) != '\n' || dataEnd + 2 + END.length != limit) {
            return false;
        }
        int lineFeed = position;
        position = (int) dataEnd;
        boolean framed = reply.getByte(position++) == '\r' && reply.getByte(position++) == '\n' && take(END);
        position = lineFeed;
        return framed;
    }

    private boolean take(byte[] bytes) {
        if (limit - position < bytes.length || !equals(bytes, position, position + bytes.length)) {
            return false;
        }
        position += bytes.length;
        return true;
    }

    private boolean equals(byte[] bytes, int from, int to) {
        if (to - from != bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (reply.getByte(from + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private int indexOf(byte wanted) {
        for (int i = position; i < limit; i++) {
            if (reply.getByte(i) == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the number at the position, which then stands behind the byte that ends it; -1 where there is none. */
    private long number(byte ending) {
        int end = indexOf(ending);
        if (end <= position || end - position > 10) {
            return -1;
        }
        long number = 0;
        for (; position < end; position++) {
            int digit = reply.getByte(position) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        position++;
        return number;
    }
}
