package dev.javelin.fastpath;

import org.agrona.concurrent.AtomicBuffer;

/**
 * The counters of one queue in a block of fixed size, so that another process can read them from a mapped file.
 * <pre>
 *   0   8 B for each {@link QueueCounter}, by ordinal
 * 256   8 B for each {@link HandBackReason}, by ordinal
 * 512   end
 * </pre>
 * One worker writes (a plain read, an opaque store); anybody reads at any time and sees each counter whole, if not
 * all of the same moment.
 */
public final class QueueCounters {
    /** Size of the block in bytes. */
    public static final int BLOCK_LENGTH = 512;

    private static final int REASONS_OFFSET = 256;

    private final AtomicBuffer buffer;
    private final int offset;

    /**
     * A view of a block, which starts where its values stand.
     *
     * @param buffer that holds the block
     * @param offset of the block, a multiple of 8
     */
    public QueueCounters(final AtomicBuffer buffer, final int offset) {
        buffer.boundsCheck(offset, BLOCK_LENGTH);
        this.buffer = buffer;
        this.offset = offset;
    }

    /**
     * Adds to a counter; the writer only.
     *
     * @param counter to add to
     * @param count   to add, may be 0
     */
    public void add(final QueueCounter counter, final long count) {
        final int index = index(counter);
        buffer.putLongOpaque(index, buffer.getLong(index) + count);
    }

    /**
     * Sets a gauge; the writer only.
     *
     * @param counter to set
     * @param value   to show from now on
     */
    public void set(final QueueCounter counter, final long value) {
        buffer.putLongOpaque(index(counter), value);
    }

    /**
     * Counts a frame as handed back; the writer only.
     *
     * @param code of the {@link HandBackReason}
     */
    public void handedBack(final int code) {
        final int index = offset + REASONS_OFFSET + (code - 1) * Long.BYTES;
        buffer.putLongOpaque(index, buffer.getLong(index) + 1);
        add(QueueCounter.HANDED_BACK, 1);
    }

    /**
     * Reads a counter; any thread.
     *
     * @param counter to read
     * @return its value
     */
    public long get(final QueueCounter counter) {
        return buffer.getLongOpaque(index(counter));
    }

    /**
     * Reads how often frames were handed back for a reason; any thread.
     *
     * @param reason to read
     * @return number of frames
     */
    public long get(final HandBackReason reason) {
        return buffer.getLongOpaque(offset + REASONS_OFFSET + reason.ordinal() * Long.BYTES);
    }

    private int index(final QueueCounter counter) {
        return offset + counter.ordinal() * Long.BYTES;
    }
}
