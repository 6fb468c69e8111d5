package dev.javelin.fastpath;

import org.agrona.DirectBuffer;
import org.agrona.UnsafeApi;

/**
 * A record of the cache's log: an 80-byte header, then the reply block as it goes on the wire. Native byte order, at
 * offsets that are multiples of 8. Readers need the first 56 bytes and the block; the rest is the writer's.
 * <pre>
 *   0 i32 length of the record, a multiple of 8; negative: unused bytes up to a segment's end
 *   4 u16 key length           6 u16 block length
 *   8 u64 hash of the key
 *  16 i64 deadline, System.nanoTime()
 *  24 u64 slot word           32 u64 epoch, see WriteTable
 *  40 u32 slot index          44 u32 deadline tick
 *  48 u32 folded partial Internet checksum of the block, from an even offset
 *  52 u32 flags
 *  56 u64 CAS                 64 i64 fetched, System.nanoTime()
 *  72 u32 heat tick from which on a hit counts as a second chance
 *  80 "VALUE KEY FLAGS BYTES\r\n" data "\r\n"
 * </pre>
 */
final class RecordLayout {
    static final int LENGTH_OFFSET = 0;
    static final int KEY_LENGTH_OFFSET = 4;
    static final int BLOCK_LENGTH_OFFSET = 6;
    static final int HASH_OFFSET = 8;
    static final int DEADLINE_NS_OFFSET = 16;
    static final int SLOT_WORD_OFFSET = 24;
    static final int EPOCH_OFFSET = 32;
    static final int SLOT_INDEX_OFFSET = 40;
    static final int DEADLINE_TICK_OFFSET = 44;
    static final int BLOCK_SUM_OFFSET = 48;
    static final int FLAGS_OFFSET = 52;
    static final int CAS_OFFSET = 56;
    static final int FETCHED_NS_OFFSET = 64;
    static final int HEAT_FLOOR_OFFSET = 72;
    static final int BLOCK_OFFSET = 80;
    /** The key stands behind {@code "VALUE "}. */
    static final int KEY_OFFSET = BLOCK_OFFSET + 6;
    static final int ALIGNMENT = 8;
    static final int MAX_LENGTH = align(BLOCK_OFFSET + ValueCache.MAX_REPLY_TEXT);

    private RecordLayout() {
    }

    static int align(final int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * Whether the record at an address is that of the key. Of a record however torn, nothing is read from
     * {@code logEnd} on, nor outside the key.
     */
    static boolean isOf(final long record, final long logEnd, final long hash, final DirectBuffer key,
        final int keyOffset, final int keyLength) {
        return UnsafeApi.getLong(record + HASH_OFFSET) == hash
            && (UnsafeApi.getShort(record + KEY_LENGTH_OFFSET) & 0xFFFF) == keyLength
            && record + KEY_OFFSET + keyLength <= logEnd
            && equal(record + KEY_OFFSET, key.byteArray(), key.addressOffset() + keyOffset, keyLength);
    }

    /** Compares memory with a piece of an array, or of memory if the array is null (as Unsafe has it). */
    private static boolean equal(final long address, final byte[] array, final long offset, final int length) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            if (UnsafeApi.getLong(address + i) != UnsafeApi.getLong(array, offset + i)) {
                return false;
            }
        }
        if (length >= Long.BYTES) {
            final int last = length - Long.BYTES;
            return UnsafeApi.getLong(address + last) == UnsafeApi.getLong(array, offset + last);
        }
        for (; i < length; i++) {
            if (UnsafeApi.getByte(address + i) != UnsafeApi.getByte(array, offset + i)) {
                return false;
            }
        }
        return true;
    }
}
