package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WriteTableTest {
    private static final long INSTANCE = 0x8765_4321_0fed_cba9L;
    private static final int INSTANCE_OFFSET = 64;
    private static final int GLOBAL_OFFSET = 72;
    private static final int TICK_BEGIN_OFFSET = 80;
    private static final int TICK_END_OFFSET = 88;
    private static final int SLOTS_OFFSET = 4_096;
    private static final int SLOTS_LOG2 = 4;
    private static final String BLOCK = "VALUE key 0 5\r\nvalue\r\n";

    private final UnsafeBuffer memory =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(SLOTS_OFFSET + (8 << SLOTS_LOG2), 64));
    private final CurrentWriteTable current = new CurrentWriteTable();
    private final CacheFixture cache = new CacheFixture(64, 1 << 18);
    private final CacheReader reader = cache.cache.newReader(current);
    private final UnsafeBuffer key = new UnsafeBuffer(Frames.bytes("key"));
    private WriteTable table;

    @BeforeEach
    void lay() {
        memory.putLong(0, 0x3145_4C42_4154_564AL);
        memory.putInt(8, SLOTS_LOG2);
        memory.putLong(16, 77);
        memory.putLong(INSTANCE_OFFSET, INSTANCE);
        memory.putLong(GLOBAL_OFFSET, 10);
        tick(100);
        table = new WriteTable(memory, INSTANCE);
        current.set(table);
        memory.putLong(slotOffset(), 3L << 16);
    }

    @Test
    void shouldHashKeysWithTheSeedOfTheHeader() {
        assertEquals((int) new KeyHash(77).hash(key, 0, 3) & 15, table.slot(key, 0, 3));
    }

    @Test
    void shouldServeWhileNothingHasChanged() {
        put(200);
        assertEquals(BLOCK, get());
    }

    @Test
    void shouldNotServeWhenTheSlotsWordHasChanged() {
        put(200);
        memory.putLong(slotOffset(), memory.getLong(slotOffset()) + (1 << 16));
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldNotServeWhileAFlushIsAppliedNorAfterIt() {
        put(200);
        memory.putLong(GLOBAL_OFFSET, 11);
        assertEquals("OVERWRITTEN", get());
        memory.putLong(GLOBAL_OFFSET, 12);
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldNotServeWhenTheProcessIsKnownToBeGone() {
        put(200);
        memory.putLong(INSTANCE_OFFSET, 0);
        memory.putLong(GLOBAL_OFFSET, -1);
        assertEquals("OVERWRITTEN", get());
        assertFalse(WriteTable.mayFill(table.slotWord(0), table.globalWord()));
    }

    @Test
    void shouldNotServeWhatAnotherProcessAnsweredThoughItsWordsAreTheSame() {
        put(200);
        memory.putLong(INSTANCE_OFFSET, INSTANCE + 1);
        current.set(new WriteTable(memory, INSTANCE + 1));
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldNotServeWithoutATable() {
        put(200);
        current.set(null);
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldServeUntilMemcachedsClockBeginsToReachTheDeadline() {
        put(102);
        memory.putInt(TICK_BEGIN_OFFSET, 101);
        assertEquals(BLOCK, get());
        memory.putInt(TICK_BEGIN_OFFSET, 102);
        assertEquals("EXPIRED", get(), "though tickEnd is still " + table.tickEnd());
    }

    @Test
    void shouldServeForeverWhatNeverExpires() {
        put(WriteTable.NO_DEADLINE_TICK);
        tick(Integer.MAX_VALUE - 1);
        assertEquals(BLOCK, get());
    }

    @Test
    void shouldAllowFillsOnlyWhenNoFlushIsAppliedAndNothingIsStale() {
        assertTrue(WriteTable.mayFill(3L << 16, 10));
        assertFalse(WriteTable.mayFill(3L << 16, 11));
        assertFalse(WriteTable.mayFill(3L << 16 | 1, 10));
        assertFalse(WriteTable.mayFill(3L << 16 | 0xFFFF, 10));
    }

    @Test
    void shouldRefuseWhatIsNoTableOrNotThatProcessesTable() {
        assertRefused("another memcached process", INSTANCE + 1);
        assertRefused("another memcached process", 0);
        memory.putInt(8, SLOTS_LOG2 + 1);
        assertRefused("size", INSTANCE);
        memory.putInt(8, -1);
        assertRefused("size", INSTANCE);
        memory.putInt(8, SLOTS_LOG2);
        memory.putByte(0, (byte) 'j');
        assertRefused("no write table", INSTANCE);
        assertThrows(IllegalArgumentException.class,
            () -> new WriteTable(new UnsafeBuffer(new byte[100]), INSTANCE));
    }

    private void assertRefused(final String why, final long instance) {
        final String message = assertThrows(
            IllegalArgumentException.class, () -> new WriteTable(memory, instance)).getMessage();
        assertTrue(message.contains(why), message);
    }

    private int slotOffset() {
        return SLOTS_OFFSET + 8 * table.slot(key, 0, 3);
    }

    private void tick(final int now) {
        memory.putInt(TICK_BEGIN_OFFSET, now);
        memory.putInt(TICK_END_OFFSET, now);
    }

    private void put(final int deadlineTick) {
        final UnsafeBuffer value = new UnsafeBuffer(Frames.bytes("value"));
        final int slot = table.slot(key, 0, 3);
        cache.cache.put(new CacheEntry().key(cache.hash.hash(key, 0, 3), key, 0, 3).value(value, 0, 5, 0, 1)
            .words(slot, table.slotWord(slot), table.epoch(table.globalWord()), deadlineTick));
    }

    private String get() {
        final int length = reader.copy(cache.hash.hash(key, 0, 3), key, 0, 3, 0, cache.reply, 0, 1_000);
        return length < 0 ? HandBackReason.of(-length).name() : cache.reply.getStringWithoutLengthAscii(0, length);
    }
}
