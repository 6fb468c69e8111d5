package dev.javelin.ringbuffers;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * The end of a ring that fills entries: reserve, write, submit (xsk.h, {@code xsk_ring_prod}).
 * <p>
 * <b>Who writes, who reads.</b> One thread owns this object. It alone writes the entries between the two indices and
 * the producer index; the peer (the kernel, or a {@link ConsumerRing}) alone writes the consumer index.
 * {@link #submit} stores the producer index with release, which pairs with the peer's acquire load: a peer that sees
 * the index sees the entries. The peer's release store of the consumer index pairs with the acquire load in
 * {@link #free}: an entry is overwritten only after the peer has read it.
 * <p>
 * Indices are free-running u32, so 2^32 submits wrap them without special handling. The peer's index is cached and
 * read again only when the cache shows too little room, as the read takes the cache line from the peer.
 */
public abstract sealed class ProducerRing permits FillRing, TxRing {
    final UnsafeBuffer entries;
    final int mask;

    /** Index of the first entry of the latest reservation. */
    int reservation;

    private final UnsafeBuffer producer;
    private final UnsafeBuffer consumer;
    private final UnsafeBuffer flags;
    private int reserved;
    private int submitted;

    /** Kept {@code size} ahead of the peer's index, so that the free room is one subtraction. */
    private int cachedConsumer;

    ProducerRing(final RingMemory memory, final int entryBytes) {
        entries = new UnsafeBuffer(memory.entriesAddress(), memory.size() * entryBytes);
        producer = new UnsafeBuffer(memory.producerAddress(), Integer.BYTES);
        consumer = new UnsafeBuffer(memory.consumerAddress(), Integer.BYTES);
        flags = new UnsafeBuffer(memory.flagsAddress(), Integer.BYTES);
        mask = memory.size() - 1;
        submitted = producer.getIntAcquire(0);
        reserved = submitted;
        reservation = submitted;
        cachedConsumer = consumer.getIntAcquire(0) + memory.size();
    }

    /**
     * Number of entries the ring was made for.
     *
     * @return a power of two
     */
    public final int size() {
        return mask + 1;
    }

    /**
     * Number of entries that can be reserved now. The peer's index is read only if fewer than {@code wanted} are known
     * to be free, so the answer may be too small, never too large.
     *
     * @param wanted how many are needed
     * @return 0 to {@link #size()}
     */
    public final int free(final int wanted) {
        final int free = cachedConsumer - reserved;
        if (free >= wanted) {
            return free;
        }
        cachedConsumer = consumer.getIntAcquire(0) + mask + 1;
        return cachedConsumer - reserved;
    }

    /**
     * Reserves the next entries: all that were asked for or none. Entry {@code i} of the reservation is then written
     * with the subclass's method. Several reservations may be made before one {@link #submit} of their sum.
     *
     * @param count number of entries, not negative
     * @return {@code count}, or 0 if the ring has less room
     */
    public final int reserve(final int count) {
        if (free(count) < count) {
            return 0;
        }
        reservation = reserved;
        reserved += count;
        return count;
    }

    /**
     * Publishes reserved and written entries to the peer with one release store.
     *
     * @param count number of entries, at most as many as are reserved and not submitted
     */
    public final void submit(final int count) {
        assert count >= 0 && count <= reserved - submitted : count + " of " + (reserved - submitted);
        submitted += count;
        producer.putIntRelease(0, submitted);
    }

    /**
     * Says whether the kernel waits for a system call before it looks at this ring again. The read is not ordered
     * against {@link #submit}'s store, as in xsk.h: ask in every duty cycle and not only after a submit, then a flag
     * that was seen too late is seen in the next cycle.
     *
     * @return true if {@link RingDescriptor#XDP_RING_NEED_WAKEUP} is set; never so on an allocated ring
     */
    public final boolean needsWakeup() {
        return (flags.getIntOpaque(0) & RingDescriptor.XDP_RING_NEED_WAKEUP) != 0;
    }
}
