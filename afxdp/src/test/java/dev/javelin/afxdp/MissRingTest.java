package dev.javelin.afxdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Keys of misses from the XDP program to Java. */
@RequiresRoot
@Timeout(60)
class MissRingTest {
    private static final int BUDGET_PER_MS = 64;

    private final Lab lab = Lab.create();

    @AfterEach
    void close() {
        lab.close();
    }

    private byte[] miss(final String key) {
        return Packet.ipv4(
            Interfaces.hardwareAddress(VethPair.SERVER),
            VethPair.CLIENT_IPV4,
            VethPair.SERVER_IPV4,
            Packet.get(Lab.bytes(key)));
    }

    private int poll(final List<String> keys, final int limit) {
        return lab.program.misses().poll((buffer, offset, length) -> {
            final byte[] key = new byte[length];
            buffer.getBytes(offset, key);
            keys.add(new String(key, StandardCharsets.ISO_8859_1));
        }, limit);
    }

    @Test
    void shouldHandOverKeysInOrderWhenRingWrapsManyTimes() {
        final List<String> expected = new ArrayList<>();
        final List<String> keys = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            final String key = i + "-" + "k".repeat(i % 240);
            final long samples = lab.counters(0)[XdpCounter.SAMPLES.ordinal()];
            XdpTestRun.of(lab.program, miss(key));
            if (lab.counters(0)[XdpCounter.SAMPLES.ordinal()] > samples) {
                expected.add(key);
            }
            if (i % 500 == 0) {
                poll(keys, Integer.MAX_VALUE);
            }
        }
        poll(keys, Integer.MAX_VALUE);
        assertEquals(expected, keys);
        assertTrue(keys.size() > 2_000, "only " + keys.size() + " samples: the ring did not wrap");
    }

    @Test
    void shouldStopAtLimitWhenMoreKeysWait() {
        for (int i = 0; i < 5; i++) {
            XdpTestRun.of(lab.program, miss("k" + i));
        }
        final List<String> keys = new ArrayList<>();
        assertEquals(2, poll(keys, 2));
        assertEquals(List.of("k0", "k1"), keys);
        assertEquals(3, poll(keys, 9));
        assertEquals(0, poll(keys, 9));
    }

    @Test
    void shouldSkipKeyWhenHandlerThrows() {
        XdpTestRun.of(lab.program, miss("bad"));
        XdpTestRun.of(lab.program, miss("good"));
        assertThrows(IllegalStateException.class, () -> lab.program.misses().poll((buffer, offset, length) -> {
            throw new IllegalStateException();
        }, 9));
        final List<String> keys = new ArrayList<>();
        poll(keys, 9);
        assertEquals(List.of("good"), keys);
    }

    @Test
    void shouldSampleWithinBudgetWhenMissesStorm() {
        final int storm = 100_000;
        final long startNs = System.nanoTime();
        XdpTestRun.of(lab.program, miss("k"), storm);
        final long milliseconds = (System.nanoTime() - startNs) / 1_000_000 + 2;
        final long[] counters = lab.counters(0);
        assertEquals(storm, counters[XdpCounter.MISSES.ordinal()]);
        final long samples = counters[XdpCounter.SAMPLES.ordinal()] + counters[XdpCounter.SAMPLES_DROPPED.ordinal()];
        assertTrue(samples >= BUDGET_PER_MS, samples + " samples");
        assertTrue(samples <= milliseconds * BUDGET_PER_MS, samples + " samples in " + milliseconds + " ms");
    }

    @Test
    void shouldCountDroppedSamplesWhenRingIsFull() {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (lab.counters(0)[XdpCounter.SAMPLES_DROPPED.ordinal()] == 0) {
            assertTrue(System.nanoTime() < deadlineNs, "the ring does not fill");
            XdpTestRun.of(lab.program, miss("k"), BUDGET_PER_MS);
            LockSupport.parkNanos(1_000_000);
        }
        final List<String> keys = new ArrayList<>();
        assertEquals(lab.counters(0)[XdpCounter.SAMPLES.ordinal()], poll(keys, Integer.MAX_VALUE));
        XdpTestRun.of(lab.program, miss("again"));
        keys.clear();
        poll(keys, 9);
        assertArrayEquals(new String[] {"again"}, keys.toArray());
    }
}
