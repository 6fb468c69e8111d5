package dev.javelin.fastpath;

import dev.javelin.afxdp.QueueIo;
import org.agrona.concurrent.IdleStrategy;

/**
 * What a worker does when a duty cycle found nothing: spin, and after a while sleep in poll(2) on its socket, so that
 * a core shared with memcached is not kept from it. One for each worker.
 */
public final class WorkerIdleStrategy implements IdleStrategy {
    /** Idle cycles before the first poll; some 10 to 50 microseconds. */
    public static final int DEFAULT_SPINS = 200;

    private static final int POLL_TIMEOUT_MS = 1;

    private final QueueIo io;
    private final int maxSpins;
    private int spins;

    private WorkerIdleStrategy(final QueueIo io, final int maxSpins) {
        this.io = io;
        this.maxSpins = maxSpins;
    }

    /**
     * Spins for a while, then waits for packets up to a millisecond at a time. The time is short, as frames that
     * come back from the slow path wake nobody, and the heartbeat must stay fresh.
     *
     * @param io       to wait on
     * @param maxSpins idle cycles before waiting; 0 to wait at once
     * @return a strategy for the worker of this queue
     */
    public static WorkerIdleStrategy adaptive(final QueueIo io, final int maxSpins) {
        return new WorkerIdleStrategy(io, maxSpins);
    }

    /**
     * Never waits: least latency, for a core of its own.
     *
     * @param io of the queue
     * @return a strategy for the worker of this queue
     */
    public static WorkerIdleStrategy spin(final QueueIo io) {
        return new WorkerIdleStrategy(io, Integer.MAX_VALUE);
    }

    @Override
    public void idle(final int workCount) {
        if (workCount > 0) {
            spins = 0;
        } else {
            idle();
        }
    }

    @Override
    public void idle() {
        if (spins < maxSpins) {
            if (maxSpins != Integer.MAX_VALUE) {
                spins++;
            }
            Thread.onSpinWait();
        } else if (io.poll(POLL_TIMEOUT_MS)) {
            spins = 0;
        }
    }

    @Override
    public void reset() {
        spins = 0;
    }
}
