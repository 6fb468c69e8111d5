package dev.javelin.fastpath;

import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A cache over plain direct memory, and strings instead of buffers.
 */
final class CacheFixture {
    final KeyHash hash = new KeyHash(99);
    final ValueCache cache;
    final UnsafeBuffer tags;
    final CacheReader reader;
    final UnsafeBuffer reply = new UnsafeBuffer(new byte[2_048]);
    private final ByteBuffer memory;
    private final CacheEntry entry = new CacheEntry();

    CacheFixture(final int buckets, final int bytes) {
        memory = BufferUtil.allocateDirectAligned(bytes, 64);
        tags = new UnsafeBuffer(BufferUtil.allocateDirectAligned(buckets * 16, 64));
        cache = new ValueCache(BufferUtil.address(memory), bytes, tags);
        reader = cache.newReader(null);
    }

    boolean put(final String key, final String value, final long nowNs, final long deadlineNs) {
        return put(key, value, 0, nowNs, deadlineNs);
    }

    boolean put(final String key, final String value, final int flags, final long nowNs, final long deadlineNs) {
        final UnsafeBuffer k = new UnsafeBuffer(Frames.bytes(key));
        final UnsafeBuffer v = new UnsafeBuffer(Frames.bytes(value));
        return cache.put(entry.key(hash.hash(k, 0, k.capacity()), k, 0, k.capacity())
            .value(v, 0, v.capacity(), flags, 5).lifetime(nowNs, deadlineNs));
    }

    boolean put(final String key, final String value) {
        return put(key, value, 0, CacheEntry.NO_DEADLINE);
    }

    boolean remove(final String key) {
        final UnsafeBuffer k = new UnsafeBuffer(Frames.bytes(key));
        return cache.remove(hash.hash(k, 0, k.capacity()), k, 0, k.capacity());
    }

    int copy(final String key, final long nowNs, final int maxLength) {
        final UnsafeBuffer k = new UnsafeBuffer(Frames.bytes(key));
        return reader.copy(hash.hash(k, 0, k.capacity()), k, 0, k.capacity(), nowNs, reply, 0, maxLength);
    }

    /** The block, or the reason why there is none. */
    String get(final String key, final long nowNs) {
        final int length = copy(key, nowNs, ValueCache.MAX_REPLY_TEXT - ValueCache.END_LENGTH);
        if (length < 0) {
            return HandBackReason.of(-length).name();
        }
        final byte[] bytes = new byte[length];
        reply.getBytes(0, bytes);
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    String get(final String key) {
        return get(key, 0);
    }
}
