package dev.javelin.bench.load;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * Writes a request of the table as it goes over the wire: memcached's frame header for UDP, then
 * {@code get KEY [KEY...]\r\n}. Source: memcached's doc/protocol.txt. Used by one thread.
 */
final class RequestWriter {
    /** No request is longer: what memcached takes in one datagram. */
    static final int MAX_LENGTH = 1_400;
    private static final int DATAGRAMS_OFFSET = 4;
    private static final int SEQUENCE_OFFSET = 2;
    private static final int RESERVED_OFFSET = 6;
    private static final byte[] GET = {'g', 'e', 't'};

    private final Requests requests;
    private final byte[][] keys;

    RequestWriter(Requests requests, byte[][] keys) {
        this.requests = requests;
        this.keys = keys;
    }

    /**
     * Writes the request of a slot at the beginning of a buffer.
     *
     * @return its length in bytes.
     */
    int write(int slot, MutableDirectBuffer to) {
        to.putShort(0, (short) slot, ByteOrder.BIG_ENDIAN);
        to.putShort(SEQUENCE_OFFSET, (short) 0);
        to.putShort(DATAGRAMS_OFFSET, (short) 1, ByteOrder.BIG_ENDIAN);
        to.putShort(RESERVED_OFFSET, (short) 0);
        to.putBytes(Engine.FRAME_HEADER_LENGTH, GET);
        int end = Engine.FRAME_HEADER_LENGTH + GET.length;
        int first = slot * requests.keysEach;
        for (int i = 0; i < requests.keysEach; i++) {
            byte[] key = keys[requests.item[first + i]];
            to.putByte(end, (byte) ' ');
            to.putBytes(end + 1, key);
            end += 1 + key.length;
        }
        to.putByte(end, (byte) '\r');
        to.putByte(end + 1, (byte) '\n');
        return end + 2;
    }
}
