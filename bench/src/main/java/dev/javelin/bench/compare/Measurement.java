package dev.javelin.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The order of the runs: rounds in which every server has its turn, until enough of them count or the time is up, then
 * the curves. Used by one thread.
 */
final class Measurement {
    private final Servers servers;
    private final Settings settings;
    private final PrintStream out;
    private final long startNs = System.nanoTime();
    private final List<Run> runs = new ArrayList<>();
    private final List<CurvePoint> curve = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private String javelin = "";
    private final List<Subject> references = new ArrayList<>(Subject.REFERENCES);

    /**
     * Prepares.
     *
     * @param out gets a line for each run.
     */
    Measurement(Servers servers, Settings settings, PrintStream out) {
        this.servers = servers;
        this.settings = settings;
        this.out = out;
    }

    List<Run> runs() {
        return runs;
    }

    List<CurvePoint> curve() {
        return curve;
    }

    List<String> notes() {
        return notes;
    }

    /**
     * Runs all of it.
     *
     * @throws IOException if a server cannot be started or measured.
     */
    void run() throws IOException {
        int round = 0;
        while (roundsThatCount() < settings.rounds()) {
            round++;
            boolean withReferences = round <= settings.referenceRounds() && !references.isEmpty();
            if (round > 1 && secondsLeft() - settings.curveTotalSeconds() < settings.roundSeconds(withReferences)) {
                notes.add(String.format(Locale.ROOT, "The time limit of %d s ended the rounds: in %d of the %d wanted "
                    + "all runs count. What is below rests on less than it should.", settings.limitSeconds(),
                    roundsThatCount(), settings.rounds()));
                break;
            }
            for (Subject subject : Subject.SERVERS) {
                measure(subject, round, servers.serve(subject.serves()));
            }
            javelin = servers.describe("javelin");
            if (withReferences) {
                measureReferences(round);
            }
        }
        if (settings.curveSteps() > 0) {
            measureCurves();
        }
    }

    /**
     * Collects what a reader must know about the machine.
     *
     * @param root the project's directory.
     */
    List<String[]> environment(Path root) throws IOException {
        return Environment.collect(root, servers.cpus(), servers.describe("nic"), javelin);
    }

    /** Returns the number of rounds in which the runs of all servers count. */
    private int roundsThatCount() {
        int last = runs.stream().mapToInt(Run::round).max().orElse(0);
        int count = 0;
        for (int round = 1; round <= last; round++) {
            int number = round;
            count += Subject.SERVERS.stream().allMatch(subject -> runs.stream().anyMatch(run ->
                run.round() == number && run.subject().equals(subject.id()) && Summary.counts(run))) ? 1 : 0;
        }
        return count;
    }

    private void measureReferences(int round) {
        for (Subject subject : List.copyOf(references)) {
            try {
                measure(subject, round, servers.serve(subject.serves()));
            } catch (IOException e) {
                if (servers.closed()) {
                    return;
                }
                references.remove(subject);
                notes.add(subject.name() + " was not measured: " + e.getMessage());
                out.println("  " + notes.getLast());
            }
        }
    }

    private void measure(Subject subject, int round, Set<Long> pids) throws IOException {
        Run run = load(subject, round, pids, String.format(Locale.ROOT, "--window %d --warmup %s --duration %s %s",
            settings.window(), settings.warmup(), settings.seconds(), subject.options()));
        runs.add(run);
        out.printf(Locale.ROOT, "  %s  round %d  %-22s %,9.0f answers/s %s %6.2f us of CPU, %d of %d windows count%n",
            clock(), round, subject.name(), run.rate(), run.bottleneck() == null ? " " : "+",
            run.serverCpuNs() / 1e3, run.cleanWindows(), run.windows().size());
    }

    private void measureCurves() throws IOException {
        double[] medians = Subject.SERVERS.stream().map(subject -> Summary.of(subject.id(), runs).rate())
            .filter(rate -> rate != null).mapToDouble(Spread::median).sorted().toArray();
        if (medians.length == 0) {
            notes.add("There is no curve: no run counts, so no rates could be chosen.");
            return;
        }
        List<Double> rates = CurvePoint.rates(medians[0], medians[medians.length - 1], settings.curveSteps());
        for (Subject subject : Subject.SERVERS) {
            Set<Long> pids = servers.serve(subject.serves());
            boolean held = true;
            for (int i = 0; held && i < rates.size(); i++) {
                if (secondsLeft() < 0) {
                    notes.add("The time limit ended the curve of " + subject.name() + ".");
                    break;
                }
                held = measureAtRate(subject, pids, rates.get(i), i == 0);
            }
        }
    }

    private boolean measureAtRate(Subject subject, Set<Long> pids, double rate, boolean first) throws IOException {
        Run run = load(subject, 0, pids, String.format(Locale.ROOT, "--rate %.0f --warmup %s --duration %s%s", rate,
            first ? settings.warmup() : Settings.CURVE_WARMUP, settings.curveSeconds(), first ? "" : " --no-load"));
        CurvePoint point = CurvePoint.of(rate, run);
        curve.add(point);
        out.printf(Locale.ROOT, "  %s  %,9.0f/s %-22s p99 %,9.0f us %s%n", clock(), rate, subject.name(), point.p99Us(),
            point.held() ? "" : "rate not held");
        return point.held();
    }

    private Run load(Subject subject, int round, Set<Long> pids, String options) throws IOException {
        try (Sampler sampler = new Sampler(pids)) {
            LoadResult result = servers.load("--quiet --keys " + settings.keys() + " " + options);
            return Run.of(subject.id(), round, result, sampler.end(), servers.cpus(), Limits.USUAL);
        }
    }

    private double secondsLeft() {
        return settings.limitSeconds() - (System.nanoTime() - startNs) / 1e9;
    }

    private String clock() {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs);
        return String.format(Locale.ROOT, "%2d:%02d", seconds / 60, seconds % 60);
    }
}
