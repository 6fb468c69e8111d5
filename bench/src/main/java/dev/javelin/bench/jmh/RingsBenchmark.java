package dev.javelin.bench.jmh;

import dev.javelin.ringbuffers.CompletionRing;
import dev.javelin.ringbuffers.FillRing;
import dev.javelin.ringbuffers.HandOffRing;
import dev.javelin.ringbuffers.RingAllocator;
import dev.javelin.ringbuffers.RingMemory;
import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;
import org.agrona.BufferUtil;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Moving frames through the rings; the time is that of one frame, out of 64 that move in batches. The benchmark plays
 * the kernel, which only moves its index: no system call and no second CPU, whose cache misses would come on top.
 * <p>
 * The baselines of the four AF_XDP rings write or read the same entries in the same ring by hand, with the same
 * stores of the indices: what the rings add are their checks and cached indices. A hand-off (there and out again) is
 * compared with Agrona's ring buffer, which carries a length and a type with each message and knows no batch when it
 * is written to.
 */
@State(Scope.Thread)
public class RingsBenchmark {
    private static final int FRAMES = 64;
    private static final int SIZE = 2_048;
    private static final int CHUNK_BYTES = 2_048;
    private static final int LENGTH = 74;
    private static final int MESSAGE_TYPE = 1;
    private static final int MESSAGE_BYTES = RingMemory.DESCRIPTOR_ENTRY_BYTES;

    /** Frames that are moved at once: one store of the index for all of them. */
    @Param({"1", "16", "64"})
    public int batch;

    private final RingAllocator allocator = new RingAllocator();
    private final HandOffRing handOffRing = HandOffRing.allocate(SIZE);
    private final TxRing producer = handOffRing.producer();
    private final RxRing consumer = handOffRing.consumer();
    private final OneToOneRingBuffer agrona = new OneToOneRingBuffer(new UnsafeBuffer(BufferUtil.allocateDirectAligned(
        32 * SIZE + RingBufferDescriptor.TRAILER_LENGTH, 128)));
    private final MessageHandler adder = (type, buffer, index, length) -> add(buffer.getLong(index));
    private final long[] addresses = new long[FRAMES];
    private PlayedKernel addressKernel;
    private PlayedKernel descriptorKernel;
    private FillRing fill;
    private CompletionRing completion;
    private TxRing tx;
    private RxRing rx;
    private long sum;

    /** One ring of each kind; the rings over one memory are never used in the same benchmark. */
    @Setup
    public void open() {
        Keys order = new Keys(FRAMES, 16);
        for (int i = 0; i < FRAMES; i++) {
            addresses[i] = (long) order.number(i) * CHUNK_BYTES;
        }
        RingMemory addressMemory = allocator.allocate(SIZE, RingMemory.ADDRESS_ENTRY_BYTES);
        addressKernel = new PlayedKernel(addressMemory, RingMemory.ADDRESS_ENTRY_BYTES);
        fill = new FillRing(addressMemory);
        completion = new CompletionRing(addressMemory);
        RingMemory descriptorMemory = allocator.allocate(SIZE, RingMemory.DESCRIPTOR_ENTRY_BYTES);
        descriptorKernel = new PlayedKernel(descriptorMemory, RingMemory.DESCRIPTOR_ENTRY_BYTES);
        tx = new TxRing(descriptorMemory);
        rx = new RxRing(descriptorMemory);
    }

    /** Gives the memory back. */
    @TearDown
    public void free() {
        allocator.close();
        handOffRing.close();
    }

    /** Gives the kernel frames to receive into. */
    @Benchmark
    @ComparedWith("storeAddresses")
    @OperationsPerInvocation(FRAMES)
    public void fill() {
        for (int done = 0; done < FRAMES; done += batch) {
            require(fill.reserve(batch));
            for (int i = 0; i < batch; i++) {
                fill.address(i, addresses[done + i]);
            }
            fill.submit(batch);
            addressKernel.takeAll();
        }
    }

    /**
     * Takes back frames that were sent.
     *
     * @return sum of the addresses
     */
    @Benchmark
    @ComparedWith("loadAddresses")
    @OperationsPerInvocation(FRAMES)
    public long completion() {
        long total = 0;
        for (int done = 0; done < FRAMES; done += batch) {
            addressKernel.give(batch);
            require(completion.peek(batch));
            for (int i = 0; i < batch; i++) {
                total += completion.address(i);
            }
            completion.release(batch);
        }
        return total;
    }

