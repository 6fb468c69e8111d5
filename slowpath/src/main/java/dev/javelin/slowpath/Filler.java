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
 * <p>With a write table ({@link WriteTableLink}) the words of a key are read before memcached is asked for it and
 * stored with the answer; docs/coherence.md argues why a hit is then never stale. Without one an entry lives at most
 * {@code maxAgeNs} from the moment before its request was sent, and never longer than memcached keeps the item:
 * {@code t} counts ticks of memcached's one-second clock, so an item with {@code t} left may end any time after
 * {@code t - 1} seconds.
 *
 * <p>Used by the slow path's thread, the cache's only writer. Source: memcached's doc/protocol.txt, "Meta Get".
 */
public final class Filler implements AutoCloseable {
    private static final byte[] REQUEST_HEAD = "mg ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REQUEST_TAIL = " t f c v\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_REQUEST_LENGTH =
        REQUEST_HEAD.length + SlowPathLimits.MAX_KEY_LENGTH + REQUEST_TAIL.length;
    private static final int MAX_PENDING = 512;
    /** Far enough from 2^31 for any clock to be added; more is an item that ended while memcached wrote its answer. */
    private static final long MAX_TTL_SECONDS = 1 << 30;

    private final ValueCache cache;
    private final KeyHash keyHash;
    private final SlowPathCounters counters;
    private final long maxAgeNs;
    /** Null where entries live for maxAgeNs. */
    private final WriteTableLink link;
    private final MemcachedConnection connection;
    private final PendingFills pending = new PendingFills(MAX_PENDING);
    private final CacheEntry entry = new CacheEntry();
    private final RefusedKeys refused = new RefusedKeys();
    private final MetaGetReply reply = new MetaGetReply(SlowPathLimits.MAX_VALUE_LENGTH);
    private long bytesToSkip;

    /**
     * Creates a filler whose entries live for a time; nothing is connected yet.
     *
     * @param cache     to fill; this filler's thread is its writer.
     * @param keyHash   the hash under which the cache and the XDP program know keys.
     * @param memcached where memcached listens on TCP.
     * @param maxAgeNs  how long an entry may live at most, in nanoseconds.
     * @param counters  written by this filler's thread.
     */
    public Filler(ValueCache cache, KeyHash keyHash, InetSocketAddress memcached, long maxAgeNs,
                  SlowPathCounters counters) {
        this(cache, keyHash, memcached, maxAgeNs, null, counters);
    }

    /**
     * Creates a filler whose entries are valid as long as memcached's write table says so; nothing is connected yet.
     *
     * @param cache     to fill; this filler's thread is its writer.
     * @param keyHash   the hash under which the cache and the XDP program know keys.
     * @param memcached where memcached-sr listens on TCP.
     * @param link      finds its write table; used by this filler's thread from now on.
     * @param counters  written by this filler's thread.
     */
    public Filler(ValueCache cache, KeyHash keyHash, InetSocketAddress memcached, WriteTableLink link,
                  SlowPathCounters counters) {
        this(cache, keyHash, memcached, CacheEntry.NO_DEADLINE, link, counters);
    }

    private Filler(ValueCache cache, KeyHash keyHash, InetSocketAddress memcached, long maxAgeNs, WriteTableLink link,
                   SlowPathCounters counters) {
        this.cache = cache;
        this.keyHash = keyHash;
        this.maxAgeNs = maxAgeNs;
        this.link = link;
        this.counters = counters;
        connection = new MemcachedConnection(memcached);
    }

    /** Returns whether memcached is there to be asked, and its write table is known if there has to be one. */
    public boolean isConnected() {
        return connection.isConnected() && (link == null || link.isAttached());
    }

    /**
     * Notes that a key was missed. It is asked for unless that is being done already, or was refused a moment ago, or
     * too many requests are on their way.
     *
     * @param buffer holds the key.
     * @param offset of the key.
     * @param length of the key, 1 to 250.
     * @param nowNs  {@link System#nanoTime()} of this duty cycle, taken before the request is sent.
     * @return whether it is asked for because of this.
     */
    public boolean offer(DirectBuffer buffer, int offset, int length, long nowNs) {
        if (!isConnected() || length < 1 || length > SlowPathLimits.MAX_KEY_LENGTH) {
            return false;
        }
        long hash = keyHash.hash(buffer, offset, length);
        if (refused.contains(hash, nowNs)) {
            return false;
        }
        if (pending.isFull() || !connection.hasRoom(MAX_REQUEST_LENGTH)) {
            counters.increment(SlowPathCounter.FILLS_SKIPPED);
            return false;
        }
        PendingFills.Fill fill = pending.add(buffer, offset, length, hash, nowNs);
        if (fill == null) {
            return false;
        }
        // The request has not been sent yet, so what memcached answers is no older than the words.
        if (link != null && !fill.words.read(link.current().get(), fill.keyBuffer, 0, fill.keyLength)) {
            pending.removeLast();
            counters.increment(SlowPathCounter.FILLS_SKIPPED);
            return false;
        }
        connection.append(REQUEST_HEAD, REQUEST_HEAD.length);
        connection.append(fill.key, fill.keyLength);
        connection.append(REQUEST_TAIL, REQUEST_TAIL.length);
        return true;
    }

