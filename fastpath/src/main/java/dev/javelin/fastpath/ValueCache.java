package dev.javelin.fastpath;

import static dev.javelin.fastpath.RecordLayout.BLOCK_LENGTH_OFFSET;
import static dev.javelin.fastpath.RecordLayout.BLOCK_OFFSET;
import static dev.javelin.fastpath.RecordLayout.BLOCK_SUM_OFFSET;
import static dev.javelin.fastpath.RecordLayout.CAS_OFFSET;
import static dev.javelin.fastpath.RecordLayout.DEADLINE_NS_OFFSET;
import static dev.javelin.fastpath.RecordLayout.DEADLINE_TICK_OFFSET;
import static dev.javelin.fastpath.RecordLayout.EPOCH_OFFSET;
import static dev.javelin.fastpath.RecordLayout.FETCHED_NS_OFFSET;
import static dev.javelin.fastpath.RecordLayout.FLAGS_OFFSET;
import static dev.javelin.fastpath.RecordLayout.HASH_OFFSET;
import static dev.javelin.fastpath.RecordLayout.HEAT_FLOOR_OFFSET;
import static dev.javelin.fastpath.RecordLayout.KEY_LENGTH_OFFSET;
import static dev.javelin.fastpath.RecordLayout.KEY_OFFSET;
import static dev.javelin.fastpath.RecordLayout.LENGTH_OFFSET;
import static dev.javelin.fastpath.RecordLayout.SLOT_INDEX_OFFSET;
import static dev.javelin.fastpath.RecordLayout.SLOT_WORD_OFFSET;

