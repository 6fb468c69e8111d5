package dev.javelin.afxdp;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The consumer of a BPF ring buffer (<a href="https://docs.kernel.org/bpf/ringbuf.html">ringbuf.rst</a>). Belongs to
 * one thread; owned by its {@link BpfObject} and unmapped with it.
 * <pre>
 *   consumer page   read-write   u64 consumer position
 *   producer page   read-only    u64 producer position
 *   data, twice     read-only    records, 8-byte aligned: u32 length | BUSY | DISCARD, u32 page offset, then the record
 * </pre>
 * The data is mapped twice in a row, so a record that wraps can be read in one piece. The kernel stores the producer
 * position and a record's header with release; the acquire loads here pair with them. The release store of the consumer
 * position gives the room back.
 */
public final class BpfRing {
    private static final int PAGE_BYTES = 4096;
    private static final int HEADER_BYTES = 8;
    private static final int BUSY = 1 << 31;
    private static final int DISCARD = 1 << 30;

    private final UnsafeBuffer consumer;
    private final UnsafeBuffer producer;
    private final UnsafeBuffer data;
    private final int mask;

    /**
     * Maps the ring buffer.
     *
     * @param fd    of the map
     * @param bytes of its data; a power of two
     */
    BpfRing(final int fd, final int bytes) {
        final long consumerPage = NativeException.check("mmap",
            LibC.mmap(0, PAGE_BYTES, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0));
        final long producerPage = LibC.mmap(
            0, PAGE_BYTES + 2L * bytes, LibC.PROT_READ, LibC.MAP_SHARED, fd, PAGE_BYTES);
        if (producerPage < 0) {
            LibC.munmap(consumerPage, PAGE_BYTES);
        }
        NativeException.check("mmap", producerPage);
        consumer = new UnsafeBuffer(consumerPage, PAGE_BYTES);
        producer = new UnsafeBuffer(producerPage, PAGE_BYTES);
        data = new UnsafeBuffer(producerPage + PAGE_BYTES, 2 * bytes);
        mask = bytes - 1;
    }

    /**
     * Hands over waiting records, oldest first. Allocates nothing. If the handler throws, the record it was given is
     * taken all the same.
     *
     * @param handler called for each record
     * @param limit   of records in this call
     * @return number of records handed over
     */
    public int poll(final Handler handler, final int limit) {
        long position = consumer.getLong(0);
        final long end = producer.getLongAcquire(0);
        int count = 0;
        try {
            while (position < end && count < limit) {
                final int record = (int) position & mask;
                final int header = data.getIntAcquire(record);
                if ((header & BUSY) != 0) {
                    break;
                }
                final int length = header & ~DISCARD;
                position += HEADER_BYTES + (length + HEADER_BYTES - 1 & -HEADER_BYTES);
                if ((header & DISCARD) == 0) {
                    count++;
                    handler.onRecord(data, record + HEADER_BYTES, length);
                }
            }
        } finally {
            consumer.putLongRelease(0, position);
        }
        return count;
    }

    void unmap() {
        LibC.munmap(consumer.addressOffset(), PAGE_BYTES);
        LibC.munmap(producer.addressOffset(), PAGE_BYTES + data.capacity());
    }

    /** Takes one record. */
    @FunctionalInterface
    public interface Handler {
        /**
         * One record; valid during the call only.
         *
         * @param buffer read-only memory of the kernel's
         * @param offset where the record begins
         * @param length of the record in bytes
         */
        void onRecord(DirectBuffer buffer, int offset, int length);
    }
}
