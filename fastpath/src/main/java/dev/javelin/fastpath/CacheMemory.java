package dev.javelin.fastpath;

import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where the cache lies: one stretch of off-heap memory, and the tags that XDP reads.
 * <pre>
 * tags (BPF map)   bucket x 8 ways x u16    fingerprint, 0 = empty
 * memory:
 *   control        128 B                    validFrom at 64, alone on its cache line
 *   locations      bucket x 8 ways x u64    position in the log; a cache line per bucket
 *   heat           bucket x 8 ways x u32    tick of the latest hit
 *   log            the rest                 records, see RecordLayout
 * </pre>
 * A <em>position</em> is lap &lt;&lt; bits | offset in the log, bits being just enough for any offset. Positions only
 * grow, so "older than" is one comparison and an offset needs no division. The first lap is 1: no position is 0.
 * The log is cut into segments of at most 1 GiB, as Agrona's buffers index by int; no record crosses a cut.
 */
final class CacheMemory {
    static final int WAYS = 8;
    static final int TAGS_STRIDE = WAYS * Short.BYTES;
    static final int LOCATIONS_STRIDE = WAYS * Long.BYTES;
    static final int HEAT_STRIDE = WAYS * Integer.BYTES;
    static final int MAX_SEGMENT_SHIFT = 30;
    static final long MIN_LOG_BYTES = 64 * 1024;

    /** A hit within the same 2^26 ns (67 ms) as an earlier one writes nothing. */
    private static final int HEAT_TICK_SHIFT = 26;
    private static final int CONTROL_BYTES = 128;
    private static final int VALID_FROM_OFFSET = 64;
    private static final int MAX_BUCKETS = 1 << 24;

    final AtomicBuffer tags;
    final UnsafeBuffer locations;
    final UnsafeBuffer heat;
    final int bucketMask;
    final long logBytes;
    final int segmentShift;

    private final UnsafeBuffer control;
    private final UnsafeBuffer[] segments;
    private final int positionBits;

    CacheMemory(final long address, final long bytes, final AtomicBuffer tags, final int segmentShift) {
        final int buckets = tags.capacity() / TAGS_STRIDE;
        if (Integer.bitCount(buckets) != 1 || buckets > MAX_BUCKETS || buckets * TAGS_STRIDE != tags.capacity()) {
            throw new IllegalArgumentException("tags: " + tags.capacity() + " bytes are not a power of two of buckets, "
                + TAGS_STRIDE + " bytes each, at most " + MAX_BUCKETS);
        }
        if ((address & (LOCATIONS_STRIDE - 1)) != 0) {
            throw new IllegalArgumentException("address: " + address + " is not a multiple of " + LOCATIONS_STRIDE);
        }
        final long indexBytes = CONTROL_BYTES + (long) buckets * (LOCATIONS_STRIDE + HEAT_STRIDE);
        if (bytes - indexBytes < MIN_LOG_BYTES) {
            throw new IllegalArgumentException("bytes: " + bytes + " leave no room for values beside the index of "
                + buckets + " buckets; at least " + (indexBytes + MIN_LOG_BYTES) + " are needed");
        }
        this.tags = tags;
        this.segmentShift = segmentShift;
        bucketMask = buckets - 1;
        control = new UnsafeBuffer(address, CONTROL_BYTES);
        final long locationsAddress = address + CONTROL_BYTES;
        locations = new UnsafeBuffer(locationsAddress, buckets * LOCATIONS_STRIDE);
        final long heatAddress = locationsAddress + locations.capacity();
        heat = new UnsafeBuffer(heatAddress, buckets * HEAT_STRIDE);
        logBytes = usable(bytes - indexBytes);
        positionBits = Long.SIZE - Long.numberOfLeadingZeros(logBytes - 1);
        segments = cut(heatAddress + heat.capacity());
        locations.setMemory(0, locations.capacity(), (byte) 0);
        heat.setMemory(0, heat.capacity(), (byte) 0);
        tags.setMemory(0, tags.capacity(), (byte) 0);
        validFrom(firstPosition());
    }

    /** A last segment too short for a record is left unused. */
    private long usable(final long bytes) {
        final long aligned = bytes & -RecordLayout.ALIGNMENT;
        final long last = aligned & ((1L << segmentShift) - 1);
        return last < RecordLayout.MAX_LENGTH ? aligned - last : aligned;
    }

    private UnsafeBuffer[] cut(final long logAddress) {
        final long segmentBytes = 1L << segmentShift;
        final UnsafeBuffer[] cuts = new UnsafeBuffer[(int) ((logBytes + segmentBytes - 1) >>> segmentShift)];
        for (int i = 0; i < cuts.length; i++) {
            final long from = i * segmentBytes;
            cuts[i] = new UnsafeBuffer(logAddress + from, (int) Math.min(segmentBytes, logBytes - from));
        }
        return cuts;
    }

    long firstPosition() {
        return 1L << positionBits;
    }

    UnsafeBuffer segment(final long position) {
        return segments[(int) (offset(position) >>> segmentShift)];
    }

    /** Offset of a position inside its segment. */
    int at(final long position) {
        return (int) (offset(position) & ((1L << segmentShift) - 1));
    }

    long advance(final long position, final int bytes) {
        final long next = position + bytes;
        return offset(position) + bytes == logBytes ? ((position >>> positionBits) + 1) << positionBits : next;
    }

    /** Bytes of log from one position to a later one. */
    long distance(final long from, final long to) {
        return ((to >>> positionBits) - (from >>> positionBits)) * logBytes + offset(to) - offset(from);
    }

    private long offset(final long position) {
        return position & ((1L << positionBits) - 1);
    }

    /** Records before this position are gone; read it after reading a record and its bytes. */
    long validFrom() {
        return control.getLongAcquire(VALID_FROM_OFFSET);
    }

    void validFrom(final long position) {
        control.putLongRelease(VALID_FROM_OFFSET, position);
    }

    static int heatTick(final long nowNs) {
        return (int) (nowNs >>> HEAT_TICK_SHIFT);
    }

    static int locationIndex(final int bucket, final int way) {
        return bucket * LOCATIONS_STRIDE + way * Long.BYTES;
    }

    static int heatIndex(final int bucket, final int way) {
        return bucket * HEAT_STRIDE + way * Integer.BYTES;
    }

    static int tagIndex(final int bucket, final int way) {
        return bucket * TAGS_STRIDE + way * Short.BYTES;
    }
}
