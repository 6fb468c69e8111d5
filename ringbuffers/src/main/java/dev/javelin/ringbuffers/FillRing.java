package dev.javelin.ringbuffers;

/**
 * Gives the kernel empty UMEM frames to receive into. Ownership, ordering and threads: see {@link ProducerRing}.
 */
public final class FillRing extends ProducerRing {
    /**
     * A producer of addresses over the given memory, starting where its indices stand.
     *
     * @param memory entries of {@link RingMemory#ADDRESS_ENTRY_BYTES}
     */
    public FillRing(final RingMemory memory) {
        super(memory, RingMemory.ADDRESS_ENTRY_BYTES);
    }

    /**
     * Writes an entry of the latest reservation.
     *
     * @param i       0 to reserved - 1
     * @param address of the frame, in bytes from the UMEM's start
     */
    public void address(final int i, final long address) {
        entries.putLong(((reservation + i) & mask) << RingDescriptor.ADDRESS_ENTRY_SHIFT, address);
    }
}
