package dev.javelin.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes items over one TCP connection: all of them before a run, and during it the share of sets that was asked for.
 * A version counts as acknowledged once the server's {@code STORED} was read. Used by one thread at a time.
 */
final class ItemWriter implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;
    private static final int BATCH = 200;
    private static final byte[] STORED = "STORED\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket = new Socket();
    private final InputStream in;
    private final Items items;
    private final Versions versions;
    private final int itemCount;
    private final ByteBuffer out = ByteBuffer.allocate(1 << 20);
    private long written;

    ItemWriter(InetSocketAddress server, Items items, int itemCount, Versions versions) throws IOException {
        this.items = items;
        this.itemCount = itemCount;
        this.versions = versions;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.connect(server, TIMEOUT_MS);
        in = socket.getInputStream();
    }

    /** Writes every item once, many at a time. */
    void writeAll() throws IOException {
        for (int from = 0; from < itemCount; from += BATCH) {
            int to = Math.min(itemCount, from + BATCH);
            for (int item = from; item < to; item++) {
                put(item, versions.acknowledged(item) + 1);
                if (out.remaining() < out.capacity() / 2) {
                    flush();
                }
            }
            flush();
            for (int item = from; item < to; item++) {
                acknowledged(item, versions.acknowledged(item) + 1);
            }
        }
    }

    /** Writes items one at a time at a rate until the calling thread is interrupted. */
    void writeAtRate(ZipfSampler sampler, double rate) throws IOException {
        long startNs = System.nanoTime();
        for (long i = 0; !Thread.currentThread().isInterrupted(); i++) {
            long waitNs = startNs + (long) (i * 1e9 / rate) - System.nanoTime();
            if (waitNs > 0) {
                LockSupport.parkNanos(waitNs);
            }
            int item = sampler.next();
            int version = versions.acknowledged(item) + 1;
            put(item, version);
            flush();
            acknowledged(item, version);
        }
    }

    long written() {
        return written;
    }

    private void put(int item, int version) {
        out.put("set ".getBytes(StandardCharsets.US_ASCII)).put(items.key(item));
        out.put((" " + items.flags(item) + " 0 " + items.valueSize(item) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        items.putValue(out, item, version);
        out.put((byte) '\r').put((byte) '\n');
    }

    private void flush() throws IOException {
        socket.getOutputStream().write(out.array(), 0, out.position());
        out.clear();
    }

    private void acknowledged(int item, int version) throws IOException {
        byte[] reply = in.readNBytes(STORED.length);
        if (!Arrays.equals(reply, STORED)) {
            throw new IOException("the server did not store an item: "
                + new String(reply, StandardCharsets.ISO_8859_1).strip());
        }
        versions.acknowledge(item, version);
        written++;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
