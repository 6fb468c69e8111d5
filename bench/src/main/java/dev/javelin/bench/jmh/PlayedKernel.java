package dev.javelin.bench.jmh;

import dev.javelin.ringbuffers.RingMemory;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The kernel's end of a ring, as far as an index goes.
 */
final class PlayedKernel {
    final UnsafeBuffer entries;
    private final UnsafeBuffer producer;
    private final UnsafeBuffer consumer;

    PlayedKernel(RingMemory memory, int entryBytes) {
        producer = new UnsafeBuffer(memory.producerAddress(), Integer.BYTES);
        consumer = new UnsafeBuffer(memory.consumerAddress(), Integer.BYTES);
        entries = new UnsafeBuffer(memory.entriesAddress(), memory.size() * entryBytes);
    }

    int producer() {
        return producer.getInt(0);
    }

    /** Entries, whatever they hold, are there to be taken. */
    void give(int count) {
        producer.putIntRelease(0, producer.getInt(0) + count);
    }

    /** All entries are taken. */
    void takeAll() {
        consumer.putIntRelease(0, producer.getIntAcquire(0));
    }
}
