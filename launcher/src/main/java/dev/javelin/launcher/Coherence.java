package dev.javelin.launcher;

/** What keeps a hit from being stale. */
public enum Coherence {
    /** The write table of memcached-sr: a hit is never stale. */
    WRITE_TABLE,
    /** Entries live for {@code javelin.max.age} only: staleness is bounded, not zero. */
    MAX_AGE;

    /** What users are promised, in a few words. */
    String promise(final Configuration configuration) {
        return switch (this) {
            case WRITE_TABLE -> "a hit is never stale";
            case MAX_AGE -> "a hit may be up to " + Text.duration(configuration.maxAgeNs()) + " old";
        };
    }
}
