package dev.javelin.bench.load;

import dev.javelin.afxdp.BindMode;
import dev.javelin.afxdp.RingSizes;
import dev.javelin.afxdp.Umem;
import dev.javelin.afxdp.XskSocket;
import dev.javelin.ringbuffers.CompletionRing;
import dev.javelin.ringbuffers.FillRing;
import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One queue of the interface: an AF_XDP socket and its frames, the first half of them to receive into, the others to
 * send from; no frame changes sides. Opened by any thread, then used by one.
 */
final class XskQueue implements AutoCloseable {
    /** Most frames taken from the rx ring at once. */
    static final int BATCH = 64;
    private static final int RX_FRAMES = 2_048;
    private static final int TX_FRAMES = 2_048;
    /**
     * The kernel gives room in the fill ring back a moment after it has shown the packets that it received into these
     * frames, so the ring has room for two rounds.
     */
    private static final RingSizes SIZES = new RingSizes(2 * RX_FRAMES, TX_FRAMES, RX_FRAMES, TX_FRAMES);

    private final Umem umem;
    private final XskSocket socket;
    private final UnsafeBuffer frames;
    private final FillRing fill;
    private final RxRing rx;
    private final TxRing tx;
    private final CompletionRing completion;
    /** Frames to send from that nobody uses: last in, first out, as the last are still in the CPU's cache. */
    private final long[] free = new long[TX_FRAMES];
    private int freeCount;
    private int queued;

    private XskQueue(Umem umem, XskSocket socket) {
        this.umem = umem;
        this.socket = socket;
        frames = umem.buffer();
        fill = socket.fill();
        rx = socket.rx();
        tx = socket.tx();
        completion = socket.completion();
        fill.reserve(RX_FRAMES);
        for (int i = 0; i < RX_FRAMES; i++) {
            fill.address(i, (long) i * Umem.FRAME_SIZE);
        }
        fill.submit(RX_FRAMES);
        for (int i = TX_FRAMES - 1; i >= 0; i--) {
            free[freeCount++] = (long) (RX_FRAMES + i) * Umem.FRAME_SIZE;
        }
    }

    /** Takes what a received frame holds. */
    interface FrameReceiver {
        /** A frame of {@code length} bytes at {@code offset}; valid during the call only. */
        void onFrame(UnsafeBuffer frames, int offset, int length);
    }

    /** Binds a socket to a queue in the calling thread's network namespace; all frames to receive into are posted. */
    static XskQueue open(String interfaceName, int queue) {
        Umem umem = Umem.allocate(RX_FRAMES + TX_FRAMES);
        try {
            return new XskQueue(umem, XskSocket.open(interfaceName, queue, umem, BindMode.AUTO, SIZES));
        } catch (RuntimeException e) {
            umem.close();
            throw e;
        }
    }

    XskSocket socket() {
        return socket;
    }

    /** Writes a frame into the tx ring, where {@link #flush()} shows it to the kernel. False if there is no room. */
    boolean send(RequestFrames requests, int connection, DirectBuffer payload, int offset, int length) {
        if (freeCount == 0) {
            reap();
        }
        if (freeCount == 0 || tx.reserve(1) == 0) {
            return false;
        }
        long address = free[--freeCount];
        tx.descriptor(0, address, requests.write(umem.address() + address, connection, payload, offset, length));
        queued++;
        return true;
    }

    /** Shows the kernel what was queued and wakes it if it has to be; also for what an earlier wake-up left behind. */
    void flush() {
        if (queued > 0) {
            tx.submit(queued);
            queued = 0;
        }
        if (freeCount < TX_FRAMES) {
            if (tx.free(tx.size()) < tx.size() && tx.needsWakeup()) {
                socket.wakeTx();
            }
            reap();
        }
    }

    private void reap() {
        int sent = completion.peek(TX_FRAMES);
        for (int i = 0; i < sent; i++) {
            free[freeCount++] = completion.address(i);
        }
        if (sent > 0) {
            completion.release(sent);
        }
    }

    /** Hands at most {@link #BATCH} frames to the receiver; returns how many. */
    int receive(FrameReceiver receiver) {
        int received = rx.peek(BATCH);
        if (received > 0) {
            fill.reserve(received);
            for (int i = 0; i < received; i++) {
                long address = rx.address(i);
                receiver.onFrame(frames, (int) address, rx.length(i));
                fill.address(i, address & -Umem.FRAME_SIZE);
            }
            rx.release(received);
            fill.submit(received);
        }
        if (fill.needsWakeup()) {
            socket.wakeFill();
        }
        return received;
    }

    /** Unbinds. The program no longer redirects into the socket, and the owner uses nothing of this any more. */
    @Override
    public void close() {
        socket.close();
        umem.close();
    }
}
