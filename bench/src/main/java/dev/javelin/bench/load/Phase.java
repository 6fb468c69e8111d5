package dev.javelin.bench.load;

/**
 * What an engine is to do for a while.
 *
 * @param startNs    System.nanoTime() at which it begins.
 * @param durationNs for how long to send.
 * @param rate       requests per second of an open loop; 0 for a closed one.
 * @param poisson    whether an open loop's requests come as a Poisson process.
 * @param window     requests on their way at once in a closed loop, 1 to {@value #MAX_WINDOW}.
 */
record Phase(long startNs, long durationNs, double rate, boolean poisson, int window) {
    static final int MAX_WINDOW = Requests.SLOTS / 4;

    /** Returns the part of this phase that one of so many engines does. */
    Phase share(int engines) {
        return new Phase(startNs, durationNs, rate / engines, poisson, Math.max(1, window / engines));
    }
}
