package dev.javelin.slowpath;

import dev.javelin.fastpath.EntryVisitor;
import dev.javelin.fastpath.ValueCache;
import org.agrona.DirectBuffer;

/**
 * Keeps memcached's LRU informed: an entry that is being hit here is asked for again before memcached could think that
 * nobody wants it, since a fetch is what its LRU goes by. One fetch stands for all the hits since the last.
 *
 * <p>Goes round the cache six times in the refresh time and asks for what was fetched two thirds of it ago, so that
 * no entry that is hit waits longer than that time. Used by the slow path's thread. Source: memcached's items.c,
 * do_item_bump and ITEM_UPDATE_INTERVAL.
 */
final class HeatRefresh implements EntryVisitor {
    private static final int ROUNDS = 6;
    private static final int MAX_BUCKETS_AT_ONCE = 512;

    private final ValueCache cache;
    private final Filler filler;
    private final SlowPathCounters counters;
    private final long ageNs;
    private final double bucketsPerNs;
    private long doneUntilNs;
    private long nowNs;
    private int nextBucket;

    HeatRefresh(ValueCache cache, Filler filler, long refreshNs, SlowPathCounters counters) {
        this.cache = cache;
        this.filler = filler;
        this.counters = counters;
        ageNs = 2 * refreshNs / 3;
        bucketsPerNs = (double) ROUNDS * cache.buckets() / refreshNs;
        doneUntilNs = System.nanoTime();
    }

    /** Looks at as many buckets as time has passed for; returns how many entries were asked for. */
    int doWork(long cycleNs) {
        int buckets = (int) Math.min(MAX_BUCKETS_AT_ONCE, (cycleNs - doneUntilNs) * bucketsPerNs);
        if (buckets <= 0) {
            return 0;
        }
        nowNs = cycleNs;
        // A thread that was kept from running for long does not make up for it.
        doneUntilNs = buckets == MAX_BUCKETS_AT_ONCE ? cycleNs : doneUntilNs + (long) (buckets / bucketsPerNs);
        long before = counters.get(SlowPathCounter.HEAT_REFRESHES);
        cache.visit(nextBucket, buckets, this);
        nextBucket = nextBucket + buckets & cache.buckets() - 1;
        return (int) (counters.get(SlowPathCounter.HEAT_REFRESHES) - before);
    }

    @Override
    public void entry(DirectBuffer buffer, int keyOffset, int keyLength, long fetchedNs, long deadlineNs,
                      boolean hitSinceFetch) {
        if (hitSinceFetch && nowNs - fetchedNs >= ageNs && filler.offer(buffer, keyOffset, keyLength, nowNs)) {
            counters.increment(SlowPathCounter.HEAT_REFRESHES);
        }
    }
}
