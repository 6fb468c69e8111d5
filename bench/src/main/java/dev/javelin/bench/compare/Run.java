package dev.javelin.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One run of the load generator against one subject, with its windows judged.
 *
 * @param subject     id of what was measured.
 * @param round       round in which it was, from 1.
 * @param rate        answers per second in the windows that count; 0 if none does.
 * @param serverCpuNs CPU time of the server's CPUs per answer, in the windows that count: the processes, and what the
 *                    kernel does for them beside them (softirqs, ksoftirqd, NAPI threads).
 * @param processNs   CPU time of the processes that serve per answer, in the windows that count.
 * @param serverBusy  share of the server's CPUs that was busy, 0 to 1, in the windows that count.
 * @param clientBusy  share of the generator's CPUs that was busy, 0 to 1, in the windows that count.
 * @param bottleneck  why the rate is but a lower bound of what the subject can do; null if it is not.
 * @param windows     every window.
 * @param load        what the generator said.
 */
record Run(String subject, int round, double rate, double serverCpuNs, double processNs, double serverBusy,
           double clientBusy, String bottleneck, List<Window> windows, LoadResult load) {
    /** A server that is the limit has no time left; a generator may spin and look busy with nothing to do. */
    private static final double BUSY = 0.95;

    /**
     * Judges the windows of a run.
     *
     * @param subject  id of what was measured.
     * @param round    from 1.
     * @param load     what the generator said.
     * @param timeline samples that reach over the whole measured phase.
     * @param cpus     who ran where.
     * @param limits   what may be taken by others.
     */
    static Run of(String subject, int round, LoadResult load, Timeline timeline, Cpus cpus, Limits limits) {
        List<Window> windows = new ArrayList<>();
        double answers = 0;
        double serverBusyNs = 0;
        double processNs = 0;
        double clientBusyNs = 0;
        double cleanNs = 0;
        Sample from = timeline.at(load.startNs());
        for (int i = 0; i < load.windows().length; i++) {
            Sample to = timeline.at(load.startNs() + (i + 1) * load.windowNs());
            Window window = limits.judge(from, to, cpus, load.windows()[i]);
            windows.add(window);
            if (window.clean()) {
                answers += window.answers();
                serverBusyNs += busyNs(from, to, cpus.server());
                clientBusyNs += busyNs(from, to, cpus.client());
                processNs += to.serverNs() - from.serverNs();
                cleanNs += to.atNs() - from.atNs();
            }
            from = to;
        }
        double perAnswer = answers == 0 ? 0 : 1 / answers;
        double perNs = cleanNs == 0 ? 0 : 1 / cleanNs;
        double serverBusy = serverBusyNs * perNs / cpus.server().length;
        return new Run(subject, round, answers * 1e9 * perNs, serverBusyNs * perAnswer, processNs * perAnswer,
            serverBusy, clientBusyNs * perNs / cpus.client().length, bottleneck(load, serverBusy), windows, load);
    }

    private static String bottleneck(LoadResult load, double serverBusy) {
        if (load.bottleneck() != null || serverBusy == 0 || serverBusy >= BUSY) {
            return load.bottleneck();
        }
        return String.format(Locale.ROOT, "the server's CPU had time left (it was busy for %.0f %% of the time)",
            100 * serverBusy);
    }

    /** Returns how many windows count. */
    int cleanWindows() {
        return (int) windows.stream().filter(Window::clean).count();
    }

    /** Returns how many windows were set aside for {@code reason}. */
    int setAside(String reason) {
        return (int) windows.stream().filter(window -> reason.equals(window.setAside())).count();
    }

    private static double busyNs(Sample from, Sample to, int[] cpus) {
        double sum = 0;
        for (int cpu : cpus) {
            sum += to.busyNs()[cpu] - from.busyNs()[cpu];
        }
        return sum;
    }
}
