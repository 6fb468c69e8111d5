package dev.javelin.fastpath;

import org.agrona.DirectBuffer;

/**
 * What the filler learnt about one key, on its way into {@link ValueCache#put}. Mutable and made to be reused: the
 * cache copies all of it and keeps no reference. Belongs to the slow path's thread.
 */
public final class CacheEntry {
    /** A deadline that never comes. */
    public static final long NO_DEADLINE = Long.MAX_VALUE;

    long hash;
    DirectBuffer keyBuffer;
    int keyOffset;
    int keyLength;
    DirectBuffer valueBuffer;
    int valueOffset;
    int valueLength;
    int flags;
    long cas;
    long fetchedNs;
    long deadlineNs = NO_DEADLINE;
    int slotIndex;
    long slotWord;
    long epoch;
    int deadlineTick;

    /**
     * Sets the key.
     *
     * @param keyHash of the key, by the {@link KeyHash} that XDP uses
     * @param buffer  holding the key
     * @param offset  of its first byte
     * @param length  1 to {@link KeyHash#MAX_KEY_LENGTH} bytes
     * @return this
     */
    public CacheEntry key(final long keyHash, final DirectBuffer buffer, final int offset, final int length) {
        hash = keyHash;
        keyBuffer = buffer;
        keyOffset = offset;
        keyLength = length;
        return this;
    }

    /**
     * Sets the value.
     *
     * @param buffer      holding the data block, without its {@code \r\n}
     * @param offset      of its first byte
     * @param length      in bytes, not negative
     * @param clientFlags memcached's 32-bit client flags (u32)
     * @param casUnique   memcached's CAS (u64)
     * @return this
     */
    public CacheEntry value(final DirectBuffer buffer, final int offset, final int length, final int clientFlags,
        final long casUnique) {
        valueBuffer = buffer;
        valueOffset = offset;
        valueLength = length;
        flags = clientFlags;
        cas = casUnique;
        return this;
    }

    /**
     * Sets when the value was asked for and when it may no longer be served.
     *
     * @param askedNs System.nanoTime() before memcached was asked
     * @param endNs   System.nanoTime() from which on it is not served, or {@link #NO_DEADLINE}
     * @return this
     */
    public CacheEntry lifetime(final long askedNs, final long endNs) {
        fetchedNs = askedNs;
        deadlineNs = endNs;
        return this;
    }

    /**
     * Sets the write-table words that were read before memcached was asked (docs/coherence.md).
     *
     * @param words   as they were then
     * @param endTick memcached's clock from which on the value is not served (u32 seconds)
     * @return this
     */
    public CacheEntry words(final TableWords words, final int endTick) {
        slotIndex = words.slot;
        slotWord = words.slotWord;
        epoch = words.epoch;
        deadlineTick = endTick;
        return this;
    }
}
