package dev.javelin.ringbuffers;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Two threads and one ring: every field of every entry follows from its sequence number, so an index published before
 * its entry, an entry overwritten before it was read, a lost one and a doubled one all show.
 * <p>
 * x86 keeps stores in order, so there a plain store in place of a release store shows only if the JIT compiler moves
 * it; processors with a weaker order show it at once.
 */
class HandOffStressTest {
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

    @ParameterizedTest(name = "ring of {0} starting at {1}, {2} entries")
    @CsvSource({"1, -3, 1000000", "2, 0, 2000000", "64, -10000000, 20000000", "2048, -1000, 20000000"})
    void shouldHandOverEveryEntryOnceAndInOrderWhenTwoThreadsRun(
        final int size, final int startIndex, final int count) throws Exception {
        try (RingAllocator allocator = new RingAllocator()) {
            final RingMemory memory = allocator.allocate(size, RingMemory.DESCRIPTOR_ENTRY_BYTES, startIndex);
            final AtomicBoolean stop = new AtomicBoolean();
            final CompletableFuture<Long> producer = start(() -> produce(new TxRing(memory), count, stop));
            final CompletableFuture<Long> consumer = start(() -> consume(new RxRing(memory), count, stop));
            try {
                assertEquals(count, await(consumer));
                assertEquals(count, await(producer));
            } finally {
                stop.set(true);
                CompletableFuture.allOf(producer, consumer).handle((ignored, failed) -> null).get(10, TimeUnit.SECONDS);
            }
            assertEquals(0, new RxRing(memory).available());
        }
    }

    private static CompletableFuture<Long> start(final LongSupplier role) {
        final CompletableFuture<Long> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(role.getAsLong());
            } catch (final Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    private static long await(final CompletableFuture<Long> role) throws Exception {
        try {
            return role.get(60, TimeUnit.SECONDS);
        } catch (final ExecutionException ex) {
            throw new AssertionError(ex.getCause().getMessage(), ex.getCause());
        } catch (final TimeoutException ex) {
            throw new AssertionError("stuck: an entry was lost or an index never published", ex);
        }
    }

    private static long produce(final TxRing ring, final int count, final AtomicBoolean stop) {
        final SplittableRandom random = new SplittableRandom(1);
        long sequence = 0;
        while (sequence < count && !stop.get()) {
            final int wanted = (int) Math.min(count - sequence, 1 + random.nextInt(Math.min(ring.size(), 64)));
            final int batch = ring.reserve(wanted);
            for (int i = 0; i < batch; i++, sequence++) {
                final long mixed = sequence * MIX;
                ring.descriptor(i, sequence, (int) mixed, (int) (mixed >>> 32));
            }
            ring.submit(batch);
            giveWay(batch);
        }
        return sequence;
    }

    private static long consume(final RxRing ring, final int count, final AtomicBoolean stop) {
        final SplittableRandom random = new SplittableRandom(2);
        long sequence = 0;
        while (sequence < count && !stop.get()) {
            final int batch = ring.peek(1 + random.nextInt(64));
            final int kept = batch == 0 ? 0 : batch - random.nextInt(2);
            for (int i = 0; i < kept; i++, sequence++) {
                check(ring, i, sequence);
            }
            ring.cancel(batch - kept);
            ring.release(kept);
            giveWay(kept);
        }
        return sequence;
    }

    private static void check(final RxRing ring, final int i, final long sequence) {
        final long mixed = sequence * MIX;
        final long address = ring.address(i);
        final int length = ring.length(i);
        final int options = ring.options(i);
        if (address != sequence || length != (int) mixed || options != (int) (mixed >>> 32)) {
            throw new AssertionError("entry " + sequence + ": read " + address + ", length "
                + Integer.toHexString(length) + ", options " + Integer.toHexString(options));
        }
    }

    /** On a machine with one free CPU the peer could not run otherwise. */
    private static void giveWay(final int worked) {
        if (worked == 0) {
            Thread.yield();
        }
    }
}
