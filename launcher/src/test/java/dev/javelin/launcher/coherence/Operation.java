package dev.javelin.launcher.coherence;

/**
 * What one client saw of one operation on one key.
 *
 * @param kind       what it says about the key.
 * @param version    which value was read or written; no two writes of a key write the same. 0 with {@link Kind#GONE}.
 * @param parent     the version that a write replaced, if that is known (cas, incr, append), else {@link #UNKNOWN}.
 * @param invokedNs  {@link System#nanoTime()} before the request was sent.
 * @param answeredNs {@link System#nanoTime()} after the answer had come, or {@link #NEVER}.
 * @param source     who asked for what, for messages.
 */
record Operation(Kind kind, long version, long parent, long invokedNs, long answeredNs, String source) {
    static final long UNKNOWN = 0;
    static final long NEVER = Long.MAX_VALUE;

    /** What an operation says about its key. */
    enum Kind {
        /** The key had this value. */
        HIT,
        /** The key had no value, or was deleted: at some moment within the operation there was none. */
        GONE,
        /** The key got this value. */
        WRITE,
        /** The key may have got this value: the answer does not say so, or never came. */
        MAYBE_WRITE
    }

    static Operation hit(long version, long invokedNs, long answeredNs, String source) {
        return new Operation(Kind.HIT, version, UNKNOWN, invokedNs, answeredNs, source);
    }

    static Operation gone(long invokedNs, long answeredNs, String source) {
        return new Operation(Kind.GONE, 0, UNKNOWN, invokedNs, answeredNs, source);
    }

    static Operation write(long version, long parent, long invokedNs, long answeredNs, String source) {
        return new Operation(Kind.WRITE, version, parent, invokedNs, answeredNs, source);
    }

    static Operation maybeWrite(long version, long parent, long invokedNs, long answeredNs, String source) {
        return new Operation(Kind.MAYBE_WRITE, version, parent, invokedNs, answeredNs, source);
    }

    boolean isWrite() {
        return kind == Kind.WRITE || kind == Kind.MAYBE_WRITE;
    }

    /** Returns the operation with times relative to an epoch, for messages. */
    String describe(long epochNs) {
        return "%s %d%s by %s [%.1f, %s] us".formatted(kind, version, parent == UNKNOWN ? "" : " on " + parent, source,
            (invokedNs - epochNs) / 1e3,
            answeredNs == NEVER ? "never" : "%.1f".formatted((answeredNs - epochNs) / 1e3));
    }
}
