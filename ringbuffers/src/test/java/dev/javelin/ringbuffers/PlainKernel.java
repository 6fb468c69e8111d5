package dev.javelin.ringbuffers;

import org.agrona.concurrent.UnsafeBuffer;

/** The kernel's side of a ring, played by a test on plain memory with literal offsets. */
final class PlainKernel {
    private final UnsafeBuffer producer;
    private final UnsafeBuffer consumer;
    private final UnsafeBuffer flags;
    private final UnsafeBuffer entries;

    PlainKernel(final RingMemory memory, final int entryBytes) {
        producer = new UnsafeBuffer(memory.producerAddress(), 4);
        consumer = new UnsafeBuffer(memory.consumerAddress(), 4);
        flags = new UnsafeBuffer(memory.flagsAddress(), 4);
        entries = new UnsafeBuffer(memory.entriesAddress(), memory.size() * entryBytes);
    }

    int producer() {
        return producer.getInt(0);
    }

    int consumer() {
        return consumer.getInt(0);
    }

    void produced(final int count) {
        producer.putInt(0, producer() + count);
    }

    void consumed(final int count) {
        consumer.putInt(0, consumer() + count);
    }

    void flags(final int value) {
        flags.putInt(0, value);
    }

    UnsafeBuffer entries() {
        return entries;
    }
}
