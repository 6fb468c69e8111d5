package dev.javelin.bench.compare;

/**
 * How much is measured.
 *
 * @param rounds          rounds in which the runs of all servers count.
 * @param referenceRounds the first so many rounds measure the references too.
 * @param seconds      length of the measured phase of a run.
 * @param warmup       seconds of load before it.
 * @param window       requests on their way at once.
 * @param keys         number of items.
 * @param curveSteps   rates of the curve, 0 for none.
 * @param curveSeconds length of the measured phase at each of them.
 * @param limitSeconds after that nothing new begins.
 */
record Settings(int rounds, int referenceRounds, double seconds, double warmup, int window, int keys, int curveSteps,
                double curveSeconds, int limitSeconds) {
    /** Seconds that a run takes beside its phases: start of the generator, writing the items, last answers. */
    private static final double BESIDE = 2;
    /** Seconds to start and end what serves. */
    private static final double CHANGE = 3;
    /** The server is warm already, the generator is not. */
    static final double CURVE_WARMUP = 1;

    static final Settings QUICK = new Settings(3, 1, 4, 5, 64, 2_000, 5, 2, 260);
    /** What scripts/demo ends with. */
    static final Settings BRIEF = new Settings(2, 0, 3, 3, 64, 2_000, 0, 0, 75);
    static final Settings FULL = new Settings(7, 7, 8, 5, 64, 10_000, 10, 4, 1_500);

    /** Returns the same with another time limit. */
    Settings withLimit(int seconds) {
        return new Settings(rounds, referenceRounds, this.seconds, warmup, window, keys, curveSteps, curveSeconds,
            seconds);
    }

    /** Returns the seconds that a round is likely to take. */
    double roundSeconds(boolean references) {
        int subjects = Subject.SERVERS.size() + (references ? Subject.REFERENCES.size() : 0);
        return subjects * (warmup + seconds + BESIDE) + CHANGE * (subjects - 1);
    }

    /** Returns the seconds that the curves take at most. */
    double curveTotalSeconds() {
        return Subject.SERVERS.size() * (CHANGE + curveSteps * (CURVE_WARMUP + curveSeconds + BESIDE));
    }
}
