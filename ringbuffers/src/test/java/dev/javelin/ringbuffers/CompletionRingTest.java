package dev.javelin.ringbuffers;

class CompletionRingTest extends ConsumerRingContract<CompletionRing> {
    @Override
    int entryBytes() {
        return 8;
    }

    @Override
    CompletionRing newRing(final RingMemory memory) {
        return new CompletionRing(memory);
    }

    @Override
    long read(final CompletionRing ring, final int i) {
        return ring.address(i);
    }

    @Override
    void write(final PlainKernel kernel, final int slot, final long value) {
        kernel.entries().putLong(slot * 8, value);
    }
}
