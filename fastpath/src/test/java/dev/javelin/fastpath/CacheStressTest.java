package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One writer laps a tiny log while readers copy: whatever a reader gets must be one whole value of its key.
 */
class CacheStressTest {
    private static final int KEYS = 64;
    private static final long RUN_NS = 2_000_000_000L;
    private static final int READERS = 2;

    private final CacheFixture fixture = new CacheFixture(64, 64 * 128 + 128 + 66_000);
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicReference<String> wrong = new AtomicReference<>();
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong overtaken = new AtomicLong();

    @Test
    @Timeout(60)
    void shouldNeverGiveATornOrForeignValueWhileTheLogIsLapped() throws InterruptedException {
        final Thread[] readers = new Thread[READERS];
        for (int i = 0; i < READERS; i++) {
            final int seed = i;
            readers[i] = new Thread(() -> read(seed));
            readers[i].start();
        }
        final Random random = new Random(77);
        final long endNs = System.nanoTime() + RUN_NS;
        int version = 0;
        while (System.nanoTime() < endNs && wrong.get() == null) {
            final int key = random.nextInt(KEYS);
            if (random.nextInt(20_000) == 0) {
                fixture.cache.clear();
            } else if (random.nextInt(20) == 0) {
                fixture.remove("key" + key);
            } else {
                version++;
                assertTrue(fixture.put("key" + key, value(key, version), version * 1_000L, CacheEntry.NO_DEADLINE));
            }
        }
        running.set(false);
        for (final Thread reader : readers) {
            reader.join();
        }
        assertEquals(null, wrong.get(), overtaken + " misses");
        assertTrue(hits.get() > 10_000, hits + " hits");
        assertTrue(version > 10_000, version + " puts");
    }

    /** Every byte follows from key and version. */
    private static String value(final int key, final int version) {
        final char letter = (char) ('a' + Math.floorMod(key * 31 + version, 26));
        return key + ":" + version + ":" + String.valueOf(letter).repeat(40 + Math.floorMod(version * 7, 1_200));
    }

    private void read(final int seed) {
        final CacheReader reader = fixture.cache.newReader(null);
        final UnsafeBuffer to = new UnsafeBuffer(new byte[ValueCache.MAX_REPLY_TEXT]);
        final UnsafeBuffer[] keys = new UnsafeBuffer[KEYS];
        for (int i = 0; i < KEYS; i++) {
            keys[i] = new UnsafeBuffer(Frames.bytes("key" + i));
        }
        final Random random = new Random(seed);
        while (running.get()) {
            final int i = random.nextInt(KEYS);
            final UnsafeBuffer key = keys[i];
            final int length = reader.copy(fixture.hash.hash(key, 0, key.capacity()), key, 0, key.capacity(), 0, to, 0,
                to.capacity());
            if (length > 0) {
                hits.incrementAndGet();
                check(i, to, length, reader.blockSum());
            } else {
                overtaken.incrementAndGet();
            }
        }
    }

    private void check(final int key, final UnsafeBuffer to, final int length, final int sum) {
        final String block = to.getStringWithoutLengthAscii(0, length);
        final int valueAt = block.indexOf('\n') + 1;
        final String[] parts = block.substring(valueAt).split(":", 3);
        final String value = value(key, Integer.parseInt(parts[1]));
        final String expected = "VALUE key" + key + " 0 " + value.length() + "\r\n" + value + "\r\n";
        if (!block.equals(expected) || sum != InternetChecksum.fold(InternetChecksum.sum(to, 0, length))) {
            wrong.compareAndSet(null, block + " instead of " + expected);
        }
    }
}
