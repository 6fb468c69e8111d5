package dev.javelin.fastpath;

import org.agrona.UnsafeApi;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where the cache lies: one stretch of off-heap memory, and the tags that XDP reads.
 * <pre>
 * tags (BPF map)   bucket x 8 ways x u16    fingerprint, 0 = empty
 * memory:
 *   control        128 B                    validFrom at 64, alone on its cache line
 *   locations      bucket x 8 ways x u64    position in the log; a cache line per bucket
 *   notes          bucket x 8 ways x u32    tick of the latest hit, then
 *                         x 4 x u64         what was verified of ways n and n + 4; a cache line per bucket
 *   log            the rest                 records, see RecordLayout
 * </pre>
 * A <em>position</em> is lap &lt;&lt; bits | offset in the log, bits being just enough for any offset. Positions only
 * grow, so "older than" is one comparison and an offset needs no division. The first lap is 1: no position is 0.
 * <p>
 * <em>Verified</em> is the write table's group word under which an entry was found to be what memcached has, XOR the
 * entry's scrambled position: any worker may write it at any time, even for an entry that is gone, since it says itself
 * of which entry it speaks. It speaks for another by an accident of 2^-64, as the words begin at random. Two ways share
 * one; if both are asked for, each hit verifies its entry anew.
 * <p>
 * Workers read by address ({@link UnsafeApi}) and not through buffers: a buffer may stand for an array or for memory
 * off the heap, so the compiler loads its base, with the collector's barrier, before every access, and a hit makes
 * some fifty (docs/cache.md has the figures). All offsets are checked by those who make them.
 */
final class CacheMemory {
    static final int WAYS = 8;
    static final int TAGS_STRIDE = WAYS * Short.BYTES;
    static final int LOCATIONS_STRIDE = WAYS * Long.BYTES;
    static final int NOTES_STRIDE = WAYS * Integer.BYTES + WAYS / 2 * Long.BYTES;
    static final long MIN_LOG_BYTES = 64 * 1024;

    /** A hit within the same 2^26 ns (67 ms) as an earlier one writes nothing. */
    private static final int HEAT_TICK_SHIFT = 26;
    private static final int CONTROL_BYTES = 128;
    private static final int VALID_FROM_OFFSET = 64;
    private static final int VERIFIED_OFFSET = WAYS * Integer.BYTES;
    private static final long SCRAMBLER = 0x9E37_79B9_7F4A_7C15L;
    private static final int MAX_BUCKETS = 1 << 24;

    final AtomicBuffer tags;
    final UnsafeBuffer locations;
    final int bucketMask;
    final long logBytes;
    final long logEnd;

    private final UnsafeBuffer control;
    private final long tagsAddress;
    private final long locationsAddress;
    private final long notesAddress;
    private final long logAddress;
    private final long offsetMask;

    CacheMemory(final long address, final long bytes, final AtomicBuffer tags) {
        final int buckets = tags.capacity() / TAGS_STRIDE;
        if (Integer.bitCount(buckets) != 1 || buckets > MAX_BUCKETS || buckets * TAGS_STRIDE != tags.capacity()) {
            throw new IllegalArgumentException("tags: " + tags.capacity() + " bytes are not a power of two of buckets, "
                + TAGS_STRIDE + " bytes each, at most " + MAX_BUCKETS);
        }
        if (tags.byteArray() != null) {
            throw new IllegalArgumentException("tags: are on the heap; readers read them by address");
        }
        if ((address & (LOCATIONS_STRIDE - 1)) != 0) {
            throw new IllegalArgumentException("address: " + address + " is not a multiple of " + LOCATIONS_STRIDE);
        }
        final long indexBytes = CONTROL_BYTES + (long) buckets * (LOCATIONS_STRIDE + NOTES_STRIDE);
        if (bytes - indexBytes < MIN_LOG_BYTES) {
            throw new IllegalArgumentException("bytes: " + bytes + " leave no room for values beside the index of "
                + buckets + " buckets; at least " + (indexBytes + MIN_LOG_BYTES) + " are needed");
        }
        this.tags = tags;
        bucketMask = buckets - 1;
        tagsAddress = tags.addressOffset();
        control = new UnsafeBuffer(address, CONTROL_BYTES);
        locationsAddress = address + CONTROL_BYTES;
        locations = new UnsafeBuffer(locationsAddress, buckets * LOCATIONS_STRIDE);
        notesAddress = locationsAddress + locations.capacity();
        final UnsafeBuffer notes = new UnsafeBuffer(notesAddress, buckets * NOTES_STRIDE);
        logAddress = notesAddress + notes.capacity();
        logBytes = (bytes - indexBytes) & -RecordLayout.ALIGNMENT;
        logEnd = logAddress + logBytes;
        offsetMask = (Long.highestOneBit(logBytes - 1) << 1) - 1;
        locations.setMemory(0, locations.capacity(), (byte) 0);
        notes.setMemory(0, notes.capacity(), (byte) 0);
        tags.setMemory(0, tags.capacity(), (byte) 0);
        validFrom(firstPosition());
    }

