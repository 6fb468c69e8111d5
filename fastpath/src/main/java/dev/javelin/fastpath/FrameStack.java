package dev.javelin.fastpath;

/**
 * The frames of a queue that nobody uses right now: last in, first out, so that the ones still in the CPU's cache go
 * out first. One thread.
 */
final class FrameStack {
    private final long[] addresses;
    private int size;

    /** All frames of a stretch of UMEM, the lowest address on top. */
    FrameStack(final long firstAddress, final int frameCount, final int frameSize) {
        addresses = new long[frameCount];
        for (int i = frameCount - 1; i >= 0; i--) {
            addresses[size++] = firstAddress + (long) i * frameSize;
        }
    }

    int size() {
        return size;
    }

    void push(final long address) {
        addresses[size++] = address;
    }

    long pop() {
        return addresses[--size];
    }
}
