package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A played memcached changes values, flushes and lets its clock run; one thread fills, others read: nobody gets a value
 * that is older than one of which he knew before he asked, nor one that had expired by then.
 */
class WitnessStressTest {
    private static final int KEYS = 6;
    private static final long RUN_NS = 4_000_000_000L;
    private static final int READERS = 2;
    private static final int MOST_PAUSE_SPINS = 400;
    private static final int FIRST_TICK = 1_000;
    private static final int VALUE_BYTES = 2 * Integer.BYTES;

    private final PlayedWriteTable played = new PlayedWriteTable(FIRST_TICK);
    private final WriteTable table = played.open();
    private final CurrentWriteTable current = new CurrentWriteTable();
    private final CacheFixture fixture = new CacheFixture(64, 64 * 128 + 128 + 66_000);
    private final UnsafeBuffer[] keys = new UnsafeBuffer[KEYS];
    private final int[] slots = new int[KEYS];
    private final Object[] itemLocks = new Object[KEYS];
    private final int[] versions = new int[KEYS];
    /** What a client that was told of the change knows. */
    private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(KEYS);
    private volatile int currentTime = FIRST_TICK;
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicReference<String> wrong = new AtomicReference<>();
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong fills = new AtomicLong();

    WitnessStressTest() {
        current.set(table);
        for (int i = 0; i < KEYS; i++) {
            keys[i] = new UnsafeBuffer(Frames.bytes("key" + i));
            slots[i] = table.slot(keys[i], 0, keys[i].capacity());
            itemLocks[i] = new Object();
        }
    }

    @Test
    @Timeout(60)
    void shouldNeverServeWhatSomebodyKnowsToBeOldOrExpired() throws InterruptedException {
        final Thread[] threads = new Thread[READERS + 1];
        threads[0] = new Thread(this::fill);
        for (int i = 1; i < threads.length; i++) {
            final int seed = i;
            threads[i] = new Thread(() -> read(seed));
        }
        for (final Thread thread : threads) {
            thread.start();
        }
        final long changes = change();
        running.set(false);
        for (final Thread thread : threads) {
            thread.join();
        }
        assertEquals(null, wrong.get());
        assertTrue(hits.get() > 10_000 && fills.get() > 1_000 && changes > 10_000,
            hits + " hits, " + fills + " fills, " + changes + " changes");
    }

    private long change() {
        final SplittableRandom random = new SplittableRandom(3);
        final long endNs = System.nanoTime() + RUN_NS;
        long changes = 0;
        while (System.nanoTime() < endNs && wrong.get() == null) {
            final int what = random.nextInt(1_000);
            if (what < 5) {
                tick();
            } else if (what < 10) {
                flush();
            } else {
                final int key = random.nextInt(KEYS);
                synchronized (itemLocks[key]) {
                    versions[key]++;
                    played.change(slots[key]);
                }
                acknowledged.set(key, versions[key]);
            }
            changes++;
            pause(random);
        }
        return changes;
    }

    private void tick() {
        final int now = currentTime + 1;
        played.tickBegin(now);
        currentTime = now;
        played.tickEnd(now);
    }

    /** Like the real one it takes no item's lock. */
    private void flush() {
        played.flushBegin();
        for (int key = 0; key < KEYS; key++) {
            synchronized (itemLocks[key]) {
                versions[key]++;
            }
        }
        played.flushEnd();
        for (int key = 0; key < KEYS; key++) {
            acknowledged.set(key, versions[key]);
        }
    }

    private void fill() {
        final SplittableRandom random = new SplittableRandom(4);
        final TableWords words = new TableWords();
        final CacheEntry entry = new CacheEntry();
        final UnsafeBuffer value = new UnsafeBuffer(new byte[VALUE_BYTES]);
        while (running.get()) {
            final int i = random.nextInt(KEYS);
            if (!words.read(table, keys[i], 0, keys[i].capacity())) {
                continue;
            }
            final int ttlSeconds = 1 + random.nextInt(2);
            synchronized (itemLocks[i]) {
                value.putInt(0, versions[i]);
                value.putInt(Integer.BYTES, currentTime + ttlSeconds);
            }
            fixture.cache.put(entry.key(fixture.hash.hash(keys[i], 0, keys[i].capacity()), keys[i], 0,
                keys[i].capacity()).value(value, 0, VALUE_BYTES, 0, 1).words(words, words.deadlineTick(ttlSeconds)));
            fills.incrementAndGet();
            pause(random);
        }
    }

    private void read(final int seed) {
        final CacheReader reader = fixture.cache.newReader(current);
        final UnsafeBuffer to = new UnsafeBuffer(new byte[ValueCache.MAX_REPLY_TEXT]);
        final SplittableRandom random = new SplittableRandom(seed);
        long served = 0;
        while (running.get()) {
            final int i = random.nextInt(KEYS);
            final int known = acknowledged.get(i);
            final int now = currentTime;
            final int length = reader.copy(fixture.hash.hash(keys[i], 0, keys[i].capacity()), keys[i], 0,
                keys[i].capacity(), 0, to, 0, to.capacity());
            if (length > 0) {
                served++;
                check(i, known, now, to, length - VALUE_BYTES - 2 * BitUtil.SIZE_OF_BYTE);
            }
        }
        hits.addAndGet(served);
    }

    private void check(final int key, final int known, final int now, final UnsafeBuffer block, final int valueAt) {
        final int version = block.getInt(valueAt);
        final int deadline = block.getInt(valueAt + Integer.BYTES);
        if (version < known) {
            wrong.compareAndSet(null, "key" + key + ": version " + version + ", though " + known + " was acknowledged");
        }
        if (deadline <= now) {
            wrong.compareAndSet(null, "key" + key + ": expires at " + deadline + ", though it was " + now + " already");
        }
    }

    private static void pause(final SplittableRandom random) {
        for (int spins = random.nextInt(MOST_PAUSE_SPINS); spins > 0; spins--) {
            Thread.onSpinWait();
        }
    }
}
