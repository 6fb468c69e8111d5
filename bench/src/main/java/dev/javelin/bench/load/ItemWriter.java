package dev.javelin.bench.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * Writes items over one TCP connection: all of them before a run, and during it the share of sets that was asked for.
 * A version counts as acknowledged once the server's {@code STORED} was read. Used by one thread at a time.
 */
final class ItemWriter implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;
    private static final int BATCH = 200;
    private static final long PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final byte[] STORED = "STORED\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket = new Socket();
    private final InputStream in;
    private final Items items;
    private final Versions versions;
    private final int itemCount;
    private final Sizes lifetimes;
    private final ByteBuffer out = ByteBuffer.allocate(1 << 20);
    /** The version of each item that was written last, acknowledged or not. */
    private final int[] version;
    private long written;

    /**
     * Connects.
     *
     * @param lifetimes of items in seconds; null for items that stay.
     */
    ItemWriter(InetSocketAddress server, Items items, int itemCount, Sizes lifetimes, Versions versions)
        throws IOException {
        this.items = items;
        this.itemCount = itemCount;
        this.lifetimes = lifetimes;
        this.versions = versions;
        version = new int[itemCount];
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.connect(server, TIMEOUT_MS);
        in = socket.getInputStream();
    }

    /** The items are on the server already, at version 1. */
    void assumeWritten() {
        for (int item = 0; item < itemCount; item++) {
            version[item] = 1;
            versions.acknowledge(item, 1);
        }
    }

    /**
     * Writes every item once, many at a time.
     *
     * @param progress told of how many are written, now and then.
     */
    void writeAll(IntConsumer progress) throws IOException {
        for (int from = 0; from < itemCount; from += BATCH) {
            int to = Math.min(itemCount, from + BATCH);
            for (int item = from; item < to; item++) {
                put(item);
                if (out.remaining() < out.capacity() / 2) {
                    flush();
                }
            }
            flush();
            for (int item = from; item < to; item++) {
                acknowledged(item, version[item]);
            }
            progress.accept(to);
        }
    }

    /**
     * Writes items until the calling thread is interrupted, as many as are due.
     *
     * @param sampler of the items.
     * @param due     how many should have been written by now.
     */
    void follow(Sampler sampler, LongSupplier due) throws IOException {
        long before = written;
        int[] batch = new int[BATCH];
        int[] versionOf = new int[BATCH];
        while (!Thread.currentThread().isInterrupted()) {
            int count = (int) Math.min(BATCH, due.getAsLong() - (written - before));
            if (count <= 0) {
                LockSupport.parkNanos(PAUSE_NS);
            }
            for (int i = 0; i < count; i++) {
                batch[i] = sampler.next();
                put(batch[i]);
                versionOf[i] = version[batch[i]];
            }
            flush();
            for (int i = 0; i < count; i++) {
                acknowledged(batch[i], versionOf[i]);
            }
        }
    }

    long written() {
        return written;
    }

    private void put(int item) {
        version[item]++;
        int lifetime = lifetimes == null ? 0 : lifetimes.size(ThreadLocalRandom.current().nextInt());
        out.put("set ".getBytes(StandardCharsets.US_ASCII)).put(items.key(item));
        out.put((" " + items.flags(item) + " " + lifetime + " " + items.valueSize(item) + "\r\n")
            .getBytes(StandardCharsets.US_ASCII));
        items.putValue(out, item, version[item]);
        out.put((byte) '\r').put((byte) '\n');
    }

    private void flush() throws IOException {
        socket.getOutputStream().write(out.array(), 0, out.position());
        out.clear();
    }

    private void acknowledged(int item, int itsVersion) throws IOException {
        byte[] reply = in.readNBytes(STORED.length);
        if (!Arrays.equals(reply, STORED)) {
            throw new IOException("the server did not store an item: "
                + new String(reply, StandardCharsets.ISO_8859_1).strip());
        }
        versions.acknowledge(item, itsVersion);
        written++;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
