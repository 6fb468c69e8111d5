package dev.javelin.ringbuffers;

/**
 * Hands frames from one thread of the process to another: the tx and rx ring of AF_XDP over one plain memory.
 * <p>
 * One thread uses {@link #producer()}, another (or the same) uses {@link #consumer()}; see {@link ProducerRing} and
 * {@link ConsumerRing} for what orders them. Entries arrive in order, each once; a full ring refuses reservations and
 * loses nothing. A frame belongs to the producer until submit, to the ring until peek, then to the consumer.
 * <p>
 * Close it only when both threads have stopped.
 */
public final class HandOffRing implements AutoCloseable {
    private final RingAllocator allocator;
    private final TxRing producer;
    private final RxRing consumer;

    private HandOffRing(final RingAllocator allocator, final RingMemory memory) {
        this.allocator = allocator;
        producer = new TxRing(memory);
        consumer = new RxRing(memory);
    }

    /**
     * Makes an empty ring in plain off-heap memory.
     *
     * @param size number of entries, a power of two
     * @return the ring, to be closed by the caller
     * @throws IllegalArgumentException if the size is not a power of two in range
     */
    public static HandOffRing allocate(final int size) {
        final RingAllocator allocator = new RingAllocator();
        try {
            return new HandOffRing(allocator, allocator.allocate(size, RingMemory.DESCRIPTOR_ENTRY_BYTES));
        } catch (final IllegalArgumentException ex) {
            allocator.close();
            throw ex;
        }
    }

    /**
     * The end that gives.
     *
     * @return always the same object, to be used by one thread
     */
    public TxRing producer() {
        return producer;
    }

    /**
     * The end that takes.
     *
     * @return always the same object, to be used by one thread
     */
    public RxRing consumer() {
        return consumer;
    }

    /** Frees the memory. Closing twice does nothing; using an end afterwards is undefined. */
    @Override
    public void close() {
        allocator.close();
    }
}
