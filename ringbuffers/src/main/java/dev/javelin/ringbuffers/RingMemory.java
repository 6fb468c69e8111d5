package dev.javelin.ringbuffers;

/**
 * Where one ring lives: four raw addresses, mapped from the kernel or allocated by {@link RingAllocator}.
 * <p>
 * The memory must stay mapped for as long as any ring over it is used: rings read and write the addresses without
 * asking whether they are still valid.
 *
 * @param producerAddress of the u32 index that the producer publishes; a multiple of 4
 * @param consumerAddress of the u32 index that the consumer publishes; a multiple of 4
 * @param flagsAddress    of the u32 flags word ({@link RingDescriptor#XDP_RING_NEED_WAKEUP}); a multiple of 4
 * @param entriesAddress  of the first entry; a multiple of 8
 * @param size            number of entries: a power of two, at most {@link RingDescriptor#MAX_SIZE}
 */
public record RingMemory(
    long producerAddress, long consumerAddress, long flagsAddress, long entriesAddress, int size) {
    /** One entry of a fill or completion ring: a u64 address in the UMEM. */
    public static final int ADDRESS_ENTRY_BYTES = 8;

    /** One entry of an rx or tx ring: a {@code struct xdp_desc}. */
    public static final int DESCRIPTOR_ENTRY_BYTES = 16;

    /**
     * Checks what would otherwise end as a crash of the JVM.
     *
     * @throws IllegalArgumentException if an address is null or not aligned, or the size is not a power of two in range
     */
    public RingMemory {
        checkAddress("producer", producerAddress, Integer.BYTES);
        checkAddress("consumer", consumerAddress, Integer.BYTES);
        checkAddress("flags", flagsAddress, Integer.BYTES);
        checkAddress("entries", entriesAddress, Long.BYTES);
        if (Integer.bitCount(size) != 1 || size < 0 || size > RingDescriptor.MAX_SIZE) {
            throw new IllegalArgumentException(
                "ring size must be a power of two from 1 to " + RingDescriptor.MAX_SIZE + ", not " + size);
        }
    }

    private static void checkAddress(final String what, final long address, final int alignment) {
        if (address == 0 || (address & (alignment - 1)) != 0) {
            throw new IllegalArgumentException(
                what + " address must be set and a multiple of " + alignment + ", not 0x" + Long.toHexString(address));
        }
    }
}
