package dev.javelin.ringbuffers;

import static dev.javelin.ringbuffers.RingDescriptor.ADDRESS_OFFSET;
import static dev.javelin.ringbuffers.RingDescriptor.DESCRIPTOR_ENTRY_SHIFT;
import static dev.javelin.ringbuffers.RingDescriptor.LENGTH_OFFSET;
import static dev.javelin.ringbuffers.RingDescriptor.OPTIONS_OFFSET;

/**
 * Gives the kernel filled UMEM frames to send. Ownership, ordering and threads: see {@link ProducerRing}.
 */
public final class TxRing extends ProducerRing {
    /**
     * A producer of descriptors over the given memory, starting where its indices stand.
     *
     * @param memory entries of {@link RingMemory#DESCRIPTOR_ENTRY_BYTES}
     */
    public TxRing(final RingMemory memory) {
        super(memory, RingMemory.DESCRIPTOR_ENTRY_BYTES);
    }

    /**
     * Writes an entry of the latest reservation, with options 0.
     *
     * @param i       0 to reserved - 1
     * @param address of the first byte to send, in bytes from the UMEM's start
     * @param length  in bytes
     */
    public void descriptor(final int i, final long address, final int length) {
        descriptor(i, address, length, 0);
    }

    /**
     * Writes an entry of the latest reservation.
     *
     * @param i       0 to reserved - 1
     * @param address of the first byte, in bytes from the UMEM's start
     * @param length  in bytes
     * @param options if_xdp.h's for the kernel (else it refuses the descriptor); anything on a {@link HandOffRing}
     */
    public void descriptor(final int i, final long address, final int length, final int options) {
        final int offset = ((reservation + i) & mask) << DESCRIPTOR_ENTRY_SHIFT;
        entries.putLong(offset + ADDRESS_OFFSET, address);
        entries.putInt(offset + LENGTH_OFFSET, length);
        entries.putInt(offset + OPTIONS_OFFSET, options);
    }
}
