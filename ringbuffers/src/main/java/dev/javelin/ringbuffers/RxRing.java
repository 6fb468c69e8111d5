package dev.javelin.ringbuffers;

import static dev.javelin.ringbuffers.RingDescriptor.ADDRESS_OFFSET;
import static dev.javelin.ringbuffers.RingDescriptor.DESCRIPTOR_ENTRY_SHIFT;
import static dev.javelin.ringbuffers.RingDescriptor.LENGTH_OFFSET;
import static dev.javelin.ringbuffers.RingDescriptor.OPTIONS_OFFSET;

/**
 * Takes UMEM frames that the kernel has filled with packets. Ownership, ordering and threads: see
 * {@link ConsumerRing}.
 */
public final class RxRing extends ConsumerRing {
    /**
     * A consumer of descriptors over the given memory, starting where its indices stand.
     *
     * @param memory entries of {@link RingMemory#DESCRIPTOR_ENTRY_BYTES}
     */
    public RxRing(final RingMemory memory) {
        super(memory, RingMemory.DESCRIPTOR_ENTRY_BYTES);
    }

    /**
     * Reads the address of an entry of the latest peek.
     *
     * @param i 0 to peeked - 1
     * @return of the packet's first byte, in bytes from the UMEM's start
     */
    public long address(final int i) {
        return entries.getLong((((peek + i) & mask) << DESCRIPTOR_ENTRY_SHIFT) + ADDRESS_OFFSET);
    }

    /**
     * Reads the length of an entry of the latest peek.
     *
     * @param i 0 to peeked - 1
     * @return of the packet, in bytes
     */
    public int length(final int i) {
        return entries.getInt((((peek + i) & mask) << DESCRIPTOR_ENTRY_SHIFT) + LENGTH_OFFSET);
    }

    /**
     * Reads the options of an entry of the latest peek.
     *
     * @param i 0 to peeked - 1
     * @return if_xdp.h's from the kernel; what the producer wrote on a {@link HandOffRing}
     */
    public int options(final int i) {
        return entries.getInt((((peek + i) & mask) << DESCRIPTOR_ENTRY_SHIFT) + OPTIONS_OFFSET);
    }
}