    /** Gives the kernel frames to send. */
    @Benchmark
    @ComparedWith("storeDescriptors")
    @OperationsPerInvocation(FRAMES)
    public void tx() {
        for (int done = 0; done < FRAMES; done += batch) {
            require(tx.reserve(batch));
            for (int i = 0; i < batch; i++) {
                tx.descriptor(i, addresses[done + i], LENGTH);
            }
            tx.submit(batch);
            descriptorKernel.takeAll();
        }
    }

    /**
     * Takes received frames.
     *
     * @return sum of addresses and lengths
     */
    @Benchmark
    @ComparedWith("loadDescriptors")
    @OperationsPerInvocation(FRAMES)
    public long rx() {
        long total = 0;
        for (int done = 0; done < FRAMES; done += batch) {
            descriptorKernel.give(batch);
            require(rx.peek(batch));
            for (int i = 0; i < batch; i++) {
                total += rx.address(i) + rx.length(i);
            }
            rx.release(batch);
        }
        return total;
    }

    /** The baseline of the fill ring. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void storeAddresses() {
        for (int done = 0; done < FRAMES; done += batch) {
            int head = addressKernel.producer();
            for (int i = 0; i < batch; i++) {
                addressKernel.entries.putLong((head + i & SIZE - 1) << 3, addresses[done + i]);
            }
            addressKernel.give(batch);
            addressKernel.takeAll();
        }
    }

    /**
     * The baseline of the completion ring.
     *
     * @return sum of the addresses
     */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long loadAddresses() {
        long total = 0;
        for (int done = 0; done < FRAMES; done += batch) {
            int tail = addressKernel.producer();
            addressKernel.give(batch);
            for (int i = 0; i < batch; i++) {
                total += addressKernel.entries.getLong((tail + i & SIZE - 1) << 3);
            }
            addressKernel.takeAll();
        }
        return total;
    }

    /** The baseline of the tx ring. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void storeDescriptors() {
        for (int done = 0; done < FRAMES; done += batch) {
            int head = descriptorKernel.producer();
            for (int i = 0; i < batch; i++) {
                int at = (head + i & SIZE - 1) << 4;
                descriptorKernel.entries.putLong(at, addresses[done + i]);
                descriptorKernel.entries.putInt(at + 8, LENGTH);
                descriptorKernel.entries.putInt(at + 12, 0);
            }
            descriptorKernel.give(batch);
            descriptorKernel.takeAll();
        }
    }

    /**
     * The baseline of the rx ring.
     *
     * @return sum of addresses and lengths
     */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long loadDescriptors() {
        long total = 0;
        for (int done = 0; done < FRAMES; done += batch) {
            int tail = descriptorKernel.producer();
            descriptorKernel.give(batch);
            for (int i = 0; i < batch; i++) {
                int at = (tail + i & SIZE - 1) << 4;
                total += descriptorKernel.entries.getLong(at) + descriptorKernel.entries.getInt(at + 8);
            }
            descriptorKernel.takeAll();
        }
        return total;
    }

    /**
     * Hands frames over inside the process, and takes them.
     *
     * @return sum of the addresses
     */
    @Benchmark
    @ComparedWith("agrona")
    @OperationsPerInvocation(FRAMES)
    public long handOff() {
        long total = 0;
        for (int done = 0; done < FRAMES; done += batch) {
            require(producer.reserve(batch));
            for (int i = 0; i < batch; i++) {
                producer.descriptor(i, addresses[done + i], LENGTH);
            }
            producer.submit(batch);
            require(consumer.peek(batch));
            for (int i = 0; i < batch; i++) {
                total += consumer.address(i);
            }
            consumer.release(batch);
        }
        return total;
    }

    /**
     * The baseline of the hand-off: Agrona's one-to-one ring buffer, written in place.
     *
     * @return sum of the addresses
     */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long agrona() {
        sum = 0;
        for (int done = 0; done < FRAMES; done += batch) {
            for (int i = 0; i < batch; i++) {
                int index = agrona.tryClaim(MESSAGE_TYPE, MESSAGE_BYTES);
                agrona.buffer().putLong(index, addresses[done + i]);
                agrona.buffer().putInt(index + 8, LENGTH);
                agrona.buffer().putInt(index + 12, 0);
                agrona.commit(index);
            }
            for (int left = batch; left > 0;) {
                left -= agrona.read(adder, left);
            }
        }
        return sum;
    }

    private void add(long address) {
        sum += address;
    }

    private void require(int count) {
        if (count != batch) {
            throw new IllegalStateException(count + " of " + batch);
        }
    }
}
