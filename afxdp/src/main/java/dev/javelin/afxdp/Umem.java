package dev.javelin.afxdp;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * The packet memory of one {@link XskSocket}: {@code frameCount} frames of {@link #FRAME_SIZE} bytes, frame {@code i}
 * at {@code i * FRAME_SIZE}. The kernel pins it while the socket is open.
 * <p>
 * Which thread may touch a frame is decided by the ring it last went through; see docs/frame-ownership.md. Close it
 * after its socket.
 */
public final class Umem implements AutoCloseable {
    /**
     * Bytes of one frame (the kernel's chunk). Not 2,048, which the kernel takes too: Intel's igb and igc let the card
     * write as many whole KiB of it as the headroom leaves, 1 KiB then, and in zero-copy mode hand the two halves of
     * a packet of 1,500 bytes on as two packets (igb_setup_srrctl).
     */
    public static final int FRAME_SIZE = 4096;

    /** Bytes in front of every received packet: XDP_PACKET_HEADROOM, linux/bpf.h. */
    public static final int HEADROOM = 256;

    /** One buffer over the whole of it has an int index. */
    public static final int MAX_FRAMES = (1 << 30) / FRAME_SIZE;

    private final HugePages memory;
    private final UnsafeBuffer buffer;
    private final int frameCount;

    private Umem(final HugePages memory, final int frameCount) {
        this.memory = memory;
        this.buffer = new UnsafeBuffer(memory.address(), frameCount * FRAME_SIZE);
        this.frameCount = frameCount;
    }

    /**
     * Maps the memory.
     *
     * @param frameCount 1 to {@link #MAX_FRAMES}
     * @return zeroed memory
     * @throws IllegalArgumentException if the count is out of range
     * @throws NativeException          if the memory is not to be had
     */
    public static Umem allocate(final int frameCount) {
        if (frameCount < 1 || frameCount > MAX_FRAMES) {
            throw new IllegalArgumentException("frame count must be 1 to " + MAX_FRAMES + ", not " + frameCount);
        }
        return new Umem(HugePages.allocate((long) frameCount * FRAME_SIZE), frameCount);
    }

    /**
     * Where the first frame begins.
     *
     * @return an address of this process; a descriptor's address is relative to it
     */
    public long address() {
        return memory.address();
    }

    /**
     * One buffer over all frames, indexed by descriptor addresses. All threads may share it: it has no state.
     *
     * @return always the same one
     */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /**
     * How many frames there are.
     *
     * @return as asked for
     */
    public int frameCount() {
        return frameCount;
    }

    /**
     * What pages were granted, for people to read.
     *
     * @return a few words
     */
    public String pages() {
        return memory.pages();
    }

    /** Gives the memory back. The socket over it must be closed already. */
    @Override
    public void close() {
        memory.close();
    }
}
