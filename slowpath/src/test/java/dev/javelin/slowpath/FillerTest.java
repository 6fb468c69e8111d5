package dev.javelin.slowpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.fastpath.CacheReader;
import dev.javelin.fastpath.KeyHash;
import dev.javelin.fastpath.ValueCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FillerTest {
    private static final int CACHE_BYTES = 1 << 20;
    private static final long MAX_AGE_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    private final ByteBuffer memory = BufferUtil.allocateDirectAligned(CACHE_BYTES, 64);
    private final UnsafeBuffer tags = new UnsafeBuffer(
        BufferUtil.allocateDirectAligned(16 * ValueCache.bucketsFor(CACHE_BYTES), 64));
    private final ValueCache cache = new ValueCache(BufferUtil.address(memory), CACHE_BYTES, tags);
    private final CacheReader reader = cache.newReader(null);
    private final KeyHash keyHash = new KeyHash(7);
    private final SlowPathCounters counters = new SlowPathCounters(new UnsafeBuffer(new byte[512]), 0);
    private MemcachedProcess memcached;
    private Filler filler;

    @BeforeEach
    void start() throws IOException {
        memcached = MemcachedProcess.onTcp();
        filler = new Filler(cache, keyHash, memcached.address(), MAX_AGE_NS, counters);
        await(filler::isConnected);
    }

    @AfterEach
    void stop() {
        filler.close();
        memcached.close();
    }

    @Test
    void shouldServeWhatMemcachedHoldsWhenAKeyWasOffered() throws IOException {
        memcached.set("key", 7, 0, "a\r\nEND\r\nb");
        fill("key");
        assertEquals("VALUE key 7 9\r\na\r\nEND\r\nb\r\n", cached("key"));
        assertEquals(1, cache.items());
        assertEquals(1, counters.get(SlowPathCounter.FILLS));
    }

    @Test
    void shouldFillManyKeysOverOneConnection() throws IOException {
        for (int i = 0; i < 300; i++) {
            memcached.set("key" + i, i, 0, "v".repeat(i));
        }
        for (int i = 0; i < 300; i++) {
            offer("key" + i);
        }
        await(() -> counters.get(SlowPathCounter.FILLS) == 300);
        for (int i = 0; i < 300; i++) {
            assertEquals("VALUE key" + i + " " + i + " " + i + "\r\n" + "v".repeat(i) + "\r\n", cached("key" + i));
        }
        assertEquals(1, counters.get(SlowPathCounter.MEMCACHED_CONNECTS));
    }

    @Test
    void shouldForgetAKeyThatMemcachedNoLongerHas() throws IOException {
        memcached.set("key", 0, 0, "v");
        fill("key");
        memcached.command("delete key");
        offer("key");
        await(() -> counters.get(SlowPathCounter.FILL_MISSES) == 1);
        assertEquals("", cached("key"));
        assertEquals(0, cache.items());
    }

    @Test
    void shouldRejectAValueTooLargeForOneDatagramAndReadOn() throws IOException {
        memcached.set("large", 0, 0, "x".repeat(500_000));
        memcached.set("small", 0, 0, "v");
        offer("large");
        fill("small");
        assertEquals(1, counters.get(SlowPathCounter.FILL_REJECTS));
        assertEquals("", cached("large"));
        assertEquals("VALUE small 0 1\r\nv\r\n", cached("small"));
        offer("large");
        fill("small");
        assertEquals(1, counters.get(SlowPathCounter.FILL_REJECTS), "not fetched again at once");
    }

    @Test
    void shouldNotOutliveTheItem() throws IOException {
        memcached.set("short", 0, 1, "v");
        memcached.set("longer", 0, 20, "v");
        offer("short");
        fill("longer");
        assertEquals("", cached("short"), "one tick left may end at once");
        long nowNs = System.nanoTime();
        assertFalse(cached("longer", nowNs).isEmpty());
        assertEquals("", cached("longer", nowNs + TimeUnit.SECONDS.toNanos(20)));
    }

    @Test
    void shouldNotOutliveTheMaximumAge() throws IOException {
        memcached.set("key", 0, 0, "v");
        fill("key");
        assertFalse(cached("key", System.nanoTime()).isEmpty());
        assertEquals("", cached("key", System.nanoTime() + MAX_AGE_NS));
    }

    @Test
    void shouldEmptyTheCacheWhenMemcachedDiesAndResumeWhenItIsBack() throws IOException {
        memcached.set("key", 0, 0, "v");
        fill("key");
        memcached.kill();
        await(() -> !filler.isConnected());
        assertEquals("", cached("key"));
        assertEquals(0, cache.items());
        memcached.start();
        memcached.set("key", 0, 0, "new");
        await(filler::isConnected);
        fill("key");
        assertEquals("VALUE key 0 3\r\nnew\r\n", cached("key"));
    }

    private void fill(String key) {
        long before = counters.get(SlowPathCounter.FILLS);
        offer(key);
        await(() -> counters.get(SlowPathCounter.FILLS) > before);
    }

    private void offer(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
        filler.offer(new UnsafeBuffer(bytes), 0, bytes.length, System.nanoTime());
    }

    private String cached(String key) {
        return cached(key, System.nanoTime());
    }

    private String cached(String key, long nowNs) {
        UnsafeBuffer bytes = new UnsafeBuffer(key.getBytes(StandardCharsets.ISO_8859_1));
        UnsafeBuffer reply = new UnsafeBuffer(new byte[2_048]);
        int length = reader.copy(keyHash.hash(bytes, 0, bytes.capacity()), bytes, 0, bytes.capacity(), nowNs, reply, 0,
            reply.capacity());
        return length <= 0 ? "" : reply.getStringWithoutLengthAscii(0, length);
    }

    private void await(BooleanSupplier condition) {
        long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - startNs < TIMEOUT_NS, "waited too long");
            filler.doWork(System.nanoTime());
        }
    }
}
