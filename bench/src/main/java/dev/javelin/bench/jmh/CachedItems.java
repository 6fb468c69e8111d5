package dev.javelin.bench.jmh;

import dev.javelin.afxdp.HugePages;
import dev.javelin.fastpath.CacheEntry;
import dev.javelin.fastpath.CacheReader;
import dev.javelin.fastpath.CurrentWriteTable;
import dev.javelin.fastpath.KeyHash;
import dev.javelin.fastpath.TableWords;
import dev.javelin.fastpath.ValueCache;
import dev.javelin.fastpath.WriteTable;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A cache of the product's default size that holds all keys of a {@link Keys}, none of which anybody changes.
 */
final class CachedItems implements AutoCloseable {
    /** The time of every duty cycle; no entry ever expires. */
    static final long NOW_NS = 1;
    private static final int CACHE_BYTES = 256 << 20;
    private static final int TAGS_PER_BUCKET_BYTES = 16;
    private static final int OTHER_SLOTS = 1 << 16;

    final KeyHash keyHash = new KeyHash(3);
    /** Hashes of the keys in the order in which they are asked for. */
    final long[] hashes;
    private final HugePages memory = HugePages.allocate(CACHE_BYTES);
    private final PlayedWriteTable played = new PlayedWriteTable();
    private final CurrentWriteTable current = new CurrentWriteTable();
    private final int[] otherSlots;
    private int changes;
    private final ValueCache cache;

    CachedItems(Keys keys, int valueLength) {
        cache = new ValueCache(memory.address(), memory.bytes(), new UnsafeBuffer(BufferUtil.allocateDirectAligned(
            TAGS_PER_BUCKET_BYTES * ValueCache.bucketsFor(CACHE_BYTES), 64)));
        WriteTable table = played.open();
        current.set(table);
        BitSet used = new BitSet(played.slots());
        UnsafeBuffer value = new UnsafeBuffer(new byte[valueLength]);
        value.setMemory(0, valueLength, (byte) 'v');
        CacheEntry entry = new CacheEntry().value(value, 0, valueLength, 0, 1).lifetime(0, CacheEntry.NO_DEADLINE);
        TableWords words = new TableWords();
        UnsafeBuffer key = new UnsafeBuffer(0, 0);
        for (int i = 0; i < keys.count(); i++) {
            key.wrap(keys.stored(i));
            words.read(table, key, 0, key.capacity());
            used.set(table.slot(key, 0, key.capacity()));
            entry.words(words, WriteTable.NO_DEADLINE_TICK);
            cache.put(entry.key(keyHash.hash(key, 0, key.capacity()), key, 0, key.capacity()));
        }
        if (cache.items() != keys.count() || cache.evictions() != 0) {
            throw new IllegalStateException(cache.items() + " of " + keys.count() + " keys are in the cache");
        }
        otherSlots = new SplittableRandom(11).ints(0, played.slots()).filter(slot -> !used.get(slot))
            .limit(OTHER_SLOTS).toArray();
        hashes = new long[keys.count()];
        for (int i = 0; i < hashes.length; i++) {
            key.wrap(keys.name(i));
            hashes[i] = keyHash.hash(key, 0, key.capacity());
        }
    }

    /** Somebody writes a key that is not in the cache, each time another. */
    void changeAnother() {
        played.change(otherSlots[changes++ & OTHER_SLOTS - 1]);
    }

    /** A reader that trusts its entries until they expire. */
    CacheReader reader() {
        return cache.newReader(null);
    }

    /** A reader that compares each entry's words with the write table. */
    CacheReader witnessedReader() {
        return cache.newReader(current);
    }

    @Override
    public void close() {
        memory.close();
    }
}
