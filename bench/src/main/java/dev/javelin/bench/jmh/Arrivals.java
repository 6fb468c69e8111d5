package dev.javelin.bench.jmh;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * GETs for one key each, one after the other in the order of a {@link Keys}, and the UMEM chunks they arrive in.
 */
final class Arrivals {
    static final int CHUNK_BYTES = 2_048;
    /** As many as a worker takes from the rx ring at once. */
    static final int BATCH = 64;
    /** Where AF_XDP puts a packet (XDP_PACKET_HEADROOM). */
    private static final int HEADROOM = 256;

    final UnsafeBuffer umem;
    /** Length of each request's frame. */
    final int length;
    private final UnsafeBuffer requests;
    private final int count;
    private final int chunks;
    private int next = -1;
    private int chunk;

    /** Requests of one length; {@code chunks}, a power of two, take them in turns. */
    Arrivals(Keys keys, int ipVersion, int chunks) {
        this.chunks = chunks;
        umem = new UnsafeBuffer(BufferUtil.allocateDirectAligned(chunks * CHUNK_BYTES, 4_096));
        count = keys.count();
        length = RequestFrame.of(ipVersion, keys.name(0)).length;
        requests = new UnsafeBuffer(BufferUtil.allocateDirectAligned(count * length, 64));
        for (int i = 0; i < count; i++) {
            requests.putBytes(i * length, RequestFrame.of(ipVersion, keys.name(i)));
        }
    }

    /** The next request arrives in the next chunk. */
    void receive() {
        next = next + 1 == count ? 0 : next + 1;
        chunk = chunk + 1 & chunks - 1;
        umem.putBytes(offset(), requests, next * length, length);
    }

    /** Which key the latest request is for. */
    int request() {
        return next;
    }

    /** Where the latest request's frame begins. */
    int offset() {
        return chunk * CHUNK_BYTES + HEADROOM;
    }

    /** Behind the last byte of its chunk. */
    int chunkEnd() {
        return (chunk + 1) * CHUNK_BYTES;
    }
}
