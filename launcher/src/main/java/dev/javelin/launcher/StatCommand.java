package dev.javelin.launcher;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stat}: the live counters of a running process, read from its counters file. */
@Command(
    name = "stat",
    description = "Shows the counters of the running process.",
    mixinStandardHelpOptions = true,
    footer = {"", "Examples:", "  scripts/javelin stat --watch", "  scripts/javelin stat --json"})
final class StatCommand implements Callable<Integer> {
    private static final long PERIOD_NS = TimeUnit.SECONDS.toNanos(1);

    @Option(names = "--json", description = "One JSON object on one line.")
    private boolean json;

    @Option(names = "--watch", description = "Again every second, until the process ends or Ctrl-C.")
    private boolean watch;

    @Option(names = "--pid", paramLabel = "PID", description = "Which process, if there are several.")
    private Long pid;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        CountersSnapshot snapshot = find();
        final long chosen = snapshot.pid();
        show(snapshot, null, 0);
        long lastNs = System.nanoTime();
        while (watch) {
            TimeUnit.NANOSECONDS.sleep(PERIOD_NS);
            final CountersSnapshot before = snapshot;
            snapshot = CountersSnapshot.all(CountersLayout.DIRECTORY).stream()
                .filter(s -> s.pid() == chosen).findFirst().orElse(null);
            if (snapshot == null) {
                throw new RunException("process " + chosen + " has ended");
            }
            final long nowNs = System.nanoTime();
            show(snapshot, before, nowNs - lastNs);
            lastNs = nowNs;
        }
        return 0;
    }

    private CountersSnapshot find() {
        final List<CountersSnapshot> all = CountersSnapshot.all(CountersLayout.DIRECTORY);
        final List<CountersSnapshot> matching = all.stream().filter(s -> pid == null || s.pid() == pid).toList();
        if (matching.size() == 1) {
            return matching.getFirst();
        }
        if (matching.isEmpty()) {
            throw new RunException((pid == null ? "no Javelin process" : "no Javelin process " + pid)
                + " is running: start one with scripts/javelin run --config FILE");
        }
        throw new ConfigurationException("--pid", "", all.stream()
            .map(s -> s.pid() + " (" + s.description().get("interface") + ")").collect(Collectors.joining(", ")));
    }

    private void show(final CountersSnapshot snapshot, final CountersSnapshot before, final long spanNs) {
        final PrintWriter out = spec.commandLine().getOut();
        out.println(json ? StatReport.json(snapshot) : StatReport.table(snapshot, before, spanNs));
        out.flush();
    }
}
