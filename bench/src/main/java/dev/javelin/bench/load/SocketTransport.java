package dev.javelin.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Plain UDP sockets of the kernel, each connected to the server from a source port of its own, so that RSS and
 * SO_REUSEPORT spread them over the server's queues and threads.
 */
final class SocketTransport implements Transport {
    private static final int BUFFER_BYTES = 1 << 21;
    private static final int MAX_DATAGRAM_BYTES = 65_536;

    private final DatagramChannel[] channels;
    private final Selector selector = Selector.open();
    private final ByteBuffer in = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES);
    private final UnsafeBuffer received = new UnsafeBuffer(in);
    private final ByteBuffer out = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES);

    SocketTransport(InetSocketAddress server, int connections) throws IOException {
        channels = new DatagramChannel[connections];
        for (int i = 0; i < connections; i++) {
            channels[i] = DatagramChannel.open();
            channels[i].setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
            channels[i].configureBlocking(false);
            channels[i].connect(server);
            channels[i].register(selector, SelectionKey.OP_READ, i);
        }
    }

    /** Opens a transport for each thread, the source ports shared out to them. */
    static List<SocketTransport> open(InetSocketAddress server, int connections, int threads) throws IOException {
        List<SocketTransport> transports = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int ports = (int) ((long) connections * (thread + 1) / threads - (long) connections * thread / threads);
            transports.add(new SocketTransport(server, ports));
        }
        return transports;
    }

    @Override
    public boolean send(int connection, DirectBuffer buffer, int offset, int length) throws IOException {
        out.clear();
        buffer.getBytes(offset, out, length);
        try {
            return channels[connection].write(out.flip()) > 0;
        } catch (PortUnreachableException nobodyListens) {
            // An ICMP answer to an earlier datagram: this one was not sent, and the next try may be.
            return false;
        }
    }

    @Override
    public void flush() {
        // A socket sends at once.
    }

    @Override
    public int receive(Receiver receiver, long waitMs) throws IOException {
        int[] count = new int[1];
        Consumer<SelectionKey> drain = key -> count[0] += drain((int) key.attachment(), receiver);
        if (waitMs == 0) {
            selector.selectNow(drain);
        } else {
            selector.select(drain, waitMs);
        }
        return count[0];
    }

    private int drain(int connection, Receiver receiver) {
        int count = 0;
        try {
            in.clear();
            while (channels[connection].read(in) > 0) {
                receiver.onDatagram(connection, received, 0, in.position());
                count++;
                in.clear();
            }
        } catch (IOException nobodyListens) {
            // Requests that the server's host refused count as lost once their time is over.
        }
        return count;
    }

    @Override
    public int connections() {
        return channels.length;
    }

    @Override
    public void close() throws IOException {
        for (DatagramChannel channel : channels) {
            channel.close();
        }
        selector.close();
    }
}
