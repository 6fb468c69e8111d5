package dev.javelin.ringbuffers;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What every ring that is filled must do; the test plays the kernel that empties it. */
abstract class ProducerRingContract<R extends ProducerRing> {
    static final int SIZE = 8;

    private final RingAllocator allocator = new RingAllocator();

    abstract int entryBytes();

    abstract R newRing(RingMemory memory);

    abstract void write(R ring, int i, long value);

    abstract long read(PlainKernel kernel, int slot);

    @AfterEach
    void freeMemory() {
        allocator.close();
    }

    private RingMemory allocate(final int startIndex) {
        return allocator.allocate(SIZE, entryBytes(), startIndex);
    }

    private PlainKernel kernel(final RingMemory memory) {
        return new PlainKernel(memory, entryBytes());
    }

    private void produce(final R ring, final int count, final long firstValue) {
        assertEquals(count, ring.reserve(count));
        for (int i = 0; i < count; i++) {
            write(ring, i, firstValue + i);
        }
        ring.submit(count);
    }

    @Test
    void shouldHaveAllRoomWhenNew() {
        final R ring = newRing(allocate(0));
        assertEquals(SIZE, ring.size());
        assertEquals(SIZE, ring.free(SIZE));
    }

    @Test
    void shouldPublishNothingUntilSubmitted() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        assertEquals(3, ring.reserve(3));
        write(ring, 0, 77);
        assertEquals(0, kernel(memory).producer());
        ring.submit(3);
        assertEquals(3, kernel(memory).producer());
        assertEquals(77, read(kernel(memory), 0));
    }

    @Test
    void shouldReserveAllOrNothingWhenMoreIsWantedThanFree() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(ring, 5, 0);
        assertEquals(0, ring.reserve(4));
        assertEquals(3, ring.free(4));
        assertEquals(3, ring.reserve(3));
        assertEquals(0, ring.reserve(1));
        assertEquals(0, ring.reserve(SIZE + 1));
    }

    @Test
    void shouldReserveNothingWhenNothingIsWanted() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(ring, SIZE, 0);
        assertEquals(0, ring.reserve(0));
        ring.submit(0);
        assertEquals(SIZE, kernel(memory).producer());
    }

    @Test
    void shouldFindRoomAgainWhenKernelHasConsumed() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(ring, SIZE, 0);
        assertEquals(0, ring.reserve(1));
        kernel(memory).consumed(2);
        assertEquals(0, ring.reserve(3));
        produce(ring, 2, 100);
        assertEquals(100, read(kernel(memory), 0));
        assertEquals(101, read(kernel(memory), 1));
        assertEquals(2, read(kernel(memory), 2));
    }

    @Test
    void shouldNotLookAtKernelsIndexWhileEnoughIsKnownToBeFree() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(ring, 4, 0);
        kernel(memory).consumed(4);
        assertEquals(4, ring.free(4));
        assertEquals(SIZE, ring.free(5));
    }

    @Test
    void shouldSubmitSeveralReservationsAtOnce() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        for (int i = 0; i < 3; i++) {
            assertEquals(1, ring.reserve(1));
            write(ring, 0, 10 + i);
        }
        ring.submit(3);
        assertEquals(3, kernel(memory).producer());
        for (int i = 0; i < 3; i++) {
            assertEquals(10 + i, read(kernel(memory), i));
        }
    }

    @Test
    void shouldPublishPartOfReservationWhenSubmittedInParts() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        ring.reserve(4);
        ring.submit(1);
        assertEquals(1, kernel(memory).producer());
        ring.submit(3);
        assertEquals(4, kernel(memory).producer());
        assertThrows(AssertionError.class, () -> ring.submit(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 0x7fff_fffb, 0xffff_fff8, 0xffff_fffd, 0xffff_ffff})
    void shouldGoOnWhenIndicesWrap(final int startIndex) {
        final RingMemory memory = allocate(startIndex);
        final PlainKernel kernel = kernel(memory);
        final R ring = newRing(memory);
        long written = 0;
        long seen = 0;
        for (int round = 0; round < 50; round++) {
            final int batch = 1 + round % SIZE;
            produce(ring, batch, written);
            written += batch;
            assertEquals(startIndex + (int) written, kernel.producer());
            while (kernel.consumer() != kernel.producer()) {
                assertEquals(seen++, read(kernel, kernel.consumer() & (SIZE - 1)));
                kernel.consumed(1);
            }
        }
        produce(ring, SIZE, 0);
        assertEquals(0, ring.reserve(1));
    }

    @Test
    void shouldTakeUpWhereIndicesStand() {
        final RingMemory memory = allocate(0xffff_fffe);
        produce(newRing(memory), 3, 40);
        final R ring = newRing(memory);
        assertEquals(SIZE - 3, ring.free(SIZE));
        produce(ring, 1, 43);
        assertEquals(43, read(kernel(memory), 1));
    }

    @Test
    void shouldNeedWakeupWhenKernelSaysSo() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        assertFalse(ring.needsWakeup());
        kernel(memory).flags(2);
        assertFalse(ring.needsWakeup());
        kernel(memory).flags(3);
        assertTrue(ring.needsWakeup());
        kernel(memory).flags(0);
        assertFalse(ring.needsWakeup());
    }
}
