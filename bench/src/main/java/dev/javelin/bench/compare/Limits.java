package dev.javelin.bench.compare;

/**
 * How much of a window may be taken by others. The kernel counts in steps of 10 ms, a tenth of a window: a limit
 * below that would set aside windows in which almost nothing happened.
 *
 * @param steal   share of a window that the host may take from any one CPU, 0 to 1.
 * @param foreign CPUs that other processes may use.
 */
record Limits(double steal, double foreign) {
    static final Limits USUAL = new Limits(0.15, 0.25);

    /**
     * Judges the window between two samples.
     *
     * @param from    at its start.
     * @param to      at its end.
     * @param cpus    who runs where.
     * @param answers answers that came in it.
     */
    Window judge(Sample from, Sample to, Cpus cpus, long answers) {
        double length = to.atNs() - from.atNs();
        double mostStolen = 0;
        double busy = 0;
        for (int cpu : cpus.all()) {
            mostStolen = Math.max(mostStolen, to.stealNs()[cpu] - from.stealNs()[cpu]);
            busy += to.busyNs()[cpu] - from.busyNs()[cpu];
        }
        // Other processes may have run on other CPUs: what is left of ours is the most they can have had of them.
        double leftForOthers = busy - (to.oursNs() - from.oursNs());
        double foreign = Math.max(0, Math.min(to.foreignNs() - from.foreignNs(), leftForOthers)) / length;
        double stolen = mostStolen / length;
        String setAside = stolen > steal ? Window.STEAL : foreign > this.foreign ? Window.FOREIGN : null;
        return new Window(answers, stolen, foreign, setAside);
    }
}
