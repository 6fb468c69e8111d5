package dev.javelin.fastpath;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A write table, and memcached's part in it: the same stores in the same order as in write_table.c. For one thread.
 */
final class PlayedWriteTable {
    static final long INSTANCE = 0x8765_4321_0fed_cba9L;
    static final long SEED = 77;
    static final int SLOTS_LOG2 = 13;
    static final int SLOTS = 1 << SLOTS_LOG2;
    static final int GROUPS = 4_096;
    private static final int INSTANCE_OFFSET = 64;
    private static final int GLOBAL_OFFSET = 72;
    private static final int TICK_BEGIN_OFFSET = 80;
    private static final int TICK_END_OFFSET = 88;
    private static final int GROUPS_OFFSET = 4_096;
    private static final int SLOTS_OFFSET = GROUPS_OFFSET + GROUPS * Long.BYTES;

    final UnsafeBuffer memory =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(SLOTS_OFFSET + SLOTS * Long.BYTES, 64));

    private long nextGroupWord = 0x0123_4567_89ab_cdefL;

    PlayedWriteTable(final int now) {
        memory.putLong(0, 0x3245_4C42_4154_564AL);
        memory.putInt(8, SLOTS_LOG2);
        memory.putLong(16, SEED);
        memory.putLong(INSTANCE_OFFSET, INSTANCE);
        memory.putLong(GLOBAL_OFFSET, 10);
        memory.putInt(TICK_BEGIN_OFFSET, now);
        memory.putInt(TICK_END_OFFSET, now);
        for (int i = 0; i < GROUPS; i++) {
            memory.putLong(groupOffset(i), (i + 1) * 0xD134_2543_DE82_EF95L);
        }
        for (int i = 0; i < SLOTS; i++) {
            memory.putLong(slotOffset(i), 3L << 16);
        }
    }

    WriteTable open() {
        return new WriteTable(memory, INSTANCE);
    }

    /** Under the lock of an item of this slot. */
    void change(final int slot) {
        changeSlot(slot);
        changeGroup(slot);
    }

    void changeSlot(final int slot) {
        memory.getAndAddLong(slotOffset(slot), 1 << 16);
    }

    void changeGroup(final int slot) {
        memory.putLongRelease(groupOffset(slot), nextGroupWord++);
    }

    void flushBegin() {
        memory.getAndAddLong(GLOBAL_OFFSET, 1);
        changeAllGroups();
    }

    void flushEnd() {
        memory.getAndAddLong(GLOBAL_OFFSET, 1);
    }

    /** Before memcached's own clock moves. */
    void tickBegin(final int now) {
        memory.putIntVolatile(TICK_BEGIN_OFFSET, now);
        changeAllGroups();
    }

    /** After it has moved. */
    void tickEnd(final int now) {
        memory.putIntVolatile(TICK_END_OFFSET, now);
    }

    /** The next process finds that this one is gone. */
    void retire() {
        memory.putLong(INSTANCE_OFFSET, 0);
        memory.putLong(GLOBAL_OFFSET, -1);
        memory.setMemory(GROUPS_OFFSET, GROUPS * Long.BYTES, (byte) 0);
    }

    /** Another process' table of which all words happen to be the same, which random ones do not. */
    WriteTable openAsAnother() {
        memory.putLong(INSTANCE_OFFSET, INSTANCE + 1);
        return new WriteTable(memory, INSTANCE + 1);
    }

    private void changeAllGroups() {
        for (int i = 0; i < GROUPS; i++) {
            changeGroup(i);
        }
    }

    private static int groupOffset(final int slot) {
        return GROUPS_OFFSET + (slot & GROUPS - 1) * Long.BYTES;
    }

    private static int slotOffset(final int slot) {
        return SLOTS_OFFSET + slot * Long.BYTES;
    }
}
