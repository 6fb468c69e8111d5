package dev.javelin.launcher.coherence;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One connection that speaks memcached's text protocol, with many requests in one send. Bytes are characters of
 * ISO 8859-1.
 */
final class TextPipeline implements AutoCloseable {
    /** Reads one answer. */
    @FunctionalInterface
    interface Answer {
        void read(long invokedNs) throws IOException;
    }

    private final Socket socket;
    private final InputStream in;
    private final ByteArrayOutputStream requests = new ByteArrayOutputStream();
    private final Queue<Answer> answers = new ArrayDeque<>();

    TextPipeline(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 65_536);
    }

    /** Adds a request without its last line end; {@code answer} reads what comes back. */
    void request(String text, Answer answer) {
        requests.writeBytes((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        answers.add(answer);
    }

    /** Sends all requests at once, and reads the answers in their order. */
    void exchange() throws IOException {
        long invokedNs = System.nanoTime();
        socket.getOutputStream().write(requests.toByteArray());
        requests.reset();
        while (!answers.isEmpty()) {
            answers.remove().read(invokedNs);
        }
    }

    /** Sends bytes as they are. */
    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends a request and returns the first line of its answer. */
    String ask(String text) throws IOException {
        send((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        return line();
    }

    /** Returns the value that {@code get} answers with, or null. */
    String get(String key) throws IOException {
        String line = ask("get " + key);
        if (line.equals("END")) {
            return null;
        }
        String[] words = line.split(" ");
        String value = data(Integer.parseInt(words[3]));
        line();
        return value;
    }

    /** Returns the next line without its end. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = next(); next != '\n'; next = next()) {
            line.append((char) next);
        }
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
            line.setLength(length - 1);
        }
        return line.toString();
    }

    private int next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException("memcached has closed the connection");
        }
        return next;
    }

    /** Reads until a line comes, the connection ends, or nothing has come for a while. */
    void awaitEnd(String last, int silenceMs) throws IOException {
        socket.setSoTimeout(silenceMs);
        try {
            while (!line().equals(last)) {
                continue;
            }
        } catch (EOFException | SocketTimeoutException end) {
            // memcached waits for the rest of a value, or has had enough.
            return;
        }
    }

    /** Returns a data block, and skips its line end. */
    String data(int length) throws IOException {
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length != length + 2) {
            throw new EOFException("memcached has closed the connection within a value");
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
