package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What memcached witnesses ends an entry, both when it has never been served and when a hit has verified it before.
 */
class WriteTableTest {
    private static final String BLOCK = "VALUE key 0 5\r\nvalue\r\n";
    private static final int NEVER = WriteTable.NO_DEADLINE_TICK;

    private final PlayedWriteTable played = new PlayedWriteTable(100);
    private final WriteTable table = played.open();
    private final CurrentWriteTable current = new CurrentWriteTable();
    private final CacheFixture cache = new CacheFixture(64, 1 << 18);
    private final CacheReader reader = cache.cache.newReader(current);
    private final UnsafeBuffer key = new UnsafeBuffer(Frames.bytes("key"));
    private final int slot = table.slot(key, 0, 3);

    @BeforeEach
    void attach() {
        current.set(table);
    }

    @Test
    void shouldHashKeysWithTheSeedOfTheHeader() {
        assertEquals((int) new KeyHash(PlayedWriteTable.SEED).hash(key, 0, 3) & PlayedWriteTable.SLOTS - 1, slot);
    }

    @Test
    void shouldServeWhileNothingHasChanged() {
        put(200);
        assertEquals(BLOCK, get());
        assertEquals(BLOCK, get());
    }

    @Test
    void shouldNotServeWhenTheSlotHasChangedBeforeTheFirstHit() {
        put(200);
        played.change(slot);
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldNotServeWhenTheSlotHasChangedAfterAHit() {
        put(200);
        get();
        played.change(slot);
        assertEquals("OVERWRITTEN", get());
        assertEquals("OVERWRITTEN", get(), "and it is not forgotten");
    }

    @Test
    void shouldServeWhenAnotherSlotOfTheGroupHasChanged() {
        put(200);
        for (int i = 0; i < 3; i++) {
            played.change(slot ^ PlayedWriteTable.GROUPS);
            assertEquals(BLOCK, get());
        }
        played.change(slot);
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldCompareNothingElseWhileTheGroupsWordIsTheSame() {
        put(200);
        get();
        played.changeSlot(slot);
        assertEquals(BLOCK, get(), "which is what makes hits cheap");
        played.changeGroup(slot);
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldServeAnotherReadersVerification() {
        put(200);
        get();
        final CacheReader other = cache.cache.newReader(current);
        assertEquals(BLOCK, get(other), "its first hit finds out where the table is");
        played.changeSlot(slot);
        assertEquals(BLOCK, get(other));
    }

    @Test
    void shouldNotServeWhileAFlushIsAppliedNorAfterIt() {
        put(200);
        get();
        played.flushBegin();
        assertEquals("OVERWRITTEN", get());
        played.flushEnd();
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldNotServeWhatWasNotAskedForWhenTheFlushBegan() {
        put(200);
        played.flushBegin();
        played.flushEnd();
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldNotServeWhenTheProcessIsKnownToBeGone() {
        put(200);
        get();
        played.retire();
        assertEquals("OVERWRITTEN", get());
        assertFalse(WriteTable.mayFill(table.slotWord(0), table.globalWord()));
    }

    @Test
    void shouldNotServeWhatAnotherProcessAnsweredThoughItsWordsAreTheSame() {
        put(200);
        current.set(played.openAsAnother());
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldNotServeWithoutATable() {
        put(200);
        current.set(null);
        assertEquals("OVERWRITTEN", get());
    }

    @Test
    void shouldNotServeWhenTheTableIsDetachedAndTheCacheCleared() {
        put(200);
        get();
        current.set(null);
        cache.cache.clear();
        assertEquals("NOT_CACHED", get());
        put(200);
        played.change(slot ^ PlayedWriteTable.GROUPS);
        assertEquals("OVERWRITTEN", get(), "filled too late");
    }

    @Test
    void shouldServeUntilMemcachedsClockBeginsToReachTheDeadline() {
        put(102);
        get();
        played.tickBegin(101);
        assertEquals(BLOCK, get());
        played.tickEnd(101);
        played.tickBegin(102);
        assertEquals("EXPIRED", get(), "though tickEnd is still " + table.tickEnd());
        assertEquals("EXPIRED", get());
    }

    @Test
    void shouldServeForeverWhatNeverExpires() {
        put(NEVER);
        played.tickBegin(Integer.MAX_VALUE - 1);
        assertEquals(BLOCK, get());
    }

    @Test
    void shouldNotTakeTheVerificationOfTheValueBeforeForItsOwn() {
        put(200);
        get();
        final TableWords words = new TableWords();
        words.read(table, key, 0, 3);
        played.change(slot ^ PlayedWriteTable.GROUPS);
        assertEquals(BLOCK, get(), "verified under the group's newest word");
        played.changeSlot(slot);
        put(words, 200);
        assertEquals("OVERWRITTEN", get(), "was asked for before the slot changed");
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
        final UnsafeBuffer memory = played.memory;
        assertRefused("another memcached process", PlayedWriteTable.INSTANCE + 1);
        assertRefused("another memcached process", 0);
        memory.putInt(8, PlayedWriteTable.SLOTS_LOG2 + 1);
        assertRefused("size", PlayedWriteTable.INSTANCE);
        memory.putInt(8, -1);
        assertRefused("size", PlayedWriteTable.INSTANCE);
        memory.putInt(8, PlayedWriteTable.SLOTS_LOG2);
        memory.putByte(7, (byte) '1');
        assertRefused("no write table", PlayedWriteTable.INSTANCE);
        assertThrows(IllegalArgumentException.class,
            () -> new WriteTable(new UnsafeBuffer(new byte[100]), PlayedWriteTable.INSTANCE));
    }

    private void assertRefused(final String why, final long instance) {
        final String message = assertThrows(
            IllegalArgumentException.class, () -> new WriteTable(played.memory, instance)).getMessage();
        assertTrue(message.contains(why), message);
    }

    private void put(final int deadlineTick) {
        final TableWords words = new TableWords();
        assertTrue(words.read(table, key, 0, 3));
        put(words, deadlineTick);
    }

    private void put(final TableWords words, final int deadlineTick) {
        final UnsafeBuffer value = new UnsafeBuffer(Frames.bytes("value"));
        cache.cache.put(new CacheEntry().key(cache.hash.hash(key, 0, 3), key, 0, 3).value(value, 0, 5, 0, 1)
            .words(words, deadlineTick));
    }

    private String get() {
        return get(reader);
    }

    private String get(final CacheReader from) {
        final int length = from.copy(cache.hash.hash(key, 0, 3), key, 0, 3, 0, cache.reply, 0, 1_000);
        return length < 0 ? HandBackReason.of(-length).name() : cache.reply.getStringWithoutLengthAscii(0, length);
    }
}
