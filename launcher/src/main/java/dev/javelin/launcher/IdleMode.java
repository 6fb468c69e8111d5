package dev.javelin.launcher;

/** What a queue's worker does when there is nothing to do. */
public enum IdleMode {
    /** Spins for a moment, then sleeps in poll() until a packet comes. */
    ADAPTIVE,
    /** Never sleeps: the lowest latency, for a whole CPU. */
    SPIN
}
