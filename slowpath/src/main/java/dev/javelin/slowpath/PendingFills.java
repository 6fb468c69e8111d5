package dev.javelin.slowpath;

import dev.javelin.fastpath.TableWords;
import org.agrona.DirectBuffer;
import org.agrona.collections.LongHashSet;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The {@code mg} requests on their way to memcached, in the order in which they were sent, which is the order in
 * which memcached answers them. A key is asked for once at a time.
 *
 * <p>Everything is allocated at the start. Used by the slow path's thread.
 */
final class PendingFills {
    /** One request that has not been answered yet. Reused. */
    static final class Fill {
        /** The key's bytes are {@code key[0 .. keyLength)}. */
        final byte[] key = new byte[SlowPathLimits.MAX_KEY_LENGTH];
        final UnsafeBuffer keyBuffer = new UnsafeBuffer(key);
        int keyLength;
        long hash;
        long sentNs;
        /** The write-table words as they were before the request was sent; unused without a table. */
        final TableWords words = new TableWords();

        private void set(DirectBuffer buffer, int offset, int length, long keyHash, long nowNs) {
            buffer.getBytes(offset, key, 0, length);
            keyLength = length;
            hash = keyHash;
            sentNs = nowNs;
        }
    }

    private final Fill[] fills;
    private final LongHashSet hashes;
    private int head;
    private int size;

    /**
     * Creates the queue.
     *
     * @param capacity how many requests may be on their way at once.
     */
    PendingFills(int capacity) {
        fills = new Fill[capacity];
        for (int i = 0; i < capacity; i++) {
            fills[i] = new Fill();
        }
        hashes = new LongHashSet(4 * capacity);
    }

    /** Returns the request to send for this key, or null when it is on its way already or no more may be. */
    Fill add(DirectBuffer buffer, int offset, int length, long hash, long nowNs) {
        if (size == fills.length || !hashes.add(hash)) {
            return null;
        }
        Fill fill = fills[(head + size) % fills.length];
        fill.set(buffer, offset, length, hash, nowNs);
        size++;
        return fill;
    }

    /** Returns the request that memcached answers next, or null. */
    Fill peek() {
        return size == 0 ? null : fills[head];
    }

    /** Ends the request that {@link #peek()} returned. */
    void remove() {
        hashes.remove(fills[head].hash);
        head = (head + 1) % fills.length;
        size--;
    }

    /** Takes back what {@link #add} added last. */
    void removeLast() {
        size--;
        hashes.remove(fills[(head + size) % fills.length].hash);
    }

    void clear() {
        hashes.clear();
        head = 0;
        size = 0;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == fills.length;
    }
}
