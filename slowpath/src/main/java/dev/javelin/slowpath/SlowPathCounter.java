package dev.javelin.slowpath;

/**
 * What the slow path counts. The order is the order in the counters file.
 */
public enum SlowPathCounter {
    /** Entries stored in the cache. */
    FILLS("fills"),
    /** Answers of memcached that may not or cannot be cached: too large, about to expire, marked stale, refused. */
    FILL_REJECTS("fill_rejects"),
    /** Keys asked for that memcached does not have. */
    FILL_MISSES("fill_misses"),
    /** Keys not asked for: too many requests on their way, a flush being applied, an item marked stale. */
    FILLS_SKIPPED("fills_skipped"),
    /** Answers of memcached thrown away since the write table witnessed a change meanwhile. */
    FILLS_OVERTAKEN("fills_overtaken"),
    /** Entries asked for again since they are being hit, so that memcached's LRU sees it too. */
    HEAT_REFRESHES("heat_refreshes"),
    /** Frames that the TUN device did not take; their requests are lost. */
    HAND_BACK_FAILURES("hand_back_failures"),
    /** Connections made to memcached. */
    MEMCACHED_CONNECTS("memcached_connects"),
    /** 1 while memcached can be asked, else 0. */
    MEMCACHED_CONNECTED("memcached_connected"),
    /** Gets that memcached itself answered with a value, those that filled the cache included; sampled each second. */
    MEMCACHED_GET_HITS("memcached_get_hits"),
    /** Gets for which memcached itself had nothing; sampled each second. */
    MEMCACHED_GET_MISSES("memcached_get_misses"),
    /** Connections ended because memcached's answer was not one. */
    PROTOCOL_ERRORS("protocol_errors"),
    /** Connections ended because memcached had no write table that could be used. */
    WRITE_TABLE_REFUSALS("write_table_refusals"),
    /** Entries in the cache now. */
    CACHE_ITEMS("cache_items"),
    /** Bytes of the cache in use now. */
    CACHE_BYTES("cache_bytes"),
    /** Entries dropped to make room. */
    EVICTIONS("evictions");

    private final String label;

    SlowPathCounter(String label) {
        this.label = label;
    }

    /** Returns the name under which {@code stat} and the metrics show it. */
    public String label() {
        return label;
    }
}
