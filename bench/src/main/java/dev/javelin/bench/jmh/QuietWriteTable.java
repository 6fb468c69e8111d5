package dev.javelin.bench.jmh;

import dev.javelin.fastpath.WriteTable;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A write table of the usual size in which nothing ever changes.
 */
final class QuietWriteTable {
    static final long INSTANCE = 1;
    private static final long MAGIC = 0x3245_4C42_4154_564AL;
    private static final int SLOTS_OFFSET = 4_096 + 4_096 * Long.BYTES;
    private static final int PAGE_BYTES = 4_096;
    private static final int SLOTS_LOG2 = 20;

    private QuietWriteTable() {
    }

    static WriteTable create() {
        UnsafeBuffer table = new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(SLOTS_OFFSET + (Long.BYTES << SLOTS_LOG2), PAGE_BYTES));
        table.putLong(0, MAGIC);
        table.putInt(8, SLOTS_LOG2);
        table.putLong(64, INSTANCE);
        return new WriteTable(table, INSTANCE);
    }
}
