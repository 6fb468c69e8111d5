package dev.javelin.ringbuffers;

import org.agrona.UnsafeApi;

import java.util.ArrayList;
import java.util.List;

/**
 * Rings in plain off-heap memory: for hand-off inside the process, and for tests in which the test plays the kernel.
 * <p>
 * The kernel is just the other peer of a ring. A test that plays it puts the opposite ring over the same memory:
 * a {@link CompletionRing} takes what a {@link FillRing} gave, an {@link RxRing} what a {@link TxRing} gave, and the
 * other way round.
 * <p>
 * Not thread-safe: one thread allocates and closes. Close only when no ring over the memory is used any more.
 */
public final class RingAllocator implements AutoCloseable {
    private final List<Long> blocks = new ArrayList<>();

    /**
     * Allocates an empty ring whose indices are 0 and whose flags and entries are cleared.
     *
     * @param size       number of entries, a power of two
     * @param entryBytes {@link RingMemory#ADDRESS_ENTRY_BYTES} or {@link RingMemory#DESCRIPTOR_ENTRY_BYTES}
     * @return the ring's memory, valid until {@link #close()}
     */
    public RingMemory allocate(final int size, final int entryBytes) {
        return allocate(size, entryBytes, 0);
    }

    /**
     * Allocates an empty ring whose two indices start somewhere else than 0, to see them wrap.
     *
     * @param size       number of entries, a power of two
     * @param entryBytes {@link RingMemory#ADDRESS_ENTRY_BYTES} or {@link RingMemory#DESCRIPTOR_ENTRY_BYTES}
     * @param startIndex first value of both indices, any u32
     * @return the ring's memory, valid until {@link #close()}
     * @throws IllegalArgumentException if the size or the entry's length is none of those allowed
     */
    public RingMemory allocate(final int size, final int entryBytes, final int startIndex) {
        if (entryBytes != RingMemory.ADDRESS_ENTRY_BYTES && entryBytes != RingMemory.DESCRIPTOR_ENTRY_BYTES) {
            throw new IllegalArgumentException("an entry has 8 or 16 bytes, not " + entryBytes);
        }
        if (size < 1 || size > RingDescriptor.MAX_SIZE) {
            throw new IllegalArgumentException(
                "ring size must be from 1 to " + RingDescriptor.MAX_SIZE + ", not " + size);
        }
        final long length = RingDescriptor.ALLOCATED_ENTRIES_OFFSET + (long) size * entryBytes;
        final long block = UnsafeApi.allocateMemory(length + RingDescriptor.ALLOCATED_ALIGNMENT);
        blocks.add(block);
        final long start = (block + RingDescriptor.ALLOCATED_ALIGNMENT - 1) & -RingDescriptor.ALLOCATED_ALIGNMENT;
        UnsafeApi.setMemory(start, length, (byte) 0);
        UnsafeApi.putInt(start + RingDescriptor.ALLOCATED_PRODUCER_OFFSET, startIndex);
        UnsafeApi.putInt(start + RingDescriptor.ALLOCATED_CONSUMER_OFFSET, startIndex);
        return new RingMemory(
            start + RingDescriptor.ALLOCATED_PRODUCER_OFFSET,
            start + RingDescriptor.ALLOCATED_CONSUMER_OFFSET,
            start + RingDescriptor.ALLOCATED_FLAGS_OFFSET,
            start + RingDescriptor.ALLOCATED_ENTRIES_OFFSET,
            size);
    }

    /** Frees every ring allocated here. Closing twice does nothing. */
    @Override
    public void close() {
        blocks.forEach(UnsafeApi::freeMemory);
        blocks.clear();
    }
}
