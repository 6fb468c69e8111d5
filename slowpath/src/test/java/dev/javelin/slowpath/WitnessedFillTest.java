package dev.javelin.slowpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.fastpath.CacheReader;
import dev.javelin.fastpath.HandBackReason;
import dev.javelin.fastpath.KeyHash;
import dev.javelin.fastpath.ValueCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The filler and a reader under the write table of a real memcached-sr.
 */
@RequiresRoot
class WitnessedFillTest {
    private static final int CACHE_BYTES = 1 << 20;
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long REFRESH_NS = TimeUnit.SECONDS.toNanos(3);

    @TempDir
    private Path directory;
    private final ByteBuffer memory = BufferUtil.allocateDirectAligned(CACHE_BYTES, 64);
    private final UnsafeBuffer tags = new UnsafeBuffer(
        BufferUtil.allocateDirectAligned(16 * ValueCache.bucketsFor(CACHE_BYTES), 64));
    private final ValueCache cache = new ValueCache(BufferUtil.address(memory), CACHE_BYTES, tags);
    private final KeyHash keyHash = new KeyHash(7);
    private final SlowPathCounters counters = new SlowPathCounters(new UnsafeBuffer(new byte[512]), 0);
    private final WriteTableLink link = new WriteTableLink(Optional.empty());
    private final CacheReader reader = cache.newReader(link.current());
    private MemcachedProcess memcached;
    private Filler filler;

    @BeforeEach
    void start() throws IOException {
        memcached = MemcachedProcess.with(
            List.of("-l", "127.0.0.1", "-o", "write_table=" + directory.resolve("table")));
        filler = new Filler(cache, keyHash, memcached.address(), link, counters);
        await(filler::isConnected);
    }

    @AfterEach
    void stop() {
        filler.close();
        memcached.close();
    }

    @Test
    void shouldServeUntilMemcachedAcknowledgesAChangeAndTheNewValueAfterTheNextFill() throws IOException {
        memcached.set("key", 7, 0, "old");
        fill("key");
        assertEquals("VALUE key 7 3\r\nold\r\n", cached("key"));
        memcached.set("key", 7, 0, "new");
        assertEquals("OVERWRITTEN", cached("key"));
        fill("key");
        assertEquals("VALUE key 7 3\r\nnew\r\n", cached("key"));
    }

    @Test
    void shouldThrowAnAnswerAwayThatAChangeHasOvertaken() throws Exception {
        memcached.set("key", 0, 0, "old");
        offer("key");
        // Not sent yet, so memcached applies this first: the words are older than the answer.
        memcached.set("key", 0, 0, "new");
        await(() -> counters.get(SlowPathCounter.FILLS_OVERTAKEN) == 1);
        assertEquals("NOT_CACHED", cached("key"));
        fill("key");
        assertEquals("VALUE key 0 3\r\nnew\r\n", cached("key"));
    }

    @Test
    void shouldNotServeAtTheSecondAtWhichMemcachedNoLongerDoes() throws IOException {
        memcached.set("key", 0, 3, "v");
        fill("key");
        long servedByMemcached = 0;
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(5)) {
            boolean gone = memcached.command("mg key").equals("EN");
            servedByMemcached += gone ? 0 : 1;
            assertFalse(gone && cached("key").startsWith("VALUE"), "memcached has ended it");
        }
        assertTrue(servedByMemcached > 10, "it lived for a while");
    }

    @Test
    void shouldLeaveTheTokenOfAStaleItemToClients() throws IOException {
        memcached.set("key", 0, 0, "v");
        memcached.command("md key I T30");
        offer("key");
        await(() -> counters.get(SlowPathCounter.FILLS_SKIPPED) == 1);
        String reply = memcached.command("mg key");
        assertTrue(reply.contains("W") && !reply.contains("Z"), reply);
    }

    @Test
    void shouldServeNothingOfAMemcachedThatIsGoneAndEverythingOfTheNext() throws IOException {
        memcached.set("key", 0, 0, "old");
        fill("key");
        assertEquals("VALUE key 0 3\r\nold\r\n", cached("key"), "and verified by that");
        memcached.kill();
        memcached.start();
        memcached.set("key", 0, 0, "new");
        assertEquals("OVERWRITTEN", cached("key"), "before the filler has noticed anything");
        await(() -> !filler.isConnected());
        await(filler::isConnected);
        assertEquals("NOT_CACHED", cached("key"));
        fill("key");
        assertEquals("VALUE key 0 3\r\nnew\r\n", cached("key"));
    }

    @Test
    void shouldNotServeAnythingWhenMemcachedComesBackWithoutATable() throws IOException {
        memcached.close();
        await(() -> !filler.isConnected());
        try (MemcachedProcess without = MemcachedProcess.onTcp();
            Filler other = new Filler(cache, keyHash, without.address(), new WriteTableLink(Optional.empty()),
                counters)) {
            long startNs = System.nanoTime();
            while (counters.get(SlowPathCounter.WRITE_TABLE_REFUSALS) == 0) {
                assertTrue(System.nanoTime() - startNs < TIMEOUT_NS, "waited too long");
                other.doWork(System.nanoTime());
                assertFalse(other.isConnected());
            }
        }
    }

    @Test
    void shouldFetchAgainWhatIsHitAndNothingElse() throws IOException {
        HeatRefresh refresh = new HeatRefresh(cache, filler, REFRESH_NS, counters);
        memcached.set("hot", 0, 0, "v");
        memcached.set("cold", 0, 0, "v");
        fill("hot");
        fill("cold");
        long startNs = System.nanoTime();
        while (counters.get(SlowPathCounter.FILLS) < 4) {
            long nowNs = System.nanoTime();
            assertTrue(nowNs - startNs < TIMEOUT_NS, "two refreshes within 10 s");
            assertTrue(cached("hot").startsWith("VALUE"));
            refresh.doWork(nowNs);
            filler.doWork(nowNs);
        }
        assertTrue(System.nanoTime() - startNs < 3 * REFRESH_NS, "each within the refresh time");
        assertEquals(2, counters.get(SlowPathCounter.HEAT_REFRESHES));
        assertTrue(secondsSinceAccess("hot") < secondsSinceAccess("cold"), "what memcached's LRU goes by");
    }

    private int secondsSinceAccess(String key) throws IOException {
        return Integer.parseInt(memcached.command("mg " + key + " l").replace("HD l", ""));
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
        UnsafeBuffer bytes = new UnsafeBuffer(key.getBytes(StandardCharsets.ISO_8859_1));
        UnsafeBuffer reply = new UnsafeBuffer(new byte[2_048]);
        int length = reader.copy(keyHash.hash(bytes, 0, bytes.capacity()), bytes, 0, bytes.capacity(),
            System.nanoTime(), reply, 0, reply.capacity());
        return length < 0 ? HandBackReason.of(-length).name() : reply.getStringWithoutLengthAscii(0, length);
    }

    private void await(BooleanSupplier condition) {
        long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - startNs < TIMEOUT_NS, "waited too long");
            filler.doWork(System.nanoTime());
        }
    }
}
