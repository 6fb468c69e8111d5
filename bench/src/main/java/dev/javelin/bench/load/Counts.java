package dev.javelin.bench.load;

/**
 * What became of the requests of one run. {@code sent = answered + lost} once it is over; the rest says more about the
 * answered ones, and about datagrams that answered nothing.
 *
 * <p>Written by one thread. Others may look at it for progress, and then see figures a moment old.
 */
final class Counts {
    /** Requests sent. */
    long sent;
    /** Requests that got a reply in time, whatever was in it. */
    long answered;
    /** Keys whose value came and was right. */
    long hits;
    /** Keys for which the answer says that there is none. */
    long misses;
    /** Answers with another key, flags, length or bytes than the item's. */
    long wrong;
    /** Values older than the last write that was acknowledged before the request was sent. */
    long stale;
    /** Replies that are not of the protocol. */
    long malformed;
    /** Second replies to a request. */
    long duplicate;
    /** Replies that came after their request was counted lost. */
    long late;
    /** Requests without a reply in time. */
    long lost;
    /** Requests of an open loop that left more than a millisecond after their time, through the generator's fault. */
    long behind;

    /** Returns answers that should not have been. */
    long bad() {
        return wrong + stale + malformed;
    }

    void add(Counts other) {
        sent += other.sent;
        answered += other.answered;
        hits += other.hits;
        misses += other.misses;
        wrong += other.wrong;
        stale += other.stale;
        malformed += other.malformed;
        duplicate += other.duplicate;
        late += other.late;
        lost += other.lost;
        behind += other.behind;
    }
}
