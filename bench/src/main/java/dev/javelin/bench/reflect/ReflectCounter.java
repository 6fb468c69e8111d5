package dev.javelin.bench.reflect;

/** What xdp_reflect.bpf.c counts, in its order. */
public enum ReflectCounter {
    /** Requests sent in XDP; those that user space has seeded come on top. */
    SENT,
    /** Requests that got a reply in time, whatever was in it. */
    ANSWERED,
    /** Answers judged in XDP by their first bytes: a value. */
    HITS,
    /** Answers judged in XDP: there is none. */
    MISSES,
    /** Answers judged in XDP to be not of the protocol, and datagrams that answer nothing. */
    MALFORMED,
    /** Second replies to a request. */
    DUPLICATE,
    /** Replies that came after their request was counted lost. */
    LATE,
    /** Answers left to user space to be judged whole. */
    SAMPLED,
    /** Requests that did not fit the reply's frame; user space has seeded them instead. */
    NOT_SENT;

    static final int COUNT = values().length;
}
