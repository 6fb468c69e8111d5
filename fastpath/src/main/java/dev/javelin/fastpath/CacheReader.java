package dev.javelin.fastpath;

import static dev.javelin.fastpath.RecordLayout.BLOCK_LENGTH_OFFSET;
import static dev.javelin.fastpath.RecordLayout.BLOCK_OFFSET;
import static dev.javelin.fastpath.RecordLayout.BLOCK_SUM_OFFSET;
import static dev.javelin.fastpath.RecordLayout.DEADLINE_NS_OFFSET;
import static dev.javelin.fastpath.RecordLayout.DEADLINE_TICK_OFFSET;
import static dev.javelin.fastpath.RecordLayout.EPOCH_OFFSET;
import static dev.javelin.fastpath.RecordLayout.SLOT_INDEX_OFFSET;
import static dev.javelin.fastpath.RecordLayout.SLOT_WORD_OFFSET;

import java.lang.invoke.VarHandle;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.UnsafeApi;

/**
 * One worker's view of the {@link ValueCache}. One thread owns it; it writes nothing but notes: heat, and what it has
 * verified.
 * <p>
 * <b>Order.</b> The acquire load of a position pairs with the writer's release store, so a record is seen whole.
 * It may be overtaken by the log while it is read: every length taken from it is checked before it is used, and
 * after the copy an acquire fence and a load of {@code validFrom} tell if the copy is good. Pairs with the full fence
 * in ValueCache.moveTail. Only then is the write table asked whether memcached still has what was copied: the answer
 * is the value at that moment, which lies between the request and the reply.
 * <p>
 * <b>Verifying</b> an entry means comparing all its words, those of its slot and the deadline among them. Whoever did
 * notes the word of the slot's group as it was before. As long as that word is the same, nothing that was compared
 * can have changed (see {@link WriteTable}), so most hits compare nothing else. The note carries the entry's position,
 * so it does not matter which thread writes it, nor when.
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
    private final boolean isWitnessed;
    /** The table of the latest verification. Held for its memory, since hits read that by address. */
    private WriteTable table;
    private long groupsAddress;
    private int blockSum;

    CacheReader(final CacheMemory memory, final CurrentWriteTable writeTable) {
        this.memory = memory;
        this.writeTable = writeTable;
        this.isWitnessed = writeTable != null;
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
     * @param maxLength most bytes to write; not checked against the buffer's capacity
     * @return bytes copied, or the negative {@link HandBackReason#code}
     */
    public int copy(final long hash, final DirectBuffer key, final int keyOffset, final int keyLength, final long nowNs,
        final MutableDirectBuffer to, final int toOffset, final int maxLength) {
        final int bucket = KeyHash.bucket(hash, memory.bucketMask);
        final long wanted = KeyHash.tag(hash) * EACH_TAG;
        int result = NOT_CACHED;
        for (int firstWay = 0; firstWay < CacheMemory.WAYS && result == NOT_CACHED; firstWay += WAYS_PER_WORD) {
            long matches = waysWith(memory.tagWord(bucket, firstWay) ^ wanted);
            while (matches != 0 && result == NOT_CACHED) {
                final int way = firstWay + (Long.numberOfTrailingZeros(matches) >>> 4);
                final long position = memory.position(bucket, way);
                if (position != 0) {
                    // The notes are a cache miss too: begun here, it passes while the record's does.
                    final int heat = memory.heat(bucket, way);
                    final long groupWord = isWitnessed ? memory.verified(bucket, way, position) : 0;
                    final long record = memory.address(position);
                    if (RecordLayout.isOf(record, memory.logEnd, hash, key, keyOffset, keyLength)) {
                        result = copyRecord(record, position, nowNs, to, toOffset, maxLength);
                        if (isWitnessed && result > 0 && !isUnchanged(record, groupWord)) {
                            result = verify(record, position, result, bucket, way);
                        }
                        warm(result, heat, bucket, way, nowNs);
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

    private int copyRecord(final long record, final long position, final long nowNs, final MutableDirectBuffer to,
        final int toOffset, final int maxLength) {
        final int length = UnsafeApi.getShort(record + BLOCK_LENGTH_OFFSET) & 0xFFFF;
        if (nowNs >= UnsafeApi.getLong(record + DEADLINE_NS_OFFSET)) {
            return EXPIRED;
        }
        if (length > maxLength) {
            return REPLY_TOO_LARGE;
        }
        if (record + BLOCK_OFFSET + length > memory.logEnd) {
            return NOT_CACHED;
        }
        UnsafeApi.copyMemory(null, record + BLOCK_OFFSET, to.byteArray(), to.addressOffset() + toOffset, length);
        blockSum = UnsafeApi.getInt(record + BLOCK_SUM_OFFSET);
        return whole(position, length);
    }

    private int whole(final long position, final int length) {
        VarHandle.acquireFence();
        return position >= memory.validFrom() ? length : NOT_CACHED;
    }

    /** Should the record be overwritten just now, it is some group's word that is compared: they differ. */
    private boolean isUnchanged(final long record, final long groupWord) {
        return groupsAddress != 0
            && groupWord == WriteTable.groupWord(groupsAddress, UnsafeApi.getInt(record + SLOT_INDEX_OFFSET));
    }

    private int verify(final long record, final long position, final int length, final int bucket, final int way) {
        final int slot = UnsafeApi.getInt(record + SLOT_INDEX_OFFSET);
        final long slotWord = UnsafeApi.getLong(record + SLOT_WORD_OFFSET);
        final long epoch = UnsafeApi.getLong(record + EPOCH_OFFSET);
        final int deadlineTick = UnsafeApi.getInt(record + DEADLINE_TICK_OFFSET);
        if (whole(position, length) < 0) {
            return NOT_CACHED;
        }
        table = writeTable.get();
        groupsAddress = table == null ? 0 : table.groupsAddress();
        if (table == null) {
            return OVERWRITTEN;
        }
        final long groupWord = table.groupWord(slot);
        if (!table.isUnchanged(slot, slotWord, epoch)) {
            return OVERWRITTEN;
        }
        if (!table.isBefore(deadlineTick)) {
            return EXPIRED;
        }
        memory.verified(bucket, way, position, groupWord);
        return length;
    }

    private void warm(final int result, final int heat, final int bucket, final int way, final long nowNs) {
        final int tick = CacheMemory.heatTick(nowNs);
        if (result > 0 && heat != tick) {
            memory.heat(bucket, way, tick);
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
