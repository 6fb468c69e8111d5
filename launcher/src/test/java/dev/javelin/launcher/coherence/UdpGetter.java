package dev.javelin.launcher.coherence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import dev.javelin.launcher.JavelinProcessUnderTest;

/**
 * Asks for one key at a time over UDP, and knows whether Javelin or memcached answered.
 */
final class UdpGetter implements AutoCloseable {
    private static final int ATTEMPTS = 10;
    private static final int TIMEOUT_MS = 300;
    private static final int FRAME_HEADER_LENGTH = 8;
    private static final long COUNTER_NS = TimeUnit.MILLISECONDS.toNanos(3);
    private static final long WARM_NS = TimeUnit.SECONDS.toNanos(10);

    private final DatagramSocket socket = new DatagramSocket();
    private final DatagramPacket answer = new DatagramPacket(new byte[2_048], 2_048);
    private final JavelinProcessUnderTest javelin;
    private int requestId;

    /** Opens a socket in the namespace of the calling thread. */
    UdpGetter(InetSocketAddress server, JavelinProcessUnderTest javelin) throws IOException {
        socket.connect(server);
        socket.setSoTimeout(TIMEOUT_MS);
        this.javelin = javelin;
    }

    static UdpGetter inClient(CoherenceBed bed, String address) throws IOException {
        try (var _ = bed.testBed().enterClient()) {
            return new UdpGetter(new InetSocketAddress(address, CoherenceBed.PORT), bed.javelin());
        }
    }

    /** Returns value, a slash and flags, or null after a miss. A lost datagram is sent again. */
    String get(String key) {
        try {
            for (int i = 0; i < ATTEMPTS; i++) {
                String text = exchange(key);
                if (text != null) {
                    return parse(text, key);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("no answer for " + key);
    }

    private String exchange(String key) throws IOException {
        requestId = requestId + 1 & 0xffff;
        byte[] text = ("get " + key + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        byte[] request = ByteBuffer.allocate(FRAME_HEADER_LENGTH + text.length)
            .putShort((short) requestId).putShort((short) 0).putShort((short) 1).putShort((short) 0).put(text).array();
        socket.send(new DatagramPacket(request, request.length));
        try {
            do {
                answer.setLength(answer.getData().length);
                socket.receive(answer);
            } while ((ByteBuffer.wrap(answer.getData()).getShort(0) & 0xffff) != requestId);
            return new String(answer.getData(), FRAME_HEADER_LENGTH, answer.getLength() - FRAME_HEADER_LENGTH,
                StandardCharsets.ISO_8859_1);
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    private static String parse(String text, String key) {
        if (text.equals("END\r\n")) {
            return null;
        }
        String[] words = text.substring(0, text.indexOf('\r')).split(" ");
        if (words.length != 4 || !words[0].equals("VALUE") || !words[1].equals(key)) {
            throw new AssertionError("not an answer for " + key + ": " + text);
        }
        int start = text.indexOf('\n') + 1;
        int end = start + Integer.parseInt(words[3]);
        if (!text.substring(end).equals("\r\nEND\r\n")) {
            throw new AssertionError("no end behind the value of " + key + ": " + text);
        }
        return text.substring(start, end) + "/" + words[2];
    }

    /** Returns whether Javelin answers the next GET of this key, and that with the expected value. */
    boolean isServed(String key, String expected) {
        long before = javelin.stat("get_hits");
        String found = get(key);
        if (!expected.equals(found)) {
            throw new AssertionError(key + ": " + found + " instead of " + expected);
        }
        // The counter may move a moment after the answer has left.
        long startNs = System.nanoTime();
        while (javelin.stat("get_hits") == before) {
            if (System.nanoTime() - startNs > COUNTER_NS) {
                return false;
            }
        }
        return true;
    }

    /** Asks until Javelin serves the key; fails if it does not within ten seconds or the value is not the expected. */
    void warm(String key, String expected) {
        long startNs = System.nanoTime();
        while (!isServed(key, expected)) {
            if (System.nanoTime() - startNs > WARM_NS) {
                throw new AssertionError("Javelin does not serve " + key);
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
