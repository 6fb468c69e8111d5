package dev.javelin.slowpath;

import dev.javelin.fastpath.CacheEntry;
import dev.javelin.fastpath.KeyHash;
import dev.javelin.fastpath.ValueCache;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * Brings missed keys into the cache: asks memcached for value, flags, CAS and remaining lifetime in one step
 * ({@code mg KEY t f c v}, many requests on their way at once) and stores the answer.
 *
 * <p>The cache follows the connection: it is emptied when the connection ends, since from then on nobody can say what
 * memcached holds, and stays empty until memcached answers again.
 *
 * <p>An entry lives at most {@code maxAgeNs} from the moment before its request was sent, and never longer than
 * memcached keeps the item: {@code t} counts ticks of memcached's one-second clock, so an item with {@code t} left may
 * end any time after {@code t - 1} seconds.
 *
 * <p>Used by the slow path's thread, the cache's only writer. Source: memcached's doc/protocol.txt, "Meta Get".
 */
public final class Filler implements AutoCloseable {
    private static final byte[] REQUEST_HEAD = "mg ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REQUEST_TAIL = " t f c v\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_REQUEST_LENGTH =
        REQUEST_HEAD.length + SlowPathLimits.MAX_KEY_LENGTH + REQUEST_TAIL.length;
    private static final int MAX_PENDING = 512;

    private final ValueCache cache;
    private final KeyHash keyHash;
    private final SlowPathCounters counters;
    private final long maxAgeNs;
    private final MemcachedConnection connection;
    private final PendingFills pending = new PendingFills(MAX_PENDING);
    private final CacheEntry entry = new CacheEntry();
    private final RefusedKeys refused = new RefusedKeys();
    private final MetaGetReply reply = new MetaGetReply(SlowPathLimits.MAX_VALUE_LENGTH);
    private long bytesToSkip;

    /**
     * Creates a filler; nothing is connected yet.
     *
     * @param cache     to fill; this filler's thread is its writer.
     * @param keyHash   the hash under which the cache and the XDP program know keys.
     * @param memcached where memcached listens on TCP.
     * @param maxAgeNs  how long an entry may live at most, in nanoseconds.
     * @param counters  written by this filler's thread.
     */
    public Filler(ValueCache cache, KeyHash keyHash, InetSocketAddress memcached, long maxAgeNs,
                  SlowPathCounters counters) {
        this.cache = cache;
        this.keyHash = keyHash;
        this.maxAgeNs = maxAgeNs;
        this.counters = counters;
        connection = new MemcachedConnection(memcached);
    }

    /** Returns whether memcached is there to be asked. */
    public boolean isConnected() {
        return connection.isConnected();
    }

    /**
     * Notes that a key was missed. It is asked for unless that is being done already, or was refused a moment ago, or
     * too many requests are on their way.
     *
     * @param buffer holds the key.
     * @param offset of the key.
     * @param length of the key, 1 to 250.
     * @param nowNs  {@link System#nanoTime()} of this duty cycle, taken before the request is sent.
     */
    public void offer(DirectBuffer buffer, int offset, int length, long nowNs) {
        if (!connection.isConnected() || length < 1 || length > SlowPathLimits.MAX_KEY_LENGTH) {
            return;
        }
        long hash = keyHash.hash(buffer, offset, length);
        if (refused.contains(hash, nowNs)) {
            return;
        }
        if (pending.isFull() || !connection.hasRoom(MAX_REQUEST_LENGTH)) {
            counters.increment(SlowPathCounter.FILLS_SKIPPED);
            return;
        }
        PendingFills.Fill fill = pending.add(buffer, offset, length, hash, nowNs);
        if (fill != null) {
            connection.append(REQUEST_HEAD, REQUEST_HEAD.length);
            connection.append(fill.key, fill.keyLength);
            connection.append(REQUEST_TAIL, REQUEST_TAIL.length);
        }
    }

    /**
     * Connects, sends and receives, as far as that is possible without waiting.
     *
     * @param nowNs {@link System#nanoTime()} of this duty cycle.
     * @return work done: replies handled.
     */
    public int doWork(long nowNs) {
        if (!connection.isConnected()) {
            if (!connection.connect(nowNs)) {
                return 0;
            }
            counters.increment(SlowPathCounter.MEMCACHED_CONNECTS);
            counters.set(SlowPathCounter.MEMCACHED_CONNECTED, 1);
        }
        if (!connection.flush(nowNs) || connection.receive(nowNs) < 0) {
            forgetEverything();
            return 1;
        }
        return readReplies(nowNs);
    }

    private int readReplies(long nowNs) {
        int offset = 0;
        int replies = 0;
        final int limit = connection.receivedLength();
        while (offset < limit) {
            if (bytesToSkip > 0) {
                int skipped = (int) Math.min(bytesToSkip, limit - offset);
                bytesToSkip -= skipped;
                offset += skipped;
                continue;
            }
            PendingFills.Fill fill = pending.peek();
            int code = fill == null ? MetaGetReply.BROKEN : reply.read(connection.received(), offset, limit);
            if (code == MetaGetReply.INCOMPLETE) {
                break;
            }
            if (code == MetaGetReply.BROKEN) {
                counters.increment(SlowPathCounter.PROTOCOL_ERRORS);
                connection.disconnect(nowNs);
                forgetEverything();
                return replies + 1;
            }
            offset += reply.consumed();
            finish(fill, code, nowNs);
            pending.remove();
            replies++;
        }
        connection.consume(offset);
        return replies;
    }

    private void finish(PendingFills.Fill fill, int code, long nowNs) {
        if (code == MetaGetReply.VALUE && store(fill)) {
            counters.increment(SlowPathCounter.FILLS);
            return;
        }
        cache.remove(fill.hash, fill.keyBuffer, 0, fill.keyLength);
        if (code == MetaGetReply.MISS) {
            counters.increment(SlowPathCounter.FILL_MISSES);
            return;
        }
        bytesToSkip = code == MetaGetReply.OVERSIZE ? reply.bytesToSkip() : 0;
        counters.increment(SlowPathCounter.FILL_REJECTS);
        refused.add(fill.hash, nowNs);
    }

    private boolean store(PendingFills.Fill fill) {
        long lifetimeNs = lifetimeNs();
        if (reply.stale() || lifetimeNs <= 0) {
            return false;
        }
        entry.key(fill.hash, fill.keyBuffer, 0, fill.keyLength)
            .value(connection.received(), reply.valueOffset(), reply.valueLength(), (int) reply.flags(), reply.cas())
            .lifetime(fill.sentNs, fill.sentNs + lifetimeNs);
        return cache.put(entry);
    }

    private long lifetimeNs() {
        long ttlSeconds = reply.ttlSeconds();
        return ttlSeconds < 0 || ttlSeconds > maxAgeNs / TimeUnit.SECONDS.toNanos(1) + 1
            ? maxAgeNs
            : Math.min(maxAgeNs, TimeUnit.SECONDS.toNanos(ttlSeconds - 1));
    }

    private void forgetEverything() {
        cache.clear();
        pending.clear();
        bytesToSkip = 0;
        counters.set(SlowPathCounter.MEMCACHED_CONNECTED, 0);
    }

    @Override
    public void close() {
        connection.close();
        forgetEverything();
    }
}
