package dev.javelin.bench.load;

import dev.javelin.afxdp.XskPoll;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;

/**
 * AF_XDP sockets on some queues of the interface to the server: one transport for each thread, made by
 * {@link XskTransports}. Requests of connection {@code c} leave through queue {@code c % queues}; a reply may arrive
 * at any queue of the interface, also at another thread's, which then copies it into this one's inbox. Used by one
 * thread.
 */
final class XskTransport implements Transport {
    /** Replies in an inbox wake nobody. */
    private static final long MAX_WAIT_WITH_INBOX_MS = 1;
    private static final int INBOX_BATCH = 256;

    private final XskTransports group;
    private final int index;
    private final int connections;
    private final XskQueue[] queues;
    /** By connection; a look-up is cheaper than a division. */
    private final XskQueue[] queueOf;
    private final XskPoll poll;
    private final RequestFrames requests;
    private final ReplyFrames replies;
    private final ManyToOneRingBuffer inbox;
    private final XskQueue.FrameReceiver onFrame = this::onFrame;
    private final MessageHandler onMessage = this::onMessage;
    private Receiver receiver;
    private long ignored;
    private long overflowed;

    /**
     * A thread's transport.
     *
     * @param index       of it in the group.
     * @param connections of this thread.
     * @param queues      that it owns; at least one.
     */
    XskTransport(XskTransports group, int index, int connections, List<XskQueue> queues, RequestFrames requests,
        ReplyFrames replies) {
        this.group = group;
        this.index = index;
        this.connections = connections;
        this.queues = queues.toArray(XskQueue[]::new);
        queueOf = new XskQueue[connections];
        Arrays.setAll(queueOf, connection -> this.queues[connection % this.queues.length]);
        this.requests = requests;
        this.replies = replies;
        poll = new XskPoll(queues.stream().map(XskQueue::socket).toList());
        inbox = group.inbox(index);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the datagram is longer than the interface's MTU allows.
     */
    @Override
    public boolean send(int connection, DirectBuffer buffer, int offset, int length) {
        if (length > requests.maxPayload()) {
            throw new IllegalArgumentException("a request of " + length + " bytes is longer than the "
                + requests.maxPayload() + " that the interface's MTU leaves room for");
        }
        return queueOf[connection].send(requests, connection, buffer, offset, length);
    }

    @Override
    public void flush() {
        for (XskQueue queue : queues) {
            queue.flush();
        }
    }

    @Override
    public int receive(Receiver to, long waitMs) {
        receiver = to;
        int received = receive();
        if (received == 0 && waitMs > 0) {
            poll.poll((int) (inbox == null ? waitMs : Math.min(waitMs, MAX_WAIT_WITH_INBOX_MS)));
            received = receive();
        }
        return received;
    }

    private int receive() {
        int received = 0;
        for (XskQueue queue : queues) {
            received += queue.receive(onFrame);
        }
        return inbox == null ? received : received + inbox.read(onMessage, INBOX_BATCH);
    }

    private void onFrame(UnsafeBuffer frames, int offset, int length) {
        int port = replies.parse(frames.addressOffset() + offset, length);
        if (port < 0) {
            ignored++;
            return;
        }
        int owner = group.ownerOf(port);
        int connection = port - group.firstPortOf(owner);
        int at = offset + replies.payloadOffset();
        int bytes = replies.payloadLength();
        if (owner == index) {
            receiver.onDatagram(connection, frames, at, bytes);
        } else if (!group.inbox(owner).write(connection + 1, frames, at, bytes)) {
            overflowed++;
        }
    }

    private void onMessage(int connectionPlusOne, MutableDirectBuffer buffer, int offset, int length) {
        receiver.onDatagram(connectionPlusOne - 1, buffer, offset, length);
    }

    @Override
    public int connections() {
        return connections;
    }

    /** Returns how the driver shares packets with the sockets: {@code zerocopy} or {@code copy}. */
    String granted() {
        return queues[0].socket().granted();
    }

    /** Returns how many received frames were no whole datagram from the server to one of our ports. */
    long ignored() {
        return ignored;
    }

    /**
     * Returns how many replies to other threads were thrown away because the thread did not empty its inbox; then the
     * generator itself was too slow.
     */
    long overflowed() {
        return overflowed;
    }

    /**
     * Ends the reception of the whole group and unbinds this thread's queues. The owner has stopped; the other
     * transports of the group may still be used, but get no replies any more.
     */
    @Override
    public void close() throws IOException {
        group.detach();
        poll.close();
        for (XskQueue queue : queues) {
            queue.close();
        }
        group.release();
    }
}
