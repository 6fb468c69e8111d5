package dev.javelin.slowpath;

import org.agrona.DirectBuffer;

/**
 * Reads memcached's replies to pipelined {@code mg KEY t f c v} requests out of a byte stream that arrives in
 * arbitrary pieces.
 *
 * <pre>
 *   VA &lt;size&gt; t&lt;ttl&gt; f&lt;flags&gt; c&lt;cas&gt; [W] [X] [Z]\r\n&lt;size bytes&gt;\r\n      a hit
 *   EN\r\n                                                                   a miss
 *   CLIENT_ERROR … / SERVER_ERROR … / ERROR\r\n                              a refusal
 * </pre>
 *
 * <p>Used by one thread. Every number is bounded before it is used; whatever does not fit the grammar is
 * {@link #BROKEN}, after which the stream cannot be trusted any more. Source: memcached's doc/protocol.txt,
 * "Meta Get".
 */
final class MetaGetReply {
    /** The bytes so far end before the reply does. */
    static final int INCOMPLETE = 0;
    /** A value: its place and its attributes are set. */
    static final int VALUE = 1;
    /** A value longer than the limit: its header line was read, {@link #bytesToSkip()} bytes follow it. */
    static final int OVERSIZE = 2;
    /** memcached does not have the key. */
    static final int MISS = 3;
    /** memcached refused the request. */
    static final int REFUSED = 4;
    /** Not a reply to {@code mg}: the connection is of no more use. */
    static final int BROKEN = 5;

    private static final int MAX_LINE_LENGTH = 512;
    private static final long MAX_VALUE_LENGTH = 1L << 31;

    private final int maxValueLength;
    private int consumed;
    private int valueOffset;
    private int valueLength;
    private long bytesToSkip;
    private long ttlSeconds;
    private long flags;
    private long cas;
    private boolean stale;
    private boolean casSeen;

    /**
     * Creates a reader.
     *
     * @param maxValueLength longer values are reported as {@link #OVERSIZE} and need not be buffered.
     */
    MetaGetReply(int maxValueLength) {
        this.maxValueLength = maxValueLength;
    }

    /**
     * Reads the reply that begins at {@code offset}.
     *
     * @param buffer the bytes received.
     * @param offset where the reply begins.
     * @param limit  one behind the last byte received.
     * @return one of the codes above.
     */
    int read(DirectBuffer buffer, int offset, int limit) {
        int lineFeed = indexOf(buffer, '\n', offset, Math.min(limit, offset + MAX_LINE_LENGTH));
        if (lineFeed == Math.min(limit, offset + MAX_LINE_LENGTH)) {
            return limit - offset >= MAX_LINE_LENGTH ? BROKEN : INCOMPLETE;
        }
        int lineEnd = lineFeed - 1;
        if (lineEnd < offset || buffer.getByte(lineEnd) != '\r') {
            return BROKEN;
        }
        consumed = lineFeed + 1 - offset;
        if (startsWith(buffer, offset, lineEnd, "VA ")) {
            return readValue(buffer, offset, lineEnd, limit);
        }
        if (lineEnd - offset == 2 && startsWith(buffer, offset, lineEnd, "EN")) {
            return MISS;
        }
        boolean refused = startsWith(buffer, offset, lineEnd, "CLIENT_ERROR")
            || startsWith(buffer, offset, lineEnd, "SERVER_ERROR")
            || startsWith(buffer, offset, lineEnd, "ERROR");
        return refused ? REFUSED : BROKEN;
    }

    private int readValue(DirectBuffer buffer, int offset, int lineEnd, int limit) {
        int sizeEnd = indexOf(buffer, ' ', offset + 3, lineEnd);
        long size = parseNumber(buffer, offset + 3, sizeEnd);
        if (size < 0 || size > MAX_VALUE_LENGTH || !readAttributes(buffer, sizeEnd, lineEnd)) {
            return BROKEN;
        }
        if (size > maxValueLength) {
            bytesToSkip = size + 2;
            return OVERSIZE;
        }
        valueOffset = offset + consumed;
        valueLength = (int) size;
        int valueEnd = valueOffset + valueLength;
        if (limit - valueEnd < 2) {
            return INCOMPLETE;
        }
        consumed += valueLength + 2;
        return buffer.getByte(valueEnd) == '\r' && buffer.getByte(valueEnd + 1) == '\n' ? VALUE : BROKEN;
    }

    private boolean readAttributes(DirectBuffer buffer, int from, int lineEnd) {
        stale = false;
        casSeen = false;
        ttlSeconds = 0;
        int position = from;
        while (position < lineEnd) {
            int start = position + 1;
            position = indexOf(buffer, ' ', start, lineEnd);
            if (position > start && !readAttribute(buffer, start, position)) {
                return false;
            }
        }
        return casSeen;
    }

    private boolean readAttribute(DirectBuffer buffer, int start, int end) {
        switch (buffer.getByte(start)) {
            case 't' -> {
                boolean unlimited = end - start == 3 && startsWith(buffer, start, end, "t-1");
                ttlSeconds = unlimited ? -1 : parseNumber(buffer, start + 1, end);
                return unlimited || ttlSeconds >= 0;
            }
            case 'f' -> {
                flags = parseNumber(buffer, start + 1, end);
                return flags >= 0 && flags <= 0xffff_ffffL;
            }
            case 'c' -> {
                cas = parseModulo64(buffer, start + 1, end);
                casSeen = end > start + 1;
                return casSeen;
            }
            case 'W', 'X', 'Z' -> {
                stale = true;
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** Returns the index of the first such byte, or {@code to} where there is none. */
    private static int indexOf(DirectBuffer buffer, char wanted, int from, int to) {
        int i = from;
        while (i < to && buffer.getByte(i) != wanted) {
            i++;
        }
        return i;
    }

    private static boolean startsWith(DirectBuffer buffer, int from, int to, String prefix) {
        if (to - from < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (buffer.getByte(from + i) != prefix.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the number, or -1 where there is none or it has more than 18 digits. */
    private static long parseNumber(DirectBuffer buffer, int from, int to) {
        return from >= to || to - from > 18 ? -1 : parseModulo64(buffer, from, to);
    }

    /** Returns the number modulo 2^64, since a CAS may use all 64 bits; -1 where a byte is not a digit. */
    private static long parseModulo64(DirectBuffer buffer, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = buffer.getByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** Returns the bytes of the reply: all of it, or its header line when it is {@link #OVERSIZE}. */
    int consumed() {
        return consumed;
    }

    int valueOffset() {
        return valueOffset;
    }

    int valueLength() {
        return valueLength;
    }

    /** Returns the bytes of the oversize value and its line end, which follow the header line. */
    long bytesToSkip() {
        return bytesToSkip;
    }

    /** Returns the remaining seconds by memcached's clock; -1 for an item that never expires. */
    long ttlSeconds() {
        return ttlSeconds;
    }

    /** Returns the client's flags, 0 to 2^32-1. */
    long flags() {
        return flags;
    }

    /** Returns the item's CAS unique. */
    long cas() {
        return cas;
    }

    /** Returns whether memcached marked the item stale or gave us its recache token: it must not be cached. */
    boolean stale() {
        return stale;
    }
}
