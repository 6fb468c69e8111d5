package dev.javelin.bench.reflect;

import org.agrona.concurrent.AtomicBuffer;

/**
 * User space's side of the slots of xdp_reflect.bpf.c, in which the requests on their way stand. XDP takes a slot whose
 * reply arrives, user space one that is idle or whose reply does not come; whoever exchanges the slot's word for one
 * that says busy has it, and gives it up by another word. Belongs to one thread, beside XDP on any CPU.
 * <pre>
 *   u64 word      sequence number << 2 | idle 0, waiting 1, busy 2
 *   u64 sent      System.nanoTime(), the same clock as bpf_ktime_get_ns()
 *   u32 item
 *   u32 lost      bit i: the request before the last i ones was counted lost
 *   u64 padding
 * </pre>
 */
final class Slots {
    /** Bytes of a slot. */
    static final int BYTES = 32;

    private static final int SENT_OFFSET = 8;
    private static final int ITEM_OFFSET = 16;
    private static final int LOST_OFFSET = 20;
    private static final int STATE_BITS = 2;
    private static final long STATE_MASK = 3;
    private static final long IDLE = 0;
    private static final long WAITING = 1;
    private static final long BUSY = 2;

    private final AtomicBuffer buffer;
    private final ReflectOptions options;

    Slots(final AtomicBuffer buffer, final ReflectOptions options) {
        this.buffer = buffer;
        this.options = options;
    }

    /**
     * Makes an idle slot wait for the reply to a request, which the caller sends next.
     *
     * @return false if the slot is not idle
     */
    boolean claimIdle(final int slot, final int item, final long nowNs) {
        final int at = slot * BYTES;
        final long word = buffer.getLongVolatile(at);
        if ((word & STATE_MASK) != IDLE || !buffer.compareAndSetLong(at, word, word | BUSY)) {
            return false;
        }
        buffer.putInt(at + ITEM_OFFSET, item);
        buffer.putLong(at + SENT_OFFSET, nowNs);
        buffer.putLongVolatile(at, word | WAITING);
        return true;
    }

    /** Takes {@link #claimIdle} back, as the request was not sent. */
    void unclaim(final int slot) {
        final int at = slot * BYTES;
        final long word = buffer.getLongVolatile(at);
        buffer.compareAndSetLong(at, word, word & ~STATE_MASK);
    }

    /**
     * Makes a slot idle whose request has waited for too long.
     *
     * @return true if its request is to be counted lost
     */
    boolean expire(final int slot, final long nowNs) {
        final int at = slot * BYTES;
        final long word = buffer.getLongVolatile(at);
        if ((word & STATE_MASK) != WAITING || nowNs - buffer.getLong(at + SENT_OFFSET) < options.timeoutNs()) {
            return false;
        }
        final long next = (word >>> STATE_BITS) + 1 << STATE_BITS;
        if (!buffer.compareAndSetLong(at, word, next | BUSY)) {
            return false;
        }
        buffer.putInt(at + LOST_OFFSET, buffer.getInt(at + LOST_OFFSET) << 1 | 1);
        buffer.putLongVolatile(at, next | IDLE);
        return true;
    }

    boolean isIdle(final int slot) {
        return (buffer.getLongVolatile(slot * BYTES) & STATE_MASK) == IDLE;
    }

    /** Request id of the slot's request, as request_id() in C. */
    short requestId(final int slot) {
        return (short) (sequence(slot) << options.slotBits() | slot);
    }

    /** Which of the source ports its request leaves from, as source_port() in C. */
    int port(final int slot) {
        final int scattered = (sequence(slot) + slot) * 40_503 & 0xffff;
        return scattered * options.portCount() >>> 16;
    }

    private int sequence(final int slot) {
        return (int) (buffer.getLongVolatile(slot * BYTES) >>> STATE_BITS);
    }
}
