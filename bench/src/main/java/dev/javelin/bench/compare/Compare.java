package dev.javelin.bench.compare;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The comparison: stock memcached, memcached-sr and Javelin under the same load on the same CPU, taking turns.
 */
@Command(
    name = "scripts/compare", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = {
        "Measures memcached, memcached-sr and Javelin in front of memcached-sr: the same load, on the same CPU of this",
        "machine, taking turns (A B C A B C ...), so that whatever else happens meets all alike. Writes a report that",
        "any browser shows without a network. Needs root; makes two network namespaces and removes them.",
        ""},
    footer = {
        "",
        "Answers are counted in windows of 100 ms. Windows in which the host took CPU time (steal) or other processes",
        "used it are set aside, and rounds repeated until enough of them count or the time limit ends it.",
        "",
        "A figure with + is a lower bound: the load generator was the limit, not the server.",
        "docs/benchmarks.md says how to read the report, and how to compare on a real network interface.",
        "",
        "Examples:",
        "  sudo scripts/compare --quick",
        "  sudo scripts/compare --report /tmp/report.html --limit 3600"})
public final class Compare implements Callable<Integer> {
    private static final int USAGE = 2;
    private static final DateTimeFormatter FILE_TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    @Option(names = "--quick", description = "fewer and shorter runs: at most five minutes")
    private boolean quick;

    @Option(names = "--report", paramLabel = "FILE",
        description = "where the report goes (default: target/compare-DATE-TIME.html)")
    private Path report;

    @Option(names = "--limit", paramLabel = "S",
        description = "seconds after which no new run begins (default: 260 with --quick, else 1500)")
    private Integer limitSeconds;

    @Option(names = "--brief", hidden = true, description = "what scripts/demo ends with: two rounds, no curve")
    private boolean brief;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final PrintStream out = System.out;

    /**
     * Runs the comparison and exits: 0 done, 1 failed (also when a reply was wrong), 2 wrong usage.
     *
     * @param arguments as {@code --help} tells.
     */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Compare());
        line.setParameterExceptionHandler((e, args) -> {
            String what = e.getMessage().lines().findFirst().orElse("wrong usage");
            System.err.println("compare: " + what + " (see --help)");
            return USAGE;
        });
        line.setExecutionExceptionHandler((e, command, result) -> {
            System.err.println("compare: " + (e.getMessage() == null ? e : e.getMessage()));
            return 1;
        });
        System.exit(line.execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Settings settings = settings();
        Path root = Path.of(System.getProperty("javelin.root", "."));
        Path file = reportFile(root);
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new IOException("needs root: run it with sudo");
        }
        Instant started = Instant.now();
        try (Servers servers = new Servers(root)) {
            Runtime.getRuntime().addShutdownHook(new Thread(servers::close));
            Measurement measurement = new Measurement(servers, settings, out);
            measurement.run();
            Comparison comparison = Comparison.of(started, Instant.now(), command(), settings, servers.cpus(),
                measurement.environment(root), measurement.notes(), measurement.runs(), measurement.curve());
            Report.write(file, comparison);
            out.print(Table.of(comparison));
            out.println("report: " + file);
            return comparison.summaries().stream().anyMatch(summary -> summary.bad() > 0) ? 1 : 0;
        }
    }

    private Settings settings() {
        Settings settings = brief ? Settings.BRIEF : quick ? Settings.QUICK : Settings.FULL;
        if (limitSeconds == null) {
            return settings;
        }
        if (limitSeconds < 60 || limitSeconds > 86_400) {
            throw new ParameterException(spec.commandLine(), "--limit is " + limitSeconds + ": allowed is 60 to 86400");
        }
        return settings.withLimit(limitSeconds);
    }

    /** Returns where the report goes; found out before the first run, so that no time is spent for nothing. */
    private Path reportFile(Path root) throws IOException {
        if (report == null) {
            Path directory = Files.createDirectories(root.resolve("target"));
            return directory.resolve("compare-" + FILE_TIME.format(Instant.now().atZone(ZoneId.systemDefault()))
                + ".html");
        }
        Path directory = report.toAbsolutePath().getParent();
        if (Files.isDirectory(report) || !Files.isDirectory(directory)) {
            throw new ParameterException(spec.commandLine(), "--report is " + report
                + ": allowed is a file in a directory that exists");
        }
        return report;
    }

    private String command() {
        return "sudo scripts/compare" + (quick ? " --quick" : "")
            + (limitSeconds == null ? "" : " --limit " + limitSeconds);
    }
}
