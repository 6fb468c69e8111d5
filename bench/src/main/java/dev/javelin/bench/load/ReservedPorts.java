package dev.javelin.bench.load;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * A row of UDP ports that nobody else gets while this is open: each is bound by a socket of the kernel that is never
 * read. Datagrams that reach the kernel all the same, such as replies after the end, end there and not as ICMP errors
 * to the server.
 *
 * <p>The row lies below the ephemeral ports, which other programs are given without asking for them, so that a long row
 * is found at once.
 */
final class ReservedPorts implements AutoCloseable {
    private static final int LOWEST = 1_024;
    /** Where net.ipv4.ip_local_port_range begins unless somebody changes it. */
    private static final int FIRST_EPHEMERAL = 32_768;

    private final List<DatagramChannel> channels = new ArrayList<>();
    private final int first;

    private ReservedPorts(int first) {
        this.first = first;
    }

    /**
     * Takes the highest row that is free.
     *
     * @param count   of ports.
     * @param sources of our own addresses; port {@code i} of the row is bound to source {@code i % sources}.
     * @throws IOException if there is no such row or a source is no address of this host.
     */
    static ReservedPorts take(int count, List<InetAddress> sources) throws IOException {
        int end = FIRST_EPHEMERAL;
        while (end - count >= LOWEST) {
            ReservedPorts ports = new ReservedPorts(end - count);
            int taken = ports.bind(count, sources);
            if (taken < 0) {
                return ports;
            }
            ports.close();
            end = taken;
        }
        throw new IOException("there are no " + count + " free UDP ports in a row below " + FIRST_EPHEMERAL
            + ": ss -lun shows who has them");
    }

    /** Returns -1, or the port that somebody else has. */
    private int bind(int count, List<InetAddress> sources) throws IOException {
        // From the top, as the next row to try ends below the highest port that is taken.
        for (int i = count - 1; i >= 0; i--) {
            InetAddress source = sources.get(i % sources.size());
            DatagramChannel channel = DatagramChannel.open();
            channels.add(channel);
            try {
                channel.bind(new InetSocketAddress(source, first + i));
            } catch (BindException e) {
                if (e.getMessage().startsWith("Address already in use")) {
                    return first + i;
                }
                close();
                throw new IOException(source.getHostAddress() + " is no address of this host: ip address add "
                    + source.getHostAddress() + " dev ...", e);
            }
        }
        return -1;
    }

    int first() {
        return first;
    }

    /**
     * Sends a datagram from one of the ports, for those who send few.
     *
     * @param port of the row, from 0.
     * @return whether the kernel had room for it.
     */
    boolean send(int port, ByteBuffer datagram, InetSocketAddress to) throws IOException {
        int length = datagram.remaining();
        // They were bound from the top.
        return channels.get(channels.size() - 1 - port).send(datagram, to) == length;
    }

    @Override
    public void close() throws IOException {
        for (DatagramChannel channel : channels) {
            channel.close();
        }
    }
}
