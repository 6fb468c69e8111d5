package dev.javelin.ringbuffers;

/**
 * Takes back UMEM frames that the kernel has sent. Ownership, ordering and threads: see {@link ConsumerRing}.
 */
public final class CompletionRing extends ConsumerRing {
    /**
     * A consumer of addresses over the given memory, starting where its indices stand.
     *
     * @param memory entries of {@link RingMemory#ADDRESS_ENTRY_BYTES}
     */
    public CompletionRing(final RingMemory memory) {
        super(memory, RingMemory.ADDRESS_ENTRY_BYTES);
    }

    /**
     * Reads an entry of the latest peek.
     *
     * @param i 0 to peeked - 1
     * @return in bytes from the UMEM's start, as it was given to the tx ring: inside the frame, not always its start
     */
    public long address(final int i) {
        return entries.getLong(((peek + i) & mask) << RingDescriptor.ADDRESS_ENTRY_SHIFT);
    }
}
