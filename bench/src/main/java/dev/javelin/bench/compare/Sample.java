package dev.javelin.bench.compare;

/**
 * What the kernel counted until one moment; only differences between two samples mean anything. All but the time in
 * nanoseconds of CPU time, read from counters that advance in steps of 10 ms.
 *
 * @param atNs      when, {@link System#nanoTime()}.
 * @param busyNs    for each CPU: time in which it did anything, interrupts included.
 * @param stealNs   for each CPU: time in which it had work, but the host ran something else.
 * @param serverNs  CPU time of the processes that serve.
 * @param oursNs    CPU time of all processes of the comparison, those that serve among them.
 * @param foreignNs CPU time of all other processes.
 */
record Sample(long atNs, double[] busyNs, double[] stealNs, double serverNs, double oursNs, double foreignNs) {
    /** Returns the sample at {@code ns} on a straight line from this one to {@code later}. */
    Sample towards(Sample later, long ns) {
        double share = (double) (ns - atNs) / (later.atNs - atNs);
        return new Sample(ns, between(busyNs, later.busyNs, share), between(stealNs, later.stealNs, share),
            between(serverNs, later.serverNs, share), between(oursNs, later.oursNs, share),
            between(foreignNs, later.foreignNs, share));
    }

    private static double between(double a, double b, double share) {
        return a + (b - a) * share;
    }

    private static double[] between(double[] a, double[] b, double share) {
        double[] result = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            result[i] = between(a[i], b[i], share);
        }
        return result;
    }
}
