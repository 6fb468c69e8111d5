package dev.javelin.bench.jmh;

import dev.javelin.fastpath.WriteTable;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A write table of the usual size, and memcached's part in it.
 */
final class PlayedWriteTable {
    private static final long INSTANCE = 1;
    private static final long MAGIC = 0x3245_4C42_4154_564AL;
    private static final int PAGE_BYTES = 4_096;
    private static final int GROUPS = 4_096;
    private static final int SLOTS_LOG2 = 18;
    private static final int SLOTS_OFFSET = PAGE_BYTES + GROUPS * Long.BYTES;
    private static final long SCRAMBLER = 0x9E37_79B9_7F4A_7C15L;

    private final UnsafeBuffer memory = new UnsafeBuffer(
        BufferUtil.allocateDirectAligned(SLOTS_OFFSET + (Long.BYTES << SLOTS_LOG2), PAGE_BYTES));

    PlayedWriteTable() {
        memory.putLong(0, MAGIC);
        memory.putInt(8, SLOTS_LOG2);
        memory.putLong(64, INSTANCE);
        for (int i = 0; i < GROUPS; i++) {
            memory.putLong(PAGE_BYTES + i * Long.BYTES, (i + 1) * SCRAMBLER);
        }
    }

    WriteTable open() {
        return new WriteTable(memory, INSTANCE);
    }

    int slots() {
        return 1 << SLOTS_LOG2;
    }

    /** What a set does. */
    void change(int slot) {
        memory.getAndAddLong(SLOTS_OFFSET + slot * Long.BYTES, 1 << 16);
        memory.getAndAddLong(PAGE_BYTES + (slot & GROUPS - 1) * Long.BYTES, 1);
    }
}
