package dev.javelin.slowpath;

import org.agrona.concurrent.AtomicBuffer;

/**
 * The slow path's block of the counters file: one 64-bit slot per {@link SlowPathCounter}, in the enum's order.
 *
 * <p>Written by the slow path's thread alone, with opaque stores; whoever reads sees each counter whole and perhaps a
 * moment late.
 */
public final class SlowPathCounters {
    /** Bytes of the block, with room for counters to come. */
    public static final int BLOCK_LENGTH = 512;

    private final AtomicBuffer buffer;
    private final int offset;

    /**
     * Places the counters.
     *
     * @param buffer holds the block.
     * @param offset of the block, a multiple of 8.
     */
    public SlowPathCounters(AtomicBuffer buffer, int offset) {
        buffer.boundsCheck(offset, BLOCK_LENGTH);
        this.buffer = buffer;
        this.offset = offset;
    }

    /** Returns a counter's value; any thread may ask. */
    public long get(SlowPathCounter counter) {
        return buffer.getLongOpaque(index(counter));
    }

    void increment(SlowPathCounter counter) {
        set(counter, buffer.getLong(index(counter)) + 1);
    }

    void set(SlowPathCounter counter, long value) {
        buffer.putLongOpaque(index(counter), value);
    }

    private int index(SlowPathCounter counter) {
        return offset + counter.ordinal() * Long.BYTES;
    }
}
