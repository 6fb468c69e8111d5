package dev.javelin.bench.load;

import org.agrona.DirectBuffer;

/**
 * Holds one datagram against what the server ought to say: {@code VALUE key flags bytes\r\n data\r\n} of the items that
 * were asked for, in any number, and {@code END\r\n}. Every byte counts. Source: memcached's doc/protocol.txt. Used by
 * one thread.
 */
final class ReplyVerifier {
    /** What a datagram is: the last or only one of a right answer, an earlier part of it, or a lie. */
    enum Verdict { HIT, MISS, PART, WRONG, STALE, MALFORMED }

    private static final byte[] VALUE = {'V', 'A', 'L', 'U', 'E', ' '};
    private static final byte[] END = {'E', 'N', 'D', '\r', '\n'};
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final int MAX_DIGITS = 10;

    private final Items items;
    private final Keys keys;
    private DirectBuffer reply;
    private int position;
    private int limit;
    private int keyStart;
    private int keyLength;
    private long flags;
    private int dataStart;
    private int dataLength;
    private long found;

    /**
     * A verifier.
     *
     * @param keys of all items, by their numbers.
     */
    ReplyVerifier(Items items, Keys keys) {
        this.items = items;
        this.keys = keys;
    }

    /**
     * Judges one datagram.
     *
     * @param buffer       holds the text, the frame header taken off.
     * @param offset       where it begins.
     * @param length       of it in bytes.
     * @param asked        numbers of the items that were asked for, from {@code first} on.
     * @param leastVersion at the same places, the versions that were acknowledged before the request was sent.
     * @param count        how many, 1 to 64.
     * @param foundBefore  bit {@code i}: an earlier datagram had the value of the i-th item.
     */
    Verdict verify(DirectBuffer buffer, int offset, int length, int[] asked, int[] leastVersion, int first, int count,
        long foundBefore) {
        reply = buffer;
        position = offset;
        limit = offset + length;
        found = foundBefore;
        while (position < limit && !isAtEnd()) {
            if (!readValue()) {
                return Verdict.MALFORMED;
            }
            Verdict verdict = judge(asked, leastVersion, first, count);
            if (verdict != Verdict.HIT) {
                return verdict;
            }
        }
        if (position == limit) {
            return count > 1 && length > 0 ? Verdict.PART : Verdict.MALFORMED;
        }
        return found == 0 ? Verdict.MISS : Verdict.HIT;
    }

    /** Returns for which of the request's items a right value has come, the judged datagram included. */
    long found() {
        return found;
    }

    private boolean isAtEnd() {
        return limit - position == END.length && matches(END, position);
    }

    private boolean readValue() {
        if (!take(VALUE)) {
            return false;
        }
        keyStart = position;
        int keyEnd = indexOf((byte) ' ');
        keyLength = keyEnd - keyStart;
        position = keyEnd + 1;
        flags = keyEnd < 0 ? -1 : number((byte) ' ');
        long bytes = flags < 0 ? -1 : number((byte) '\r');
        if (bytes < 0 || position >= limit || reply.getByte(position) != '\n' || bytes > limit - position - 1) {
            return false;
        }
        dataStart = position + 1;
        dataLength = (int) bytes;
        position = dataStart + dataLength;
        return take(LINE_END);
    }

    private Verdict judge(int[] asked, int[] leastVersion, int first, int count) {
        for (int i = 0; i < count; i++) {
            int item = asked[first + i];
            if ((found >>> i & 1) == 0 && keyLength == keys.length(item) && keys.isKey(item, reply, keyStart)) {
                int version = flags == items.flags(item) ? items.versionOf(reply, dataStart, dataLength, item) : -1;
                if (version < 0) {
                    return Verdict.WRONG;
                }
                found |= 1L << i;
                return items.versioned(item) && version < leastVersion[first + i] ? Verdict.STALE : Verdict.HIT;
            }
        }
        return Verdict.WRONG;
    }

    private boolean take(byte[] bytes) {
        if (limit - position < bytes.length || !matches(bytes, position)) {
            return false;
        }
        position += bytes.length;
        return true;
    }

    private boolean matches(byte[] bytes, int at) {
        for (int i = 0; i < bytes.length; i++) {
            if (reply.getByte(at + i) != bytes[i]) {
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
        if (end <= position || end - position > MAX_DIGITS) {
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
