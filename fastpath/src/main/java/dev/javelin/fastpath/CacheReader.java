package dev.javelin.fastpath;

import static dev.javelin.fastpath.RecordLayout.BLOCK_LENGTH_OFFSET;
import static dev.javelin.fastpath.RecordLayout.BLOCK_OFFSET;
import static dev.javelin.fastpath.RecordLayout.BLOCK_SUM_OFFSET;
import static dev.javelin.fastpath.RecordLayout.DEADLINE_NS_OFFSET;
import static dev.javelin.fastpath.RecordLayout.DEADLINE_TICK_OFFSET;
import static dev.javelin.fastpath.RecordLayout.GLOBAL_WORD_OFFSET;
import static dev.javelin.fastpath.RecordLayout.INSTANCE_OFFSET;
import static dev.javelin.fastpath.RecordLayout.SLOT_INDEX_OFFSET;
import static dev.javelin.fastpath.RecordLayout.SLOT_WORD_OFFSET;

import java.lang.invoke.VarHandle;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One worker's view of the {@link ValueCache}. One thread owns it; it writes nothing but heat.
 * <p>
 * <b>Order.</b> The acquire load of a position pairs with the writer's release store, so a record is seen whole.
 * It may be overtaken by the log while it is read: every length taken from it is checked before it is used, and
 * after the copy an acquire fence and a load of {@code validFrom} tell if the copy is good. Pairs with the full fence
 * in ValueCache.moveTail. Only then is the write table asked whether memcached still has what was copied: the answer
 * is the value at that moment, which lies between the request and the reply.
 */
public final class CacheReader {
    private static final int NOT_CACHED = -HandBackReason.NOT_CACHED.code();
    private static final int EXPIRED = -HandBackReason.EXPIRED.code();
    private static final int OVERWRITTEN = -HandBackReason.OVERWRITTEN.code();
    private static final int REPLY_TOO_LARGE = -HandBackReason.REPLY_TOO_LARGE.code();
    private static final long EACH_TAG = 0x0001_0001_0001_0001L;
    private static final long TAG_TOPS = 0x8000_8000_8000_8000L;
    private static final int WAYS_PER_WORD = Long.BYTES / Short.BYTES;

    private final CacheMemory memory;
    /** Null where entries are served until their deadline, whatever memcached has meanwhile. */
    private final CurrentWriteTable writeTable;
    private int blockSum;

    CacheReader(final CacheMemory memory, final CurrentWriteTable writeTable) {
        this.memory = memory;
        this.writeTable = writeTable;
    }

    /**
     * Copies a key's reply block, {@code "VALUE KEY FLAGS BYTES\r\n" data "\r\n"}, without {@code "END\r\n"}.
     *
     * @param hash      of the key
     * @param key       buffer holding the key
     * @param keyOffset of its first byte
     * @param keyLength 1 to 250 bytes
     * @param nowNs     System.nanoTime() of this duty cycle
     * @param to        buffer to write to; written to even when the answer turns out negative, but never beyond
     *                  {@code maxLength}
     * @param toOffset  where to write
     * @param maxLength most bytes to write
     * @return bytes copied, or the negative {@link HandBackReason#code}
     */
    public int copy(final long hash, final DirectBuffer key, final int keyOffset, final int keyLength, final long nowNs,
        final MutableDirectBuffer to, final int toOffset, final int maxLength) {
        final int bucket = KeyHash.bucket(hash, memory.bucketMask);
        final long wanted = KeyHash.tag(hash) * EACH_TAG;
        int result = NOT_CACHED;
        for (int word = 0; word < 2 && result == NOT_CACHED; word++) {
            final int tagsAt = CacheMemory.tagIndex(bucket, word * WAYS_PER_WORD);
            long matches = waysWith(memory.tags.getLongAcquire(tagsAt) ^ wanted);
            while (matches != 0 && result == NOT_CACHED) {
                final int way = word * WAYS_PER_WORD + (Long.numberOfTrailingZeros(matches) >>> 4);
                final long position = memory.locations.getLongAcquire(CacheMemory.locationIndex(bucket, way));
                if (position != 0) {
                    final UnsafeBuffer log = memory.segment(position);
                    final int at = memory.at(position);
                    if (RecordLayout.isOf(log, at, hash, key, keyOffset, keyLength)) {
                        result = copyRecord(log, at, position, nowNs, to, toOffset, maxLength);
                        warm(result, bucket, way, nowNs);
                    }
                }
                matches &= matches - 1;
            }
        }
        return result;
    }

    /** The top bit of each 16-bit lane that is 0; lanes above the first such may be shown wrongly, and are compared. */
    private static long waysWith(final long difference) {
        return (difference - EACH_TAG) & ~difference & TAG_TOPS;
    }

    private int copyRecord(final UnsafeBuffer log, final int at, final long position, final long nowNs,
        final MutableDirectBuffer to, final int toOffset, final int maxLength) {
        final int length = log.getShort(at + BLOCK_LENGTH_OFFSET) & 0xFFFF;
        if (nowNs >= log.getLong(at + DEADLINE_NS_OFFSET)) {
            return EXPIRED;
        }
        if (length > maxLength) {
            return REPLY_TOO_LARGE;
        }
        if (at + BLOCK_OFFSET + length > log.capacity()) {
            return NOT_CACHED;
        }
        to.putBytes(toOffset, log, at + BLOCK_OFFSET, length);
        blockSum = log.getInt(at + BLOCK_SUM_OFFSET);
        return writeTable == null ? whole(position, length) : witnessed(log, at, position, length);
    }

    private int whole(final long position, final int length) {
        VarHandle.acquireFence();
        return position >= memory.validFrom() ? length : NOT_CACHED;
    }

    private int witnessed(final UnsafeBuffer log, final int at, final long position, final int length) {
        final int slot = log.getInt(at + SLOT_INDEX_OFFSET);
        final long slotWord = log.getLong(at + SLOT_WORD_OFFSET);
        final long globalWord = log.getLong(at + GLOBAL_WORD_OFFSET);
        final long instance = log.getLong(at + INSTANCE_OFFSET);
        final int deadlineTick = log.getInt(at + DEADLINE_TICK_OFFSET);
        final int result = whole(position, length);
        if (result < 0) {
            return result;
        }
        final WriteTable table = writeTable.get();
        if (table == null || !table.isUnchanged(slot, slotWord, globalWord, instance)) {
            return OVERWRITTEN;
        }
        return table.isBefore(deadlineTick) ? result : EXPIRED;
    }

    private void warm(final int result, final int bucket, final int way, final long nowNs) {
        final int tick = CacheMemory.heatTick(nowNs);
        final int index = CacheMemory.heatIndex(bucket, way);
        if (result > 0 && memory.heat.getIntOpaque(index) != tick) {
            memory.heat.putIntOpaque(index, tick);
        }
    }

    /**
     * The checksum of what was copied last.
     *
     * @return folded partial sum, the block's first byte counting as even; see {@link InternetChecksum#atOffset}
     */
    public int blockSum() {
        return blockSum;
    }
}
