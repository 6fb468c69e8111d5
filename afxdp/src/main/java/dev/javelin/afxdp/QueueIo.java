package dev.javelin.afxdp;

import dev.javelin.ringbuffers.CompletionRing;
import dev.javelin.ringbuffers.FillRing;
import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;

/**
 * What the worker of one queue does I/O with: four rings and the wake-ups. An {@link XskSocket}, or plain memory in
 * tests. All methods belong to the one thread that owns the queue; none allocates.
 */
public interface QueueIo {
    /**
     * Gives frames to the kernel to receive into.
     *
     * @return always the same ring
     */
    FillRing fill();

    /**
     * Takes received packets.
     *
     * @return always the same ring
     */
    RxRing rx();

    /**
     * Gives packets to the kernel to send.
     *
     * @return always the same ring
     */
    TxRing tx();

    /**
     * Takes frames back whose packets were sent.
     *
     * @return always the same ring
     */
    CompletionRing completion();

    /**
     * Most frames that the driver can hold outside these rings while nothing is under way.
     *
     * @return 0 in copy mode; in zero-copy mode what fits into the driver's own rings, or all frames if it does not say
     */
    int driverFrames();

    /** Makes the kernel look at the tx ring. Call it when {@code tx().needsWakeup()} and something was submitted. */
    void wakeTx();

    /** Makes the kernel look at the fill ring. Call it when {@code fill().needsWakeup()}. */
    void wakeFill();

    /**
     * Waits for received packets.
     *
     * @param timeoutMs 0 to return at once
     * @return true if there is something to look at; false on time-out or signal
     */
    boolean poll(int timeoutMs);
}
