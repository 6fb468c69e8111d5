package dev.javelin.slowpath;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One TCP connection to memcached that is opened again, with backoff, whenever it ends. Nothing here blocks.
 *
 * <p>Used by the slow path's thread. Errors of the network are states, not exceptions: whoever polls sees
 * {@link #isConnected()} fall and later rise again.
 */
final class MemcachedConnection implements AutoCloseable {
    private static final long MIN_BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MAX_BACKOFF_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int OUT_BYTES = 512 * 1024;
    private static final int IN_BYTES = 256 * 1024;

    private final InetSocketAddress address;
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
    private final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES);
    private final UnsafeBuffer inBuffer = new UnsafeBuffer(in);
    private SocketChannel channel;
    private boolean connected;
    private long backoffNs = MIN_BACKOFF_NS;
    private long retryAtNs;
    private boolean retryScheduled;

    MemcachedConnection(InetSocketAddress address) {
        this.address = address;
    }

    boolean isConnected() {
        return connected;
    }

    /** Opens the connection, or sees whether it has opened. Returns whether it has just become usable. */
    boolean connect(long nowNs) {
        if (connected || retryScheduled && nowNs - retryAtNs < 0) {
            return false;
        }
        try {
            if (channel == null) {
                channel = SocketChannel.open();
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                connected = channel.connect(address);
            } else {
                connected = channel.finishConnect();
            }
        } catch (IOException refused) {
            disconnect(nowNs);
        }
        return connected;
    }

    /** The connection turned out useful: should it end, the next one is tried soon. */
    void confirm() {
        backoffNs = MIN_BACKOFF_NS;
        retryScheduled = false;
    }

    /** Ends the connection; the next one is tried after the backoff time. */
    void disconnect(long nowNs) {
        closeChannel();
        connected = false;
        out.clear();
        in.clear();
        retryAtNs = nowNs + backoffNs;
        retryScheduled = true;
        backoffNs = Math.min(2 * backoffNs, MAX_BACKOFF_NS);
    }

    /** Returns whether so many more bytes fit among those that wait to be sent. */
    boolean hasRoom(int length) {
        return out.remaining() >= length;
    }

    /** Appends bytes to those that wait to be sent; {@link #hasRoom} was asked before. */
    void append(byte[] bytes, int length) {
        out.put(bytes, 0, length);
    }

    /** Sends what waits, as far as the kernel takes it. Returns whether the connection is still there. */
    boolean flush(long nowNs) {
        if (out.position() == 0) {
            return connected;
        }
        out.flip();
        try {
            channel.write(out);
        } catch (IOException reset) {
            disconnect(nowNs);
            return false;
        }
        out.compact();
        return true;
    }

    /** Reads what has arrived. Returns the bytes read, 0 for none, -1 when memcached ended the connection. */
    int receive(long nowNs) {
        try {
            int received = channel.read(in);
            if (received >= 0) {
                return received;
            }
        } catch (IOException reset) {
            // The same as an orderly end: the peer is gone, and disconnect() below says so.
        }
        disconnect(nowNs);
        return -1;
    }

    /** Returns the bytes received and not yet consumed: {@code [0, receivedLength())}. */
    DirectBuffer received() {
        return inBuffer;
    }

    int receivedLength() {
        return in.position();
    }

    /** Drops the first bytes of what was received. */
    void consume(int length) {
        in.flip();
        in.position(length);
        in.compact();
    }

    private void closeChannel() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException ignored) {
                // A socket that fails to close is closed all the same.
            }
            channel = null;
        }
    }

    @Override
    public void close() {
        closeChannel();
        connected = false;
    }
}