import java.lang.invoke.VarHandle;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The values that hits are answered from: a circular log of ready-made reply blocks, off-heap, found through an
 * 8-way set-associative index whose tags XDP reads too (docs/cache.md; after MICA, NSDI'14).
 * <p>
 * <b>Who writes, who reads.</b> All methods but {@link #newReader}, {@link #items}, {@link #bytes} and
 * {@link #evictions} belong to one thread, the slow path's. Workers read through a {@link CacheReader} of their own.
 * <p>
 * <b>Order.</b> {@link #put} writes the record, then releases its position in the index, then releases its tag;
 * a reader that acquires the position sees the whole record. A record is never changed. Its memory is reused only after
 * {@code validFrom} has moved past it, and that store is ordered before the overwriting ones by a full fence; a reader
 * copies, then fences, then reads {@code validFrom}: had it seen a byte of the overwriting record, it would see the
 * moved {@code validFrom} and throw its copy away. {@code validFrom} is thus a sequence lock over the whole log.
 * <p>
 * <b>Eviction</b> is at the log's tail. A record that was hit since it was written or last spared is appended again
 * (CLOCK's second chance), at most {@link #MAX_SPARED_PER_PUT} for one put, so that a put's time is bounded.
 */
public final class ValueCache {
    /** Longest reply text of one datagram: memcached's 1,400 B less the frame header (UDP_MAX_PAYLOAD_SIZE). */
    public static final int MAX_REPLY_TEXT = 1_392;
    /** Bytes of the {@code "END\r\n"} behind a reply's last block. */
    public static final int END_LENGTH = 5;
    /** Most records that one put may append again instead of evicting them. */
    public static final int MAX_SPARED_PER_PUT = 8;

    private static final int EXPECTED_ENTRY_BYTES = 256;
    private static final int MAX_HEAD_LENGTH = 6 + KeyHash.MAX_KEY_LENGTH + 1 + 10 + 1 + 10 + 2;

    private final CacheMemory memory;
    private final ExpandableArrayBuffer head = new ExpandableArrayBuffer(MAX_HEAD_LENGTH);
    private final UnsafeBuffer record = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer other = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer spared = new UnsafeBuffer(new byte[RecordLayout.MAX_LENGTH]);
    private long headPosition;
    private long tailPosition;
    private volatile long items;
    private volatile long bytes;
    private volatile long evictions;

    /**
     * An empty cache.
     *
     * @param address of zeroed or unzeroed memory, a multiple of 64, that outlives the cache and its readers
     * @param bytes   of the memory, for locations, heat and log
     * @param tags    16 bytes for each bucket, a power of two of buckets; see {@link #bucketsFor}
     * @throws IllegalArgumentException if the memory is too small for the number of buckets
     */
    public ValueCache(final long address, final long bytes, final AtomicBuffer tags) {
        memory = new CacheMemory(address, bytes, tags);
        headPosition = memory.firstPosition();
        tailPosition = headPosition;
    }

    /**
     * A good number of buckets for a cache: half of the ways are used when the log is full of small values.
     *
     * @param cacheBytes as given to the constructor
     * @return a power of two, 64 to 2^24
     */
    public static int bucketsFor(final long cacheBytes) {
        final long wanted = cacheBytes / EXPECTED_ENTRY_BYTES / (CacheMemory.WAYS / 2);
        return Math.clamp(Long.highestOneBit(Math.max(1, wanted)), 64, 1 << 24);
    }

    /**
     * Makes a reader, to be used by one thread.
     *
     * @param writeTable witnesses what memcached changes; null for a reader that serves entries until their deadline
     * @return a reader
     */
    public CacheReader newReader(final CurrentWriteTable writeTable) {
        return new CacheReader(memory, writeTable);
    }

    /**
     * Adds or replaces a key's value.
     *
     * @param entry copied; may be reused at once
     * @return false if it can never be served, since its key or its reply text has no allowed length. The key's earlier
     *     value, if any, is then still there
     */
    public boolean put(final CacheEntry entry) {
        final int headLength = writeHead(entry);
        final int blockLength = headLength + entry.valueLength + 2;
        if (headLength == 0 || entry.valueLength < 0 || blockLength + END_LENGTH > MAX_REPLY_TEXT) {
            return false;
        }
        final int length = RecordLayout.align(BLOCK_OFFSET + blockLength);
        makeRoom(length, entry.fetchedNs);
        final long position = claim(length);
        record.wrap(memory.address(position), length);
        writeRecord(length, blockLength, headLength, entry);
        publish(position, entry);
        return true;
    }

    /** {@code "VALUE KEY FLAGS BYTES\r\n"}; 0 if the key's length is not allowed. */
    private int writeHead(final CacheEntry entry) {
        if (entry.keyLength < 1 || entry.keyLength > KeyHash.MAX_KEY_LENGTH) {
            return 0;
        }
        int at = head.putStringWithoutLengthAscii(0, "VALUE ");
        head.putBytes(at, entry.keyBuffer, entry.keyOffset, entry.keyLength);
        at += entry.keyLength;
        head.putByte(at++, (byte) ' ');
        at += head.putLongAscii(at, Integer.toUnsignedLong(entry.flags));
        head.putByte(at++, (byte) ' ');
        at += head.putIntAscii(at, entry.valueLength);
        head.putByte(at++, (byte) '\r');
        head.putByte(at++, (byte) '\n');
        return at;
    }

    private void writeRecord(final int length, final int blockLength, final int headLength, final CacheEntry entry) {
        record.putBytes(BLOCK_OFFSET, head, 0, headLength);
        record.putBytes(BLOCK_OFFSET + headLength, entry.valueBuffer, entry.valueOffset, entry.valueLength);
        record.putByte(BLOCK_OFFSET + blockLength - 2, (byte) '\r');
        record.putByte(BLOCK_OFFSET + blockLength - 1, (byte) '\n');
        record.putInt(LENGTH_OFFSET, length);
        record.putShort(KEY_LENGTH_OFFSET, (short) entry.keyLength);
        record.putShort(BLOCK_LENGTH_OFFSET, (short) blockLength);
        record.putLong(HASH_OFFSET, entry.hash);
        record.putLong(DEADLINE_NS_OFFSET, entry.deadlineNs);
        record.putLong(SLOT_WORD_OFFSET, entry.slotWord);
        record.putLong(EPOCH_OFFSET, entry.epoch);
        record.putInt(SLOT_INDEX_OFFSET, entry.slotIndex);
        record.putInt(DEADLINE_TICK_OFFSET, entry.deadlineTick);
        record.putInt(BLOCK_SUM_OFFSET,
            InternetChecksum.fold(InternetChecksum.sum(record, BLOCK_OFFSET, blockLength)));
        record.putInt(FLAGS_OFFSET, entry.flags);
        record.putLong(CAS_OFFSET, entry.cas);
        record.putLong(FETCHED_NS_OFFSET, entry.fetchedNs);
        record.putInt(HEAT_FLOOR_OFFSET, CacheMemory.heatTick(entry.fetchedNs));
    }

    private void publish(final long position, final CacheEntry entry) {
        final int bucket = KeyHash.bucket(entry.hash, memory.bucketMask);
        int way = find(bucket, entry.hash, entry.keyBuffer, entry.keyOffset, entry.keyLength);
        bytes = bytes + record.getInt(LENGTH_OFFSET);
        if (way >= 0) {
            bytes = bytes - lengthOf(location(bucket, way));
            memory.locations.putLongRelease(CacheMemory.locationIndex(bucket, way), position);
            return;
        }
        final int nowTick = CacheMemory.heatTick(entry.fetchedNs);
        way = emptyOrColdest(bucket, nowTick);
        if (location(bucket, way) >= tailPosition) {
            drop(bucket, way);
            evictions = evictions + 1;
        }
        memory.heat(bucket, way, nowTick - 1);
        memory.locations.putLongRelease(CacheMemory.locationIndex(bucket, way), position);
        putTag(bucket, way, KeyHash.tag(entry.hash));
        items = items + 1;
    }

    /** Frees room at the tail until a record of this length fits at the head. */
    private void makeRoom(final int length, final long nowNs) {
        int spare = MAX_SPARED_PER_PUT;
        while (!fits(length)) {
            record.wrap(memory.address(tailPosition), BLOCK_OFFSET);
            final int oldLength = record.getInt(LENGTH_OFFSET);
            if (oldLength < 0) {
                moveTail(-oldLength);
                continue;
            }
            final int bucket = KeyHash.bucket(record.getLong(HASH_OFFSET), memory.bucketMask);
            final int way = wayAt(bucket, tailPosition);
            if (way < 0) {
                moveTail(oldLength);
            } else if (spare > 0 && deserves(bucket, way, nowNs)) {
                spare--;
                spareOldest(oldLength, bucket, way, nowNs);
            } else {
                evict(bucket, way, oldLength);
            }
        }
    }

    private boolean deserves(final int bucket, final int way, final long nowNs) {
        return memory.heat(bucket, way) - record.getInt(HEAT_FLOOR_OFFSET) >= 0
            && nowNs < record.getLong(DEADLINE_NS_OFFSET);
    }

    private void spareOldest(final int length, final int bucket, final int way, final long nowNs) {
        record.wrap(memory.address(tailPosition), length);
        spared.putBytes(0, record, 0, length);
        spared.putInt(HEAT_FLOOR_OFFSET, CacheMemory.heatTick(nowNs) + 1);
        moveTail(length);
        if (fits(length)) {
            final long position = claim(length);
            record.wrap(memory.address(position), length);
            record.putBytes(0, spared, 0, length);
            memory.locations.putLongRelease(CacheMemory.locationIndex(bucket, way), position);
        } else {
            forget(bucket, way, length);
            evictions = evictions + 1;
        }
    }

    private void evict(final int bucket, final int way, final int length) {
        forget(bucket, way, length);
        evictions = evictions + 1;
        moveTail(length);
    }

    /** Readers that copied what lies before the new tail find out before any of it is overwritten. */
    private void moveTail(final int length) {
        tailPosition = memory.advance(tailPosition, length);
        memory.validFrom(tailPosition);
        VarHandle.fullFence();
    }

    private boolean fits(final int length) {
        final long free = memory.logBytes - memory.distance(tailPosition, headPosition);
        final long room = memory.room(headPosition);
        return free >= (room < length ? room + length : length);
    }

    /** Takes room that {@link #fits} has found, after filling up the log's end if the record would not fit there. */
    private long claim(final int length) {
        final long room = memory.room(headPosition);
        if (room < length) {
            other.wrap(memory.address(headPosition), Integer.BYTES);
            other.putInt(LENGTH_OFFSET, (int) -room);
            headPosition = memory.advance(headPosition, room);
        }
        final long position = headPosition;
        headPosition = memory.advance(position, length);
        return position;
    }

    /**
     * Removes a key. XDP passes its requests on as soon as it sees the tag gone.
     *
     * @param hash      of the key
     * @param key       buffer holding the key
     * @param keyOffset of its first byte
     * @param keyLength in bytes
     * @return false if it was not there
     */
    public boolean remove(final long hash, final DirectBuffer key, final int keyOffset, final int keyLength) {
        final int bucket = KeyHash.bucket(hash, memory.bucketMask);
        final int way = find(bucket, hash, key, keyOffset, keyLength);
        if (way < 0) {
            return false;
        }
        drop(bucket, way);
        return true;
    }

    /** Removes everything: no reader serves anything that was put before, once this has returned. */
    public void clear() {
        tailPosition = headPosition;
        memory.validFrom(tailPosition);
        VarHandle.fullFence();
        for (int i = 0; i < memory.tags.capacity(); i += Long.BYTES) {
            memory.tags.putLongRelease(i, 0);
        }
        items = 0;
        bytes = 0;
    }

    /**
     * Shows the entries of some buckets, for whoever keeps hot keys fresh. Nothing may be put or removed meanwhile.
     *
     * @param firstBucket 0 to buckets - 1
     * @param count       of buckets to look at, wrapping around at the end
     * @param visitor     called for every entry
     */
    public void visit(final int firstBucket, final int count, final EntryVisitor visitor) {
        for (int i = 0; i < count; i++) {
            final int bucket = (firstBucket + i) & memory.bucketMask;
            for (int way = 0; way < CacheMemory.WAYS; way++) {
                final long position = location(bucket, way);
                if (position >= tailPosition) {
                    record.wrap(memory.address(position), lengthOf(position));
                    final long fetchedNs = record.getLong(FETCHED_NS_OFFSET);
                    visitor.entry(record, KEY_OFFSET, record.getShort(KEY_LENGTH_OFFSET) & 0xFFFF, fetchedNs,
                        record.getLong(DEADLINE_NS_OFFSET),
                        memory.heat(bucket, way) - CacheMemory.heatTick(fetchedNs) >= 0);
                }
            }
        }
    }

    /**
     * Number of buckets of the index.
     *
     * @return a power of two
     */
    public int buckets() {
        return memory.bucketMask + 1;
    }

    /**
     * Entries that can be found, expired ones included. Any thread.
     *
     * @return not negative
     */
    public long items() {
        return items;
    }

    /**
     * Bytes of log that hold these entries. Any thread.
     *
     * @return not negative
     */
    public long bytes() {
        return bytes;
    }

    /**
     * Entries given up since the start to make room, in the log or in a bucket. Any thread.
     *
     * @return not negative
     */
    public long evictions() {
        return evictions;
    }

    private int find(final int bucket, final long hash, final DirectBuffer key, final int keyOffset,
        final int keyLength) {
        for (int way = 0; way < CacheMemory.WAYS; way++) {
            final long position = location(bucket, way);
            if (position >= tailPosition && RecordLayout.isOf(memory.address(position), memory.logEnd, hash, key,
                keyOffset, keyLength)) {
                return way;
            }
        }
        return -1;
    }

    private int emptyOrColdest(final int bucket, final int nowTick) {
        int coldest = 0;
        int coldestAge = Integer.MIN_VALUE;
        for (int way = 0; way < CacheMemory.WAYS; way++) {
            if (location(bucket, way) < tailPosition) {
                return way;
            }
            final int age = nowTick - memory.heat(bucket, way);
            if (age > coldestAge) {
                coldest = way;
                coldestAge = age;
            }
        }
        return coldest;
    }

    private int wayAt(final int bucket, final long position) {
        for (int way = 0; way < CacheMemory.WAYS; way++) {
            if (location(bucket, way) == position) {
                return way;
            }
        }
        return -1;
    }

    private void drop(final int bucket, final int way) {
        forget(bucket, way, lengthOf(location(bucket, way)));
    }

    /** First the tag, so that XDP stops; then the position, so that readers stop. */
    private void forget(final int bucket, final int way, final int length) {
        putTag(bucket, way, 0);
        memory.locations.putLongRelease(CacheMemory.locationIndex(bucket, way), 0);
        items = items - 1;
        bytes = bytes - length;
    }

    private void putTag(final int bucket, final int way, final int tag) {
        VarHandle.releaseFence();
        memory.tags.putShortVolatile(CacheMemory.tagIndex(bucket, way), (short) tag);
    }

    private long location(final int bucket, final int way) {
        return memory.locations.getLong(CacheMemory.locationIndex(bucket, way));
    }

    private int lengthOf(final long position) {
        other.wrap(memory.address(position), Integer.BYTES);
        return other.getInt(LENGTH_OFFSET);
    }
}
