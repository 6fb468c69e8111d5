package dev.javelin.launcher.coherence;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A way for a request to reach memcached: a transport from a place. Each request goes on a connection of its own, as
 * memcached lets the first byte of a connection decide between the text and the binary protocol.
 */
interface Way {
    /** Answered by {@code MN} when everything before it was done. */
    byte[] TEXT_END = "mn\r\n".getBytes(StandardCharsets.ISO_8859_1);
    byte[] BINARY_END = BinaryPipeline.encode(BinaryPipeline.NOOP, "", new byte[0], "", 0);
    int BINARY_MAGIC = 0x80;
    int FRAME_HEADER_LENGTH = 8;
    int TIMEOUT_MS = 3_000;

    /**
     * Sends a request and something behind it that is always answered, and waits for that answer: then the request has
     * been done, even if it has no answer of its own.
     *
     * @param request in the text or in the binary protocol.
     * @return all answers, bytes as characters of ISO 8859-1.
     */
    String ask(byte[] request) throws IOException;

    /** Makes a connection. */
    @FunctionalInterface
    interface Connect<T> {
        T connect() throws IOException;
    }

    static Way tcp(Connect<Socket> connect) {
        return request -> {
            try (Socket socket = connect.connect()) {
                socket.setSoTimeout(TIMEOUT_MS);
                return ask(request, socket.getInputStream(), socket.getOutputStream());
            }
        };
    }

    static Way unix(Path path) {
        return request -> {
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                return ask(request, Channels.newInputStream(channel), Channels.newOutputStream(channel));
            }
        };
    }

    private static String ask(byte[] request, InputStream in, OutputStream out) throws IOException {
        out.write(withEnd(request));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] bytes = new byte[65_536];
        while (!isWhole(request, answer.toByteArray())) {
            int length = in.read(bytes);
            if (length < 0) {
                throw new IOException("closed after: " + answer.toString(StandardCharsets.ISO_8859_1));
            }
            answer.write(bytes, 0, length);
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    static Way udp(Connect<DatagramSocket> open, String address, int port) {
        return request -> {
            try (DatagramSocket socket = open.connect()) {
                socket.setSoTimeout(TIMEOUT_MS);
                ByteArrayOutputStream datagram = new ByteArrayOutputStream();
                datagram.writeBytes(new byte[] {0, 1, 0, 0, 0, 1, 0, 0});
                datagram.writeBytes(withEnd(request));
                byte[] bytes = datagram.toByteArray();
                socket.send(new DatagramPacket(bytes, bytes.length, new InetSocketAddress(address, port)));
                ByteArrayOutputStream answer = new ByteArrayOutputStream();
                while (!isWhole(request, answer.toByteArray())) {
                    DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
                    socket.receive(packet);
                    answer.write(packet.getData(), FRAME_HEADER_LENGTH, packet.getLength() - FRAME_HEADER_LENGTH);
                }
                return answer.toString(StandardCharsets.ISO_8859_1);
            }
        };
    }

    private static boolean isBinary(byte[] request) {
        return (request[0] & 0xff) == BINARY_MAGIC;
    }

    private static byte[] withEnd(byte[] request) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(request);
        all.writeBytes(isBinary(request) ? BINARY_END : TEXT_END);
        return all.toByteArray();
    }

    /** Whether the last answer is the one to what was put behind the request. */
    private static boolean isWhole(byte[] request, byte[] answer) {
        if (!isBinary(request)) {
            String text = new String(answer, StandardCharsets.ISO_8859_1);
            return text.equals("MN\r\n") || text.endsWith("\r\nMN\r\n");
        }
        int length = BINARY_END.length;
        return answer.length >= length && (answer[answer.length - length] & 0xff) == 0x81
            && answer[answer.length - length + 1] == BinaryPipeline.NOOP;
    }
}