    /**
     * Connects, sends and receives, as far as that is possible without waiting.
     *
     * @param nowNs {@link System#nanoTime()} of this duty cycle.
     * @return work done: replies handled.
     */
    public int doWork(long nowNs) {
        if (!connection.isConnected() && !connect(nowNs)) {
            return 0;
        }
        if (!connection.flush(nowNs) || connection.receive(nowNs) < 0) {
            forgetEverything();
            return 1;
        }
        return isConnected() ? readReplies(nowNs) : attach(nowNs);
    }

    private boolean connect(long nowNs) {
        if (!connection.connect(nowNs)) {
            return false;
        }
        counters.increment(SlowPathCounter.MEMCACHED_CONNECTS);
        if (link == null) {
            usable();
        } else {
            connection.append(WriteTableLink.REQUEST, WriteTableLink.REQUEST.length);
        }
        return true;
    }

    private int attach(long nowNs) {
        int consumed = link.read(connection.received(), 0, connection.receivedLength());
        if (consumed < 0) {
            counters.increment(SlowPathCounter.WRITE_TABLE_REFUSALS);
            connection.disconnect(nowNs);
            forgetEverything();
            return 1;
        }
        connection.consume(consumed);
        if (link.isAttached()) {
            usable();
        }
        return consumed > 0 ? 1 : 0;
    }

    private void usable() {
        connection.confirm();
        counters.set(SlowPathCounter.MEMCACHED_CONNECTED, 1);
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
        boolean overtaken = link != null && fill.words.isOvertaken(link.current().get());
        if (code == MetaGetReply.VALUE && !overtaken && store(fill)) {
            counters.increment(SlowPathCounter.FILLS);
            return;
        }
        // Also what is there from an earlier fill, which can be no better: then XDP passes the key's requests.
        cache.remove(fill.hash, fill.keyBuffer, 0, fill.keyLength);
        if (overtaken && code == MetaGetReply.VALUE) {
            counters.increment(SlowPathCounter.FILLS_OVERTAKEN);
            return;
        }
        if (code == MetaGetReply.MISS) {
            counters.increment(SlowPathCounter.FILL_MISSES);
            return;
        }
        bytesToSkip = code == MetaGetReply.OVERSIZE ? reply.bytesToSkip() : 0;
        counters.increment(SlowPathCounter.FILL_REJECTS);
        refused.add(fill.hash, nowNs);
    }

    private boolean store(PendingFills.Fill fill) {
        boolean mayBeServed = !reply.stale() && (link == null ? limitByAge(fill) : limitByWords(fill));
        return mayBeServed && cache.put(entry.key(fill.hash, fill.keyBuffer, 0, fill.keyLength)
            .value(connection.received(), reply.valueOffset(), reply.valueLength(), (int) reply.flags(), reply.cas()));
    }

    /** The tick is what ends an entry; the time only bounds what a memcached that has stopped could leave behind. */
    private boolean limitByWords(PendingFills.Fill fill) {
        long ttlSeconds = reply.ttlSeconds();
        boolean unlimited = ttlSeconds < 0;
        entry.lifetime(fill.sentNs,
                unlimited ? CacheEntry.NO_DEADLINE : fill.sentNs + TimeUnit.SECONDS.toNanos(ttlSeconds))
            .words(fill.words, fill.words.deadlineTick(ttlSeconds));
        return ttlSeconds != 0 && ttlSeconds <= MAX_TTL_SECONDS;
    }

    private boolean limitByAge(PendingFills.Fill fill) {
        long lifetimeNs = lifetimeNs();
        entry.lifetime(fill.sentNs, fill.sentNs + lifetimeNs);
        return lifetimeNs > 0;
    }

    private long lifetimeNs() {
        long ttlSeconds = reply.ttlSeconds();
        return ttlSeconds < 0 || ttlSeconds > maxAgeNs / TimeUnit.SECONDS.toNanos(1) + 1
            ? maxAgeNs
            : Math.min(maxAgeNs, TimeUnit.SECONDS.toNanos(ttlSeconds - 1));
    }

    private void forgetEverything() {
        if (link != null) {
            link.detach();
        }
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
