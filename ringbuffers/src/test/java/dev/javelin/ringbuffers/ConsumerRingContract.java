package dev.javelin.ringbuffers;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** What every ring that is emptied must do; the test plays the kernel that fills it. */
abstract class ConsumerRingContract<R extends ConsumerRing> {
    static final int SIZE = 8;

    private final RingAllocator allocator = new RingAllocator();

    abstract int entryBytes();

    abstract R newRing(RingMemory memory);

    abstract long read(R ring, int i);

    abstract void write(PlainKernel kernel, int slot, long value);

    @AfterEach
    void freeMemory() {
        allocator.close();
    }

    private RingMemory allocate(final int startIndex) {
        return allocator.allocate(SIZE, entryBytes(), startIndex);
    }

    private void produce(final RingMemory memory, final int count, final long firstValue) {
        final PlainKernel kernel = new PlainKernel(memory, entryBytes());
        for (int i = 0; i < count; i++) {
            write(kernel, (kernel.producer() + i) & (SIZE - 1), firstValue + i);
        }
        kernel.produced(count);
    }

    private int consumer(final RingMemory memory) {
        return new PlainKernel(memory, entryBytes()).consumer();
    }

    @Test
    void shouldBeEmptyWhenNew() {
        final R ring = newRing(allocate(0));
        assertEquals(SIZE, ring.size());
        assertEquals(0, ring.available());
        assertEquals(0, ring.peek(SIZE));
    }

    @Test
    void shouldPeekNoMoreThanIsThereAndNoMoreThanIsWanted() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(memory, 5, 100);
        assertEquals(2, ring.peek(2));
        assertEquals(100, read(ring, 0));
        assertEquals(101, read(ring, 1));
        assertEquals(3, ring.peek(SIZE));
        assertEquals(102, read(ring, 0));
        assertEquals(104, read(ring, 2));
        assertEquals(0, ring.peek(SIZE));
        assertEquals(0, ring.peek(0));
    }

    @Test
    void shouldKeepEntriesFromKernelUntilReleased() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(memory, 5, 0);
        ring.peek(5);
        assertEquals(0, consumer(memory));
        ring.release(2);
        assertEquals(2, consumer(memory));
        ring.release(3);
        assertEquals(5, consumer(memory));
        assertThrows(AssertionError.class, () -> ring.release(1));
    }

    @Test
    void shouldSeeAllEntriesWhenFull() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(memory, SIZE, 0);
        assertEquals(SIZE, ring.available());
        assertEquals(SIZE, ring.peek(SIZE + 1));
        for (int i = 0; i < SIZE; i++) {
            assertEquals(i, read(ring, i));
        }
    }

    @Test
    void shouldPeekCancelledEntriesAgain() {
        final RingMemory memory = allocate(0xffff_fffe);
        final R ring = newRing(memory);
        produce(memory, 5, 50);
        assertEquals(5, ring.peek(SIZE));
        ring.cancel(3);
        assertEquals(50, read(ring, 0));
        assertEquals(51, read(ring, 1));
        ring.release(2);
        assertEquals(0xffff_fffe + 2, consumer(memory));
        assertThrows(AssertionError.class, () -> ring.release(1));
        assertEquals(3, ring.available());
        assertEquals(3, ring.peek(SIZE));
        assertEquals(52, read(ring, 0));
        assertEquals(54, read(ring, 2));
    }

    @Test
    void shouldReleaseNothingWhenAllIsCancelled() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(memory, 2, 0);
        ring.peek(2);
        ring.cancel(2);
        ring.release(0);
        assertEquals(0, consumer(memory));
        assertThrows(AssertionError.class, () -> ring.cancel(1));
        assertEquals(2, ring.peek(2));
    }

    @Test
    void shouldNotLookAtKernelsIndexWhileEntriesAreKnownToBeThere() {
        final RingMemory memory = allocate(0);
        final R ring = newRing(memory);
        produce(memory, 2, 0);
        assertEquals(1, ring.peek(1));
        produce(memory, 3, 2);
        assertEquals(1, ring.available());
        assertEquals(1, ring.peek(SIZE));
        assertEquals(3, ring.peek(SIZE));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 0x7fff_fffb, 0xffff_fff8, 0xffff_fffd, 0xffff_ffff})
    void shouldGoOnWhenIndicesWrap(final int startIndex) {
        final RingMemory memory = allocate(startIndex);
        final R ring = newRing(memory);
        long written = 0;
        long seen = 0;
        for (int round = 0; round < 50; round++) {
            final int batch = 1 + round % SIZE;
            produce(memory, batch, written);
            written += batch;
            assertEquals(batch, ring.peek(SIZE));
            for (int i = 0; i < batch; i++) {
                assertEquals(seen++, read(ring, i));
            }
            ring.release(batch);
            assertEquals(startIndex + (int) seen, consumer(memory));
            assertEquals(0, ring.available());
        }
    }

    @Test
    void shouldTakeUpWhereIndicesStand() {
        final RingMemory memory = allocate(0xffff_ffff);
        produce(memory, 4, 7);
        final R ring = newRing(memory);
        assertEquals(4, ring.available());
        ring.peek(3);
        ring.release(3);
        final R next = newRing(memory);
        assertEquals(1, next.peek(SIZE));
        assertEquals(10, read(next, 0));
    }
}