    long firstPosition() {
        return offsetMask + 1;
    }

    /** Where the record of a position begins. */
    long address(final long position) {
        return logAddress + (position & offsetMask);
    }

    /** Bytes from a position to the end of the log, which no record crosses. */
    long room(final long position) {
        return logBytes - (position & offsetMask);
    }

    long advance(final long position, final long bytes) {
        return room(position) == bytes ? (position | offsetMask) + 1 : position + bytes;
    }

    /** Bytes of log from one position to a later one. */
    long distance(final long from, final long to) {
        final long laps = (to & ~offsetMask) == (from & ~offsetMask) ? 0 : logBytes;
        return laps + (to & offsetMask) - (from & offsetMask);
    }

    /** The tags of half a bucket, 16 bits each. */
    long tagWord(final int bucket, final int firstWay) {
        return UnsafeApi.getLongAcquire(null, tagsAddress + tagIndex(bucket, firstWay));
    }

    /** Pairs with the release of the position by the writer: the whole record is seen. */
    long position(final int bucket, final int way) {
        return UnsafeApi.getLongAcquire(null, locationsAddress + locationIndex(bucket, way));
    }

    /** Records before this position are gone; read it after reading a record and its bytes. */
    long validFrom() {
        return UnsafeApi.getLongAcquire(null, control.addressOffset() + VALID_FROM_OFFSET);
    }

    void validFrom(final long position) {
        control.putLongRelease(VALID_FROM_OFFSET, position);
    }

    int heat(final int bucket, final int way) {
        return UnsafeApi.getIntOpaque(null, notesAddress + heatIndex(bucket, way));
    }

    /** Any thread: readers race, and every one of them is right. */
    void heat(final int bucket, final int way, final int tick) {
        UnsafeApi.putIntOpaque(null, notesAddress + heatIndex(bucket, way), tick);
    }

    /** The group word under which the entry of a position was verified, if it was; else any number. */
    long verified(final int bucket, final int way, final long position) {
        return UnsafeApi.getLongOpaque(null, verifiedAddress(bucket, way)) ^ position * SCRAMBLER;
    }

    /** Any thread: readers race, and every one of them is right. */
    void verified(final int bucket, final int way, final long position, final long groupWord) {
        UnsafeApi.putLongOpaque(null, verifiedAddress(bucket, way), groupWord ^ position * SCRAMBLER);
    }

    private long verifiedAddress(final int bucket, final int way) {
        return notesAddress + bucket * NOTES_STRIDE + VERIFIED_OFFSET + (way & WAYS / 2 - 1) * Long.BYTES;
    }

    static int heatTick(final long nowNs) {
        return (int) (nowNs >>> HEAT_TICK_SHIFT);
    }

    static int locationIndex(final int bucket, final int way) {
        return bucket * LOCATIONS_STRIDE + way * Long.BYTES;
    }

    static int tagIndex(final int bucket, final int way) {
        return bucket * TAGS_STRIDE + way * Short.BYTES;
    }

    private static int heatIndex(final int bucket, final int way) {
        return bucket * NOTES_STRIDE + way * Integer.BYTES;
    }
}
