package dev.javelin.ringbuffers;

import static org.junit.jupiter.api.Assertions.assertEquals;

class RxRingTest extends ConsumerRingContract<RxRing> {
    @Override
    int entryBytes() {
        return 16;
    }

    @Override
    RxRing newRing(final RingMemory memory) {
        return new RxRing(memory);
    }

    @Override
    long read(final RxRing ring, final int i) {
        final long value = ring.address(i);
        assertEquals((int) value + 1, ring.length(i));
        assertEquals((int) value + 2, ring.options(i));
        return value;
    }

    @Override
    void write(final PlainKernel kernel, final int slot, final long value) {
        kernel.entries().putLong(slot * 16, value);
        kernel.entries().putInt(slot * 16 + 8, (int) value + 1);
        kernel.entries().putInt(slot * 16 + 12, (int) value + 2);
    }
}
