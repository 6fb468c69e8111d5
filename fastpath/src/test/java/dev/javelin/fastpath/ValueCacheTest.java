package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ValueCacheTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final CacheFixture fixture = new CacheFixture(64, 1 << 20);
    private final ValueCache cache = fixture.cache;

    @Test
    void shouldGiveTheReplyBlockOfWhatWasPut() {
        assertTrue(fixture.put("key", "a\r\nEND\r\n\0\u00ff", -1, 0, CacheEntry.NO_DEADLINE));
        assertEquals("VALUE key 4294967295 10\r\na\r\nEND\r\n\0\u00ff\r\n", fixture.get("key"));
        assertEquals(1, cache.items());
        final byte[] bytes = Frames.bytes(fixture.get("key"));
        assertEquals(InternetChecksum.fold(InternetChecksum.sum(new UnsafeBuffer(bytes), 0, bytes.length)),
            fixture.reader.blockSum());
        assertEquals("NOT_CACHED", fixture.get("kez"));
    }

    @Test
    void shouldReplaceAndRemove() {
        fixture.put("key", "old");
        fixture.put("key", "");
        assertEquals("VALUE key 0 0\r\n\r\n", fixture.get("key"));
        assertEquals(1, cache.items());
        assertEquals(RecordLayout.align(RecordLayout.BLOCK_OFFSET + 17), cache.bytes());
        assertTrue(fixture.remove("key"));
        assertFalse(fixture.remove("key"));
        assertEquals("NOT_CACHED", fixture.get("key"));
        assertEquals(0, cache.items());
        assertEquals(0, cache.bytes());
        assertEquals(0, tagsSet());
    }

    @Test
    void shouldServeUntilTheDeadline() {
        fixture.put("key", "v", 0, 1_000);
        assertEquals("VALUE key 0 1\r\nv\r\n", fixture.get("key", 999));
        assertEquals("EXPIRED", fixture.get("key", 1_000));
    }

    @Test
    void shouldTakeExactlyWhatFitsOneDatagram() {
        final int room = ValueCache.MAX_REPLY_TEXT - "VALUE k 0 1000\r\n\r\nEND\r\n".length();
        assertTrue(fixture.put("k", "x".repeat(room)));
        assertEquals(ValueCache.MAX_REPLY_TEXT - ValueCache.END_LENGTH, fixture.get("k").length());
        assertFalse(fixture.put("k", "x".repeat(room + 1)));
        assertEquals(-HandBackReason.REPLY_TOO_LARGE.code(),
            fixture.copy("k", 0, ValueCache.MAX_REPLY_TEXT - ValueCache.END_LENGTH - 1));
        assertFalse(fixture.put("", "x"));
        assertFalse(fixture.put("k".repeat(251), "x"));
        assertTrue(fixture.put("k".repeat(250), "x"));
    }

    @Test
    void shouldForgetEverythingWhenCleared() {
        for (int i = 0; i < 100; i++) {
            fixture.put("key" + i, "v");
        }
        cache.clear();
        assertEquals(0, cache.items());
        assertEquals(0, cache.bytes());
        assertEquals(0, tagsSet());
        for (int i = 0; i < 100; i++) {
            assertEquals("NOT_CACHED", fixture.get("key" + i));
        }
        fixture.put("key1", "new");
        assertEquals("VALUE key1 0 3\r\nnew\r\n", fixture.get("key1"));
        assertEquals(1, cache.items());
    }

    @Test
    void shouldAgreeWithAMapThroughManyLapsOfTheLog() {
        final CacheFixture small = new CacheFixture(1 << 10, (1 << 10) * 128 + 128 + 200_000);
        final Map<String, String> model = new HashMap<>();
        final Random random = new Random(3);
        int hits = 0;
        for (int i = 0; i < 200_000; i++) {
            final String key = "k".repeat(1 + random.nextInt(30)) + random.nextInt(300);
            final int action = random.nextInt(20);
            if (action == 0) {
                assertEquals(model.remove(key) != null && !"NOT_CACHED".equals(small.get(key)), small.remove(key));
            } else if (action < 10) {
                final String value = i + "x".repeat(random.nextInt(1_000));
                assertTrue(small.put(key, value, i * 1_000_000L, CacheEntry.NO_DEADLINE));
                model.put(key, value);
            } else {
                final String got = small.get(key, i * 1_000_000L);
                final String value = model.get(key);
                if (!"NOT_CACHED".equals(got)) {
                    assertEquals("VALUE " + key + " 0 " + value.length() + "\r\n" + value + "\r\n", got);
                    hits++;
                }
            }
        }
        assertTrue(hits > 1_000, hits + " hits");
        assertTrue(small.cache.evictions() > 10_000);
        assertEquals(small.cache.items(), tagsSet(small));
        final long[] seen = new long[1];
        small.cache.visit(0, small.cache.buckets(), (b, o, l, f, d, h) -> seen[0]++);
        assertEquals(small.cache.items(), seen[0]);
    }

    @Test
    void shouldSpareWhatIsHitAndEvictWhatIsNot() {
        final CacheFixture small = new CacheFixture(1 << 10, (1 << 10) * 128 + 128 + 65_536);
        small.put("hot", "value", 0, CacheEntry.NO_DEADLINE);
        small.put("cold", "value", 0, CacheEntry.NO_DEADLINE);
        for (int i = 1; i < 5_000; i++) {
            final long nowNs = i * SECOND_NS;
            assertEquals("VALUE hot 0 5\r\nvalue\r\n", small.get("hot", nowNs), "after " + i);
            small.put("filler" + i, "x".repeat(100), nowNs, CacheEntry.NO_DEADLINE);
        }
        assertEquals("NOT_CACHED", small.get("cold", 0));
    }

    @Test
    void shouldEvictTheColdestOfAFullBucket() {
        final CacheFixture one = new CacheFixture(1, 1 << 18);
        for (int i = 0; i < 8; i++) {
            one.put("key" + i, "v", 0, CacheEntry.NO_DEADLINE);
        }
        for (int i = 0; i < 8; i++) {
            if (i != 5) {
                one.get("key" + i, SECOND_NS);
            }
        }
        one.put("key8", "v", SECOND_NS, CacheEntry.NO_DEADLINE);
        assertEquals(8, one.cache.items());
        assertEquals(1, one.cache.evictions());
        assertEquals("NOT_CACHED", one.get("key5", SECOND_NS));
        assertEquals("VALUE key8 0 1\r\nv\r\n", one.get("key8", SECOND_NS));
    }

    @Test
    void shouldTellWhichEntriesWereHitSinceTheirFetch() {
        fixture.put("hit", "v", 10 * SECOND_NS, 99 * SECOND_NS);
        fixture.put("not", "v", 10 * SECOND_NS, 99 * SECOND_NS);
        fixture.get("hit", 11 * SECOND_NS);
        final List<String> hot = new ArrayList<>();
        cache.visit(5, cache.buckets(), (buffer, offset, length, fetchedNs, deadlineNs, hitSinceFetch) -> {
            assertEquals(10 * SECOND_NS, fetchedNs);
            assertEquals(99 * SECOND_NS, deadlineNs);
            if (hitSinceFetch) {
                hot.add(buffer.getStringWithoutLengthAscii(offset, length));
            }
        });
        assertEquals(List.of("hit"), hot);
        fixture.put("hit", "v", 12 * SECOND_NS, 99 * SECOND_NS);
        cache.visit(0, cache.buckets(), (b, o, l, f, d, hitSinceFetch) -> assertFalse(hitSinceFetch));
    }

    @Test
    void shouldSayWhatIsWrongWhenMemoryIsTooSmall() {
        final ByteBuffer memory = BufferUtil.allocateDirectAligned(70_000, 64);
        final UnsafeBuffer tags = new UnsafeBuffer(BufferUtil.allocateDirectAligned(1_024 * 16, 64));
        final IllegalArgumentException ex = assertThrows(IllegalArgumentException.class,
            () -> new ValueCache(BufferUtil.address(memory), 70_000, tags));
        assertTrue(ex.getMessage().contains("70000"), ex.getMessage());
        assertEquals(1 << 18, ValueCache.bucketsFor(256L << 20));
    }

    private int tagsSet() {
        return tagsSet(fixture);
    }

    private static int tagsSet(final CacheFixture of) {
        int set = 0;
        for (int i = 0; i < of.tags.capacity(); i += 2) {
            set += of.tags.getShort(i) == 0 ? 0 : 1;
        }
        return set;
    }
}
