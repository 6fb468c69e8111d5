package dev.javelin.slowpath;

import dev.javelin.afxdp.MissHandler;
import dev.javelin.afxdp.MissRing;
import dev.javelin.afxdp.TunDevice;
import dev.javelin.fastpath.RequestParser;
import dev.javelin.fastpath.ValueCache;
import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * All that is not answered by a queue worker and is not the kernel's own business: gives unanswered requests back to
 * the kernel, and has missed keys fetched from memcached.
 *
 * <p>One thread runs it, and that thread is the only writer of the cache. It meets the queue workers in the hand-off
 * rings of {@link QueuePort} only (each has one producer and one consumer), and in the cache, whose Javadoc argues why
 * readers need no lock.
 */
public final class SlowPathAgent implements Agent {
    private static final int BATCH = 64;

    private final QueuePort[] ports;
    private final HandBack handBack;
    private final MissRing misses;
    private final Filler filler;
    private final ValueCache cache;
    private final HeatRefresh heatRefresh;
    private final SlowPathCounters counters;
    private final RequestParser parser;
    private final MissHandler onMiss = this::onMiss;
    private long nowNs;

    /**
     * Creates the agent. It takes ownership of the filler and closes it in {@link #onClose()}; everything else is
     * closed by whoever made it.
     *
     * @param ports    one per queue worker.
     * @param tun      where unanswered requests go.
     * @param misses   keys that the XDP program saw missed.
     * @param filler   asks memcached.
     * @param cache    what the filler fills; only looked at here.
     * @param refreshNs how soon an entry that is being hit is fetched again.
     * @param port     memcached's UDP port, 1 to 65535.
     * @param counters written by this agent's thread.
     */
    public SlowPathAgent(List<QueuePort> ports, TunDevice tun, MissRing misses, Filler filler, ValueCache cache,
                         long refreshNs, int port, SlowPathCounters counters) {
        this.ports = ports.toArray(QueuePort[]::new);
        this.handBack = new HandBack(tun);
        this.misses = misses;
        this.filler = filler;
        this.cache = cache;
        this.heatRefresh = new HeatRefresh(cache, filler, refreshNs, counters);
        this.parser = new RequestParser(port);
        this.counters = counters;
    }

    @Override
    public String roleName() {
        return "javelin-slow";
    }

    @Override
    public int doWork() {
        nowNs = System.nanoTime();
        int work = 0;
        for (QueuePort port : ports) {
            work += handBackFrames(port);
        }
        work += misses.poll(onMiss, BATCH);
        work += heatRefresh.doWork(nowNs);
        work += filler.doWork(nowNs);
        counters.set(SlowPathCounter.CACHE_ITEMS, cache.items());
        counters.set(SlowPathCounter.CACHE_BYTES, cache.bytes());
        counters.set(SlowPathCounter.EVICTIONS, cache.evictions());
        return work;
    }

    private int handBackFrames(QueuePort port) {
        RxRing handedBack = port.handedBack();
        int frames = handedBack.peek(BATCH);
        if (frames == 0) {
            return 0;
        }
        TxRing returned = port.returned();
        returned.reserve(frames);
        for (int i = 0; i < frames; i++) {
            long address = handedBack.address(i);
            handBackFrame(port.umem(), (int) address, handedBack.length(i));
            returned.descriptor(i, address, 0);
        }
        handedBack.release(frames);
        returned.submit(frames);
        return frames;
    }

    private void handBackFrame(UnsafeBuffer umem, int offset, int length) {
        if (parser.parse(umem, offset, length) == RequestParser.OK) {
            for (int key = 0; key < parser.keyCount(); key++) {
                filler.offer(umem, parser.textOffset() + parser.keyOffset(key), parser.keyLength(key), nowNs);
            }
        }
        if (!handBack.write(umem, offset, length)) {
            counters.increment(SlowPathCounter.HAND_BACK_FAILURES);
        }
    }

    private void onMiss(DirectBuffer buffer, int offset, int length) {
        filler.offer(buffer, offset, length, nowNs);
    }

    @Override
    public void onClose() {
        filler.close();
    }
}
