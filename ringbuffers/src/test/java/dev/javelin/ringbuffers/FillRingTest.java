package dev.javelin.ringbuffers;

class FillRingTest extends ProducerRingContract<FillRing> {
    @Override
    int entryBytes() {
        return 8;
    }

    @Override
    FillRing newRing(final RingMemory memory) {
        return new FillRing(memory);
    }

    @Override
    void write(final FillRing ring, final int i, final long value) {
        ring.address(i, value);
    }

    @Override
    long read(final PlainKernel kernel, final int slot) {
        return kernel.entries().getLong(slot * 8);
    }
}
