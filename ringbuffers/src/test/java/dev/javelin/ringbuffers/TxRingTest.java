package dev.javelin.ringbuffers;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class TxRingTest extends ProducerRingContract<TxRing> {
    @Override
    int entryBytes() {
        return 16;
    }

    @Override
    TxRing newRing(final RingMemory memory) {
        return new TxRing(memory);
    }

    @Override
    void write(final TxRing ring, final int i, final long value) {
        ring.descriptor(i, value, (int) value + 1, (int) value + 2);
    }

    @Override
    long read(final PlainKernel kernel, final int slot) {
        final long value = kernel.entries().getLong(slot * 16);
        assertEquals((int) value + 1, kernel.entries().getInt(slot * 16 + 8));
        assertEquals((int) value + 2, kernel.entries().getInt(slot * 16 + 12));
        return value;
    }

    @Test
    void shouldClearOptionsLeftByAnEarlierEntryWhenNoneAreGiven() {
        try (RingAllocator allocator = new RingAllocator()) {
            final RingMemory memory = allocator.allocate(1, 16);
            final PlainKernel kernel = new PlainKernel(memory, 16);
            final TxRing ring = new TxRing(memory);
            ring.reserve(1);
            ring.descriptor(0, 1L << 40, 60, -1);
            ring.submit(1);
            assertEquals(-1, kernel.entries().getInt(12));
            kernel.consumed(1);
            ring.reserve(1);
            ring.descriptor(0, 1L << 40, 60);
            assertEquals(1L << 40, kernel.entries().getLong(0));
            assertEquals(60, kernel.entries().getInt(8));
            assertEquals(0, kernel.entries().getInt(12));
        }
    }
}
