package dev.javelin.ringbuffers;

import static dev.javelin.ringbuffers.RingMemory.ADDRESS_ENTRY_BYTES;
import static dev.javelin.ringbuffers.RingMemory.DESCRIPTOR_ENTRY_BYTES;

/**
 * Every offset and constant of the rings.
 * <p>
 * An entry of a fill or completion ring is a {@code u64}; an entry of an rx or tx ring is a {@code struct xdp_desc}
 * (include/uapi/linux/if_xdp.h), in the byte order of the machine:
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                        address (u64)                          |
 *  |                   in bytes from the UMEM's start              |
 *  +---------------------------------------------------------------+
 *  |                         length (u32)                          |
 *  +---------------------------------------------------------------+
 *  |                         options (u32)                         |
 *  +---------------------------------------------------------------+
 * </pre>
 * The kernel tells at run time where a mapped ring's indices are (XDP_MMAP_OFFSETS). A ring allocated in the process
 * has this shape, each index alone in a pair of cache lines (processors fetch lines in pairs) so that producer and
 * consumer do not take the line from each other:
 * <pre>
 *      0  producer index (u32)
 *    128  consumer index (u32)
 *    256  flags (u32)
 *    384  entries
 * </pre>
 */
public final class RingDescriptor {
    /** Set by the kernel in a fill or tx ring's flags when it waits for a system call (if_xdp.h). */
    public static final int XDP_RING_NEED_WAKEUP = 1;

    /** Largest number of entries: an entry's offset must fit an int. */
    public static final int MAX_SIZE = 1 << 26;

    static final int ADDRESS_ENTRY_SHIFT = Integer.numberOfTrailingZeros(ADDRESS_ENTRY_BYTES);
    static final int DESCRIPTOR_ENTRY_SHIFT = Integer.numberOfTrailingZeros(DESCRIPTOR_ENTRY_BYTES);

    static final int ADDRESS_OFFSET = 0;
    static final int LENGTH_OFFSET = 8;
    static final int OPTIONS_OFFSET = 12;

    static final int ALLOCATED_ALIGNMENT = 128;
    static final int ALLOCATED_PRODUCER_OFFSET = 0;
    static final int ALLOCATED_CONSUMER_OFFSET = 128;
    static final int ALLOCATED_FLAGS_OFFSET = 256;
    static final int ALLOCATED_ENTRIES_OFFSET = 384;

    private RingDescriptor() {
    }
}
