package dev.javelin.fastpath;

import dev.javelin.afxdp.QueueIo;
import dev.javelin.ringbuffers.CompletionRing;
import dev.javelin.ringbuffers.FillRing;
import dev.javelin.ringbuffers.HandOffRing;
import dev.javelin.ringbuffers.RingAllocator;
import dev.javelin.ringbuffers.RingMemory;
import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;
import java.util.ArrayList;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The kernel's side of the four rings and the slow path's side of the hand-off, over plain memory.
 */
final class KernelPlayer implements QueueIo, AutoCloseable {
    static final int FRAME_SIZE = 2_048;
    static final int HEADROOM = 256;

    final UnsafeBuffer umem;
    final HandOffRing toSlowPath;
    final HandOffRing fromSlowPath;
    int txWakeups;
    /** What a zero-copy driver's rings can hold. */
    int driverFrames;

    private final RingAllocator allocator = new RingAllocator();
    private final FillRing fill;
    private final RxRing rx;
    private final TxRing tx;
    private final CompletionRing completion;
    private final CompletionRing kernelFill;
    private final TxRing kernelRx;
    private final RxRing kernelTx;
    private final FillRing kernelCompletion;

    KernelPlayer(final int frames, final int ringSize) {
        umem = new UnsafeBuffer(BufferUtil.allocateDirectAligned(frames * FRAME_SIZE, 4_096));
        toSlowPath = HandOffRing.allocate(ringSize);
        fromSlowPath = HandOffRing.allocate(ringSize);
        final RingMemory fillMemory = allocator.allocate(ringSize, RingMemory.ADDRESS_ENTRY_BYTES);
        final RingMemory rxMemory = allocator.allocate(ringSize, RingMemory.DESCRIPTOR_ENTRY_BYTES);
        final RingMemory txMemory = allocator.allocate(ringSize, RingMemory.DESCRIPTOR_ENTRY_BYTES);
        final RingMemory completionMemory = allocator.allocate(ringSize, RingMemory.ADDRESS_ENTRY_BYTES);
        fill = new FillRing(fillMemory);
        rx = new RxRing(rxMemory);
        tx = new TxRing(txMemory);
        completion = new CompletionRing(completionMemory);
        kernelFill = new CompletionRing(fillMemory);
        kernelRx = new TxRing(rxMemory);
        kernelTx = new RxRing(txMemory);
        kernelCompletion = new FillRing(completionMemory);
    }

    /** A packet: where it is and how long. */
    record Packet(long address, int length, int options) {
    }

    /** Receives a frame into the next fill address; its address, or -1 if the fill or the rx ring refuses. */
    long receive(final byte[] frame, final byte[] metadata) {
        if (kernelRx.free(1) == 0 || kernelFill.peek(1) == 0) {
            return -1;
        }
        final long address = kernelFill.address(0) + HEADROOM;
        kernelFill.release(1);
        umem.putBytes((int) address - metadata.length, metadata);
        umem.putBytes((int) address, frame);
        kernelRx.reserve(1);
        kernelRx.descriptor(0, address, frame.length);
        kernelRx.submit(1);
        return address;
    }

    /** Fills the driver's own ring, as a zero-copy driver does. */
    void takeIntoDriver(final int frames) {
        kernelFill.peek(frames);
        kernelFill.release(frames);
    }

    /** Takes up to max packets from the tx ring. */
    List<Packet> send(final int max) {
        return take(kernelTx, max);
    }

    /** Takes up to max packets that were handed back. */
    List<Packet> handedBack(final int max) {
        return take(toSlowPath.consumer(), max);
    }

    private static List<Packet> take(final RxRing ring, final int max) {
        final List<Packet> packets = new ArrayList<>();
        final int count = ring.peek(max);
        for (int i = 0; i < count; i++) {
            packets.add(new Packet(ring.address(i), ring.length(i), ring.options(i)));
        }
        ring.release(count);
        return packets;
    }

    boolean complete(final long address) {
        if (kernelCompletion.reserve(1) == 0) {
            return false;
        }
        kernelCompletion.address(0, address);
        kernelCompletion.submit(1);
        return true;
    }

    /** Sends and completes everything, without allocating. */
    void completeAll() {
        for (int n = kernelTx.peek(8); n > 0; n = kernelTx.peek(8)) {
            for (int i = 0; i < n; i++) {
                complete(kernelTx.address(i));
            }
            kernelTx.release(n);
        }
    }

    boolean giveBack(final long address) {
        if (fromSlowPath.producer().reserve(1) == 0) {
            return false;
        }
        fromSlowPath.producer().descriptor(0, address, 0);
        fromSlowPath.producer().submit(1);
        return true;
    }

    byte[] bytes(final Packet packet) {
        final byte[] bytes = new byte[packet.length()];
        umem.getBytes((int) packet.address(), bytes);
        return bytes;
    }

    @Override
    public FillRing fill() {
        return fill;
    }

    @Override
    public RxRing rx() {
        return rx;
    }

    @Override
    public TxRing tx() {
        return tx;
    }

    @Override
    public CompletionRing completion() {
        return completion;
    }

    @Override
    public int driverFrames() {
        return driverFrames;
    }

    @Override
    public void wakeTx() {
        txWakeups++;
    }

    @Override
    public void wakeFill() {
        throw new AssertionError("an allocated ring never asks for it");
    }

    @Override
    public boolean poll(final int timeoutMs) {
        return rx.available() > 0;
    }

    @Override
    public void close() {
        allocator.close();
        toSlowPath.close();
        fromSlowPath.close();
    }
}
