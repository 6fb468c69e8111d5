package dev.javelin.ringbuffers;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * The end of a ring that takes entries: peek, read, release (xsk.h, {@code xsk_ring_cons}).
 * <p>
 * <b>Who writes, who reads.</b> One thread owns this object. The peer (the kernel, or a {@link ProducerRing}) alone
 * writes entries and the producer index; this object alone writes the consumer index. The peer's release store of the
 * producer index pairs with the acquire load in {@link #available}: entries are read only after they were written.
 * {@link #release} stores the consumer index with release, which pairs with the peer's acquire load: the peer
 * overwrites an entry only after it was read here.
 * <p>
 * Indices are free-running u32. The peer's index is cached and read again only when the cache has run dry.
 */
public abstract sealed class ConsumerRing permits CompletionRing, RxRing {
    final UnsafeBuffer entries;
    final int mask;

    /** Index of the first entry of the latest peek. */
    int peek;

    private final UnsafeBuffer producer;
    private final UnsafeBuffer consumer;
    private int peeked;
    private int released;
    private int cachedProducer;

    ConsumerRing(final RingMemory memory, final int entryBytes) {
        entries = new UnsafeBuffer(memory.entriesAddress(), memory.size() * entryBytes);
        producer = new UnsafeBuffer(memory.producerAddress(), Integer.BYTES);
        consumer = new UnsafeBuffer(memory.consumerAddress(), Integer.BYTES);
        mask = memory.size() - 1;
        released = consumer.getIntAcquire(0);
        peeked = released;
        peek = released;
        cachedProducer = producer.getIntAcquire(0);
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
     * Number of entries that can be peeked now. The peer's index is read only if none is known to be there, so the
     * answer may be too small, but is 0 only when the ring was empty.
     *
     * @return 0 to {@link #size()}
     */
    public final int available() {
        final int available = cachedProducer - peeked;
        if (available != 0) {
            return available;
        }
        cachedProducer = producer.getIntAcquire(0);
        return cachedProducer - peeked;
    }

    /**
     * Takes the next entries for reading. Entry {@code i} is then read with the subclass's methods. Several peeks may
     * be made before one {@link #release} of their sum.
     *
     * @param max most entries wanted, not negative
     * @return number of entries taken, 0 if the ring is empty
     */
    public final int peek(final int max) {
        final int count = Math.min(available(), max);
        peek = peeked;
        peeked += count;
        return count;
    }

    /**
     * Gives back the last entries of what was peeked, unread: the next peek takes them again.
     *
     * @param count number of entries, at most as many as are peeked and not released
     */
    public final void cancel(final int count) {
        assert count >= 0 && count <= peeked - released : count + " of " + (peeked - released);
        peeked -= count;
    }

    /**
     * Frees the oldest entries of what was peeked for the peer with one release store. They must not be read again.
     *
     * @param count number of entries, at most as many as are peeked and not released
     */
    public final void release(final int count) {
        assert count >= 0 && count <= peeked - released : count + " of " + (peeked - released);
        released += count;
        consumer.putIntRelease(0, released);
    }
}
