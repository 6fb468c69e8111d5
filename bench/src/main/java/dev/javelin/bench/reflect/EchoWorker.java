package dev.javelin.bench.reflect;

import dev.javelin.afxdp.QueueIo;
import dev.javelin.afxdp.Umem;
import dev.javelin.fastpath.EthernetFlyweight;
import dev.javelin.fastpath.Ipv4Flyweight;
import dev.javelin.fastpath.Ipv6Flyweight;
import dev.javelin.fastpath.UdpFlyweight;
import dev.javelin.ringbuffers.CompletionRing;
import dev.javelin.ringbuffers.FillRing;
import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends every datagram of one queue back in the frame it came in: the duty cycle of
 * {@link dev.javelin.fastpath.QueueWorker} without a cache, so what AF_XDP in Java could do at most. XDP has checked
 * the headers and lets nothing through but datagrams to be echoed (xdp_echo.bpf.c).
 * <p>
 * All but {@link #echoed()} belongs to the one thread that runs it. Allocates nothing.
 */
final class EchoWorker implements Agent {
    private static final int BATCH = 64;
    private static final int IPV4_SOURCE = EthernetFlyweight.LENGTH + 12;
    private static final int IPV6_SOURCE = EthernetFlyweight.LENGTH + 8;
    private static final int SHORTEST = EthernetFlyweight.LENGTH + Ipv4Flyweight.LENGTH + UdpFlyweight.LENGTH;
    private static final int SHORTEST_IPV6 = EthernetFlyweight.LENGTH + Ipv6Flyweight.LENGTH + UdpFlyweight.LENGTH;

    private final QueueIo io;
    private final FillRing fill;
    private final RxRing rx;
    private final TxRing tx;
    private final CompletionRing completion;
    private final UnsafeBuffer frames;
    private final EthernetFlyweight ethernet = new EthernetFlyweight();
    private final String roleName;
    private volatile long echoed;

    /**
     * A worker that posts all frames to the fill ring, which has room for them.
     *
     * @param queue for the name
     * @param io    of the queue
     * @param umem  of the queue; no frame of it is in use
     */
    EchoWorker(final int queue, final QueueIo io, final Umem umem) {
        roleName = "echo-q" + queue;
        this.io = io;
        fill = io.fill();
        rx = io.rx();
        tx = io.tx();
        completion = io.completion();
        frames = umem.buffer();
        fill.reserve(umem.frameCount());
        for (int i = 0; i < umem.frameCount(); i++) {
            fill.address(i, (long) i * Umem.FRAME_SIZE);
        }
        fill.submit(umem.frameCount());
    }

    @Override
    public String roleName() {
        return roleName;
    }

    /** Datagrams handed to the kernel to be sent; any thread may ask. */
    long echoed() {
        return echoed;
    }

    @Override
    public int doWork() {
        final int work = reclaim() + echo();
        if (tx.free(tx.size()) < tx.size() && tx.needsWakeup()) {
            io.wakeTx();
        }
        if (fill.needsWakeup()) {
            io.wakeFill();
        }
        return work;
    }

    private int reclaim() {
        final int sent = completion.peek(BATCH);
        if (sent > 0) {
            fill.reserve(sent);
            for (int i = 0; i < sent; i++) {
                fill.address(i, completion.address(i) & -Umem.FRAME_SIZE);
            }
            fill.submit(sent);
            completion.release(sent);
        }
        return sent;
    }

    private int echo() {
        final int received = rx.peek(Math.min(BATCH, tx.free(BATCH)));
        if (received == 0) {
            return 0;
        }
        tx.reserve(received);
        for (int i = 0; i < received; i++) {
            final long address = rx.address(i);
            final int length = rx.length(i);
            turnRound((int) address, length);
            tx.descriptor(i, address, length);
        }
        tx.submit(received);
        rx.release(received);
        echoed += received;
        return received;
    }

    /** Swapped addresses and ports sum to the same, so the checksums stay right. */
    private void turnRound(final int offset, final int length) {
        if (length < SHORTEST) {
            return;
        }
        ethernet.wrap(frames, offset);
        ethernet.swapAddresses(frames, offset);
        if (ethernet.type() == EthernetFlyweight.TYPE_IPV4) {
            swapInts(offset + IPV4_SOURCE, 1);
            swapPorts(offset + EthernetFlyweight.LENGTH + Ipv4Flyweight.LENGTH);
        } else if (length >= SHORTEST_IPV6) {
            swapInts(offset + IPV6_SOURCE, 4);
            swapPorts(offset + EthernetFlyweight.LENGTH + Ipv6Flyweight.LENGTH);
        }
    }

    /** Makes an address of so many ints and the one behind it change places. */
    private void swapInts(final int first, final int count) {
        for (int i = 0; i < count; i++) {
            final int at = first + i * Integer.BYTES;
            final int value = frames.getInt(at);
            frames.putInt(at, frames.getInt(at + count * Integer.BYTES));
            frames.putInt(at + count * Integer.BYTES, value);
        }
    }

    private void swapPorts(final int udp) {
        frames.putInt(udp, Integer.rotateLeft(frames.getInt(udp), Short.SIZE));
    }
}
