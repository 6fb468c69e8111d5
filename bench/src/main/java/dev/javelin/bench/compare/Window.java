package dev.javelin.bench.compare;

/**
 * One window of a run, and what else happened in it.
 *
 * @param answers  answers that came in it.
 * @param steal    share of the window that the host took, on the CPU from which it took most; 0 to 1.
 * @param foreign  CPUs that other processes used, of those that the comparison uses; 1 is one CPU all of the time.
 * @param setAside why it does not count: {@value #STEAL} or {@value #FOREIGN}; null if it counts.
 */
record Window(long answers, double steal, double foreign, String setAside) {
    static final String STEAL = "steal";
    static final String FOREIGN = "foreign";

    /** Returns whether it counts. */
    boolean clean() {
        return setAside == null;
    }
}
