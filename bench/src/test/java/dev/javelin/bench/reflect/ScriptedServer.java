package dev.javelin.bench.reflect;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;

/** A UDP server in the server's namespace of a pair that answers as a test says, and counts. */
public final class ScriptedServer implements AutoCloseable {
    private final DatagramSocket socket;
    private final Thread thread;
    private volatile long received;
    private volatile long replied;

    /** Answers a request. */
    @FunctionalInterface
    public interface Script {
        /**
         * One request.
         *
         * @param number of the request, from 1
         * @param header memcached's frame header
         * @param key    that is asked for
         * @param reply  takes header and text of each reply
         */
        void answer(long number, byte[] header, String key, BiConsumer<byte[], String> reply);
    }

    /** Starts it. */
    public ScriptedServer(final VethPair pair, final String address, final int port, final Script script)
        throws IOException {
        try (NetworkNamespace _ = pair.enterServer()) {
            socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), port));
            socket.setReceiveBufferSize(1 << 21);
        }
        thread = Thread.ofPlatform().daemon().name("scripted-server").start(() -> serve(script));
    }

    private void serve(final Script script) {
        final DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        try {
            while (true) {
                packet.setLength(2_000);
                socket.receive(packet);
                received++;
                final byte[] header = Arrays.copyOf(packet.getData(), 8);
                final String text =
                    new String(packet.getData(), 8, packet.getLength() - 8, StandardCharsets.ISO_8859_1);
                if (!text.startsWith("get ") || !text.endsWith("\r\n")) {
                    throw new AssertionError("no request: '" + text + "'");
                }
                script.answer(received, header, text.substring(4, text.length() - 2), (head, body) -> {
                    final byte[] bytes = Arrays.copyOf(head, head.length + body.length());
                    final byte[] tail = body.getBytes(StandardCharsets.ISO_8859_1);
                    System.arraycopy(tail, 0, bytes, head.length, tail.length);
                    try {
                        socket.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
                        replied++;
                    } catch (final IOException e) {
                        throw new AssertionError(e);
                    }
                });
            }
        } catch (final IOException closed) {
            // The test is over.
        }
    }

    /** Requests that have arrived. */
    public long received() {
        return received;
    }

    /** Datagrams sent. */
    public long replied() {
        return replied;
    }

    @Override
    public void close() {
        socket.close();
        try {
            thread.join();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
