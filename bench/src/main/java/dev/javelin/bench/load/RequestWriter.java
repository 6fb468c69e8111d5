package dev.javelin.bench.load;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes a request of the table as it goes over the wire: memcached's frame header for UDP, then
 * {@code get KEY [KEY...]\r\n}. Source: memcached's doc/protocol.txt. Used by one thread.
 */
final class RequestWriter {
    /** No request is longer: what memcached takes in one datagram. */
    static final int MAX_LENGTH = 1_400;
    /** What a buffer must hold: keys are written in whole words. */
    static final int CAPACITY = MAX_LENGTH + Long.BYTES;
    private static final int TEXT_OFFSET = Engine.FRAME_HEADER_LENGTH;
    private static final int REQUEST_ID_SHIFT = 48;
    /** Behind the request id: sequence 0, of 1 datagram, reserved 0. */
    private static final long ONE_DATAGRAM = 0x0000_0001_0000L;
    private static final int GET_LENGTH = 3;
    private static final int GET_AND_SPACE = 'g' | 'e' << 8 | 't' << 16 | ' ' << 24;
    private static final short LINE_END = '\r' | '\n' << 8;

    private final Requests requests;
    private final Keys keys;

    RequestWriter(Requests requests, Keys keys) {
        this.requests = requests;
        this.keys = keys;
    }

    /**
     * Writes the request of a slot at the beginning of a buffer of {@link #CAPACITY}.
     *
     * @return its length in bytes.
     */
    int write(int slot, MutableDirectBuffer to) {
        to.putLong(0, header(slot), ByteOrder.BIG_ENDIAN);
        int first = slot * requests.keysEach;
        if (requests.keysEach == 1) {
            return TEXT_OFFSET + keys.putText(requests.item[first], to, TEXT_OFFSET);
        }
        to.putInt(TEXT_OFFSET, GET_AND_SPACE, ByteOrder.LITTLE_ENDIAN);
        int end = TEXT_OFFSET + GET_LENGTH;
        for (int i = first; i < first + requests.keysEach; i++) {
            end += keys.putSpaceAndKey(requests.item[i], to, end);
        }
        to.putShort(end, LINE_END, ByteOrder.LITTLE_ENDIAN);
        return end + Short.BYTES;
    }

    /** Returns whether a datagram is that request, to the last byte. */
    boolean isRequest(int slot, DirectBuffer buffer, int offset, int length) {
        int first = slot * requests.keysEach;
        int text = offset + TEXT_OFFSET;
        if (length != length(first) || buffer.getLong(offset, ByteOrder.BIG_ENDIAN) != header(slot)) {
            return false;
        }
        if (requests.keysEach == 1) {
            return keys.isText(requests.item[first], buffer, text);
        }
        int end = text + GET_LENGTH;
        for (int i = first; i < first + requests.keysEach; i++) {
            if (!keys.isSpaceAndKey(requests.item[i], buffer, end)) {
                return false;
            }
            end += 1 + keys.length(requests.item[i]);
        }
        return buffer.getInt(text, ByteOrder.LITTLE_ENDIAN) == GET_AND_SPACE
            && buffer.getShort(end, ByteOrder.LITTLE_ENDIAN) == LINE_END;
    }

    private static long header(int slot) {
        return (long) slot << REQUEST_ID_SHIFT | ONE_DATAGRAM;
    }

    private int length(int first) {
        int length = TEXT_OFFSET + GET_LENGTH + Short.BYTES;
        for (int i = first; i < first + requests.keysEach; i++) {
            length += 1 + keys.length(requests.item[i]);
        }
        return length;
    }
}
