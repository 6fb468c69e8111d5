package dev.javelin.bench.jmh;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParameterException;

/**
 * Runs the JMH benchmarks in rounds and prints one table of CPU times: a benchmark and its baseline take turns, each in
 * a JVM of its own, so the ratio of a round is that of two neighbours in time.
 */
@Command(name = "bench", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = "What single steps of the hit path cost: nanoseconds of CPU time per call, with errors.")
public final class Benchmarks implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    @Option(names = "--quick", description = {
        "one round instead of three, less than a second each, only the first and the last value of each parameter;",
        "the errors are then wide"})
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "write the results in JMH's own JSON")
    private Path json;

    @Parameters(arity = "0..1", paramLabel = "PATTERN", defaultValue = "",
        description = "run only what this regular expression finds in the names, and the baselines (default: all)")
    private String pattern;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    /**
     * Runs the benchmarks and exits: 0 done, 1 failed, 2 wrong usage.
     *
     * @param arguments as {@code --help} tells
     */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Benchmarks());
        line.setParameterExceptionHandler((e, args) -> {
            System.err.println("bench: " + e.getMessage().lines().findFirst().orElse("wrong usage") + " (see --help)");
            return USAGE;
        });
        line.setExecutionExceptionHandler((e, command, result) -> {
            System.err.println("bench: " + (e.getMessage() == null ? e : e.getMessage()));
            return FAILED;
        });
        System.exit(line.execute(arguments));
    }

    @Override
    public Integer call() throws RunnerException, IOException {
        List<Comparison> comparisons = Comparison.of(quick ? Subject.extremes() : Subject.all(), compiled());
        if (comparisons.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "no benchmark's name matches '" + pattern + "'");
        }
        Effort effort = quick ? Effort.QUICK : Effort.USUAL;
        Results results = run(comparisons, effort);
        System.out.print(Table.of(comparisons, results));
        if (json != null) {
            try (PrintStream out = new PrintStream(Files.newOutputStream(json), false, StandardCharsets.UTF_8)) {
                ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results.all());
            }
        }
        return 0;
    }

    private Pattern compiled() {
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException ex) {
            throw new ParameterException(spec.commandLine(),
                "PATTERN is no regular expression: " + ex.getDescription() + " in '" + pattern + "'", ex);
        }
    }

    private static Results run(List<Comparison> comparisons, Effort effort) throws RunnerException {
        int total = effort.rounds * comparisons.stream().mapToInt(comparison -> comparison.subjects().size()).sum();
        long startNs = System.nanoTime();
        Results results = new Results();
        int done = 0;
        for (Comparison comparison : comparisons) {
            for (int round = 0; round < effort.rounds; round++) {
                for (Subject subject : comparison.subjects()) {
                    RunResult result = run(subject, effort.of(subject).forks(1));
                    results.add(subject, result);
                    done++;
                    long leftS = TimeUnit.NANOSECONDS.toSeconds((System.nanoTime() - startNs) / done * (total - done));
                    System.err.printf("%d of %d, %d:%02d left: %s %s: %.2f ns%n", done, total, leftS / 60, leftS % 60,
                        subject.name(), subject.parameters(), Results.cpu(result).getScore());
                }
            }
        }
        return results;
    }

    /** Runs a subject once; what JMH says meanwhile is shown only if it fails. */
    static RunResult run(Subject subject, ChainedOptionsBuilder options) throws RunnerException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        OutputFormat format = OutputFormatFactory.createFormatInstance(
            new PrintStream(said, true, StandardCharsets.UTF_8), VerboseMode.NORMAL);
        try {
            return new Runner(options.build(), format).runSingle();
        } catch (RunnerException ex) {
            System.err.print(said.toString(StandardCharsets.UTF_8));
            throw ex;
        }
    }

    /**
     * How long is measured: the one place for what JMH's annotations would say in each class.
     *
     * @param rounds       JVMs for each subject, one after the other
     * @param warmups      iterations that are thrown away
     * @param warmup       time of each
     * @param measurements iterations that count
     * @param measurement  time of each
     */
    record Effort(int rounds, int warmups, TimeValue warmup, int measurements, TimeValue measurement) {
        static final Effort QUICK = new Effort(1, 3, TimeValue.milliseconds(200), 5, TimeValue.milliseconds(60));
        static final Effort USUAL = new Effort(3, 3, TimeValue.milliseconds(500), 5, TimeValue.milliseconds(500));

        ChainedOptionsBuilder of(Subject subject) {
            ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + Pattern.quote(subject.benchmark()) + "$")
                .mode(Mode.AverageTime).timeUnit(TimeUnit.NANOSECONDS)
                .warmupIterations(warmups).warmupTime(warmup)
                .measurementIterations(measurements).measurementTime(measurement)
                .addProfiler(CpuTimeProfiler.class).shouldFailOnError(true)
                // Calls wait for the compiler, or on a busy machine it would still be at work when the warm-up ends.
                .jvmArgsAppend("-Xbatch");
            subject.params().forEach(options::param);
            return options;
        }
    }
}
