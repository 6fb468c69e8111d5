package dev.javelin.bench.vm;

import dev.javelin.afxdp.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A memcached client in a {@link ClientNetwork}: asks over UDP, writes over TCP, and reads Javelin's metrics. One
 * thread uses it. Source: memcached's doc/protocol.txt.
 */
final class Client implements AutoCloseable {
    private static final int FRAME_HEADER_BYTES = 8;
    private static final int UDP_TIMEOUT_MS = 2_000;
    private static final int TCP_TIMEOUT_MS = 20_000;
    private static final long WHOLE_NS = TimeUnit.SECONDS.toNanos(4);

    private final NetworkNamespace home;
    private final DatagramSocket udp;
    private final byte[] buffer = new byte[65_536];
    private int requestId;

    /**
     * Moves the calling thread into the network.
     *
     * @param network open
     * @throws IOException if no socket is to be had
     */
    Client(final ClientNetwork network) throws IOException {
        home = NetworkNamespace.enter(network.name());
        udp = new DatagramSocket();
        udp.setSoTimeout(UDP_TIMEOUT_MS);
    }

    /**
     * Asks over UDP.
     *
     * @param address of the server
     * @param keys    of one get, apart by spaces
     * @return the answer's text, that of its datagrams one after the other; what came in time if it is not whole
     * @throws IOException if the request cannot be sent
     */
    String get(final String address, final String keys) throws IOException {
        final byte[] text = ("get " + keys + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        final short id = (short) ++requestId;
        final ByteBuffer request = ByteBuffer.allocate(FRAME_HEADER_BYTES + text.length)
            .putShort(id).putShort((short) 0).putShort((short) 1).putShort((short) 0).put(text);
        udp.send(new DatagramPacket(request.array(), request.capacity(),
            new InetSocketAddress(InetAddress.getByName(address), GuestServer.PORT)));
        final StringBuilder answer = new StringBuilder();
        final long deadlineNs = System.nanoTime() + WHOLE_NS;
        while (answer.indexOf("END\r\n") < 0 && System.nanoTime() < deadlineNs) {
            final DatagramPacket reply = new DatagramPacket(buffer, buffer.length);
            try {
                udp.receive(reply);
            } catch (final SocketTimeoutException e) {
                break;
            }
            if (ByteBuffer.wrap(buffer).getShort() == id) {
                answer.append(new String(buffer, FRAME_HEADER_BYTES, reply.getLength() - FRAME_HEADER_BYTES,
                    StandardCharsets.ISO_8859_1));
            }
        }
        return answer.toString();
    }

    /**
     * Writes an item over TCP.
     *
     * @param key   of it
     * @param value ASCII
     * @throws IOException if memcached does not store it
     */
    void set(final String key, final String value) throws IOException {
        try (Socket tcp = connect(GuestServer.PORT)) {
            send(tcp, "set " + key + " 0 0 " + value.length() + "\r\n" + value + "\r\n");
            final String reply = reader(tcp).readLine();
            if (!"STORED".equals(reply)) {
                throw new IOException("set " + key + " was answered '" + reply + "'");
            }
        }
    }

    /**
     * Reads an item over TCP.
     *
     * @param key of it
     * @return its value, or null if there is none
     * @throws IOException if memcached does not answer
     */
    String getOverTcp(final String key) throws IOException {
        try (Socket tcp = connect(GuestServer.PORT)) {
            send(tcp, "get " + key + "\r\n");
            final BufferedReader reader = reader(tcp);
            return reader.readLine().startsWith("VALUE ") ? reader.readLine() : null;
        }
    }

    /**
     * One of Javelin's metrics.
     *
     * @param name with {@code _total}, if it is a counter
     * @return the sum over all its labels
     * @throws IOException if Javelin does not answer
     */
    long metric(final String name) throws IOException {
        try (Socket tcp = connect(GuestServer.METRICS_PORT)) {
            send(tcp, "GET /metrics HTTP/1.0\r\n\r\n");
            return (long) reader(tcp).lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
        }
    }

    /** Moves the calling thread home. */
    @Override
    public void close() {
        udp.close();
        home.close();
    }

    private static Socket connect(final int port) throws IOException {
        final Socket tcp = new Socket();
        tcp.connect(new InetSocketAddress(ClientNetwork.SERVER_IPV4, port), TCP_TIMEOUT_MS);
        tcp.setSoTimeout(TCP_TIMEOUT_MS);
        return tcp;
    }

    private static void send(final Socket tcp, final String text) throws IOException {
        tcp.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static BufferedReader reader(final Socket tcp) throws IOException {
        return new BufferedReader(new InputStreamReader(tcp.getInputStream(), StandardCharsets.ISO_8859_1));
    }
}
