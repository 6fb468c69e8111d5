package dev.javelin.fastpath;

import org.agrona.DirectBuffer;

/**
 * A record of the cache's log: an 88-byte header, then the reply block as it goes on the wire. Native byte order, at
 * offsets that are multiples of 8. Readers need the first 64 bytes and the block; the rest is the writer's.
 * <pre>
 *   0 i32 length of the record, a multiple of 8; negative: unused bytes up to a segment's end
 *   4 u16 key length           6 u16 block length
 *   8 u64 hash of the key
 *  16 i64 deadline, System.nanoTime()
 *  24 u64 slot word           32 u64 global word         40 u64 instance
 *  48 u32 slot index          52 u32 deadline tick
 *  56 u32 folded partial Internet checksum of the block, from an even offset
 *  60 u32 flags
 *  64 u64 CAS                 72 i64 fetched, System.nanoTime()
 *  80 u32 heat tick from which on a hit counts as a second chance
 *  88 "VALUE KEY FLAGS BYTES\r\n" data "\r\n"
 * </pre>
 */
final class RecordLayout {
    static final int LENGTH_OFFSET = 0;
    static final int KEY_LENGTH_OFFSET = 4;
    static final int BLOCK_LENGTH_OFFSET = 6;
    static final int HASH_OFFSET = 8;
    static final int DEADLINE_NS_OFFSET = 16;
    static final int SLOT_WORD_OFFSET = 24;
    static final int GLOBAL_WORD_OFFSET = 32;
    static final int INSTANCE_OFFSET = 40;
    static final int SLOT_INDEX_OFFSET = 48;
    static final int DEADLINE_TICK_OFFSET = 52;
    static final int BLOCK_SUM_OFFSET = 56;
    static final int FLAGS_OFFSET = 60;
    static final int CAS_OFFSET = 64;
    static final int FETCHED_NS_OFFSET = 72;
    static final int HEAT_FLOOR_OFFSET = 80;
    static final int BLOCK_OFFSET = 88;
    /** The key stands behind {@code "VALUE "}. */
    static final int KEY_OFFSET = BLOCK_OFFSET + 6;
    static final int ALIGNMENT = 8;
    static final int MAX_LENGTH = align(BLOCK_OFFSET + ValueCache.MAX_REPLY_TEXT);

    private RecordLayout() {
    }

    static int align(final int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Whether the record at {@code at} is that of the key. Reads nothing outside {@code log}, however torn it is. */
    static boolean isOf(final DirectBuffer log, final int at, final long hash, final DirectBuffer key,
        final int keyOffset, final int keyLength) {
        return log.getLong(at + HASH_OFFSET) == hash
            && (log.getShort(at + KEY_LENGTH_OFFSET) & 0xFFFF) == keyLength
            && at + KEY_OFFSET + keyLength <= log.capacity()
            && equal(log, at + KEY_OFFSET, key, keyOffset, keyLength);
    }

    private static boolean equal(final DirectBuffer a, final int aOffset, final DirectBuffer b, final int bOffset,
        final int length) {
        int i = 0;
        for (; i <= length - Long.BYTES; i += Long.BYTES) {
            if (a.getLong(aOffset + i) != b.getLong(bOffset + i)) {
                return false;
            }
        }
        if (length >= Long.BYTES) {
            final int last = length - Long.BYTES;
            return a.getLong(aOffset + last) == b.getLong(bOffset + last);
        }
        for (; i < length; i++) {
            if (a.getByte(aOffset + i) != b.getByte(bOffset + i)) {
                return false;
            }
        }
        return true;
    }
}
