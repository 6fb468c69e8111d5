package dev.javelin.fastpath;

/**
 * The frames of UMEM that belong to one queue.
 *
 * @param firstAddress of the first frame, in bytes from the UMEM's start, a multiple of the frame size
 * @param count        number of frames, all of which the worker owns at the start
 * @param frameSize    in bytes, a power of two
 */
public record FrameRange(long firstAddress, int count, int frameSize) {
    /**
     * Checks what can be checked.
     *
     * @throws IllegalArgumentException naming what is out of range
     */
    public FrameRange {
        if (Integer.bitCount(frameSize) != 1) {
            throw new IllegalArgumentException("frameSize: " + frameSize + " is not a power of two");
        }
        if (count < 1) {
            throw new IllegalArgumentException("count: " + count + " is not positive");
        }
        if (firstAddress < 0 || firstAddress % frameSize != 0) {
            throw new IllegalArgumentException("firstAddress: " + firstAddress + " is not a multiple of " + frameSize);
        }
    }
}
