package dev.javelin.bench.vm;

import dev.javelin.afxdp.XdpProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code scripts/bench instructions}. */
@Command(
    name = "scripts/bench instructions", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = "Counts the instructions of the XDP program and compares them with the figures that are kept.")
public final class Instructions implements Callable<Integer> {
    /** Another kernel has other helpers, and other figures. */
    private static final String KERNEL = "7.3";
    private static final String KEPT = "docs/instructions.txt";
    private static final Pattern COMPILER = Pattern.compile("[ -~]*clang version [0-9.]+");

    @Option(names = "--update", description = "keep the new figures")
    private boolean update;

    private Instructions() {
    }

    /**
     * Runs it and ends the process with its exit code.
     *
     * @param arguments as typed
     */
    public static void main(final String[] arguments) {
        Vm.run(new Instructions(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        OneMachine.requireRoot();
        final Path root = Path.of(System.getProperty("javelin.root", "."));
        final Path file = root.resolve(KEPT);
        final Optional<InstructionFigures> kept =
            Files.exists(file) ? Optional.of(InstructionFigures.read(file)) : Optional.empty();
        if (kept.isEmpty() && !update) {
            throw new IOException("no figures are kept in " + file + ": run it with --update");
        }
        final InstructionFigures now = measure(Artifacts.prepare(root, KERNEL, Nic.VIRTIO));
        final InstructionComparison comparison = new InstructionComparison(kept.orElse(now), now);
        print(now, comparison);
        if (update) {
            now.write(file);
            System.out.println("written to " + KEPT);
            return 0;
        }
        if (comparison.hasChanged()) {
            System.out.println("changed by more than 2 %: if it is meant, run with --update, and say why in the commit "
                + "and in docs/benchmarks.md");
            return 1;
        }
        return 0;
    }

    private static InstructionFigures measure(final Artifacts artifacts) throws IOException {
        final Steps steps = Steps.onStandardOutput();
        return new OneMachine(artifacts, Nic.VIRTIO, Cpus.COUNTED).run(steps, machine -> {
            steps.waiting("counting");
            final SequencedMap<String, Long> counts = InstructionCount.of(machine);
            steps.ok("counted");
            return new InstructionFigures(compiler(), artifacts.kernel(), counts);
        });
    }

    private static void print(final InstructionFigures now, final InstructionComparison comparison) {
        System.out.println("""

            Instructions of one run of the XDP program on Linux %s, compiled by %s.
            A hit ends with the verdict XDP_REDIRECT: neither the driver's work nor the redirection's is in it.
            """.formatted(now.kernel(), now.compiler()));
        comparison.lines().forEach(System.out::println);
    }

    /** The compiler leaves its name in what it compiles. */
    private static String compiler() throws IOException {
        try (InputStream object = XdpProgram.class.getResourceAsStream("xdp_memcached.bpf.o")) {
            final Matcher name = COMPILER.matcher(new String(object.readAllBytes(), StandardCharsets.ISO_8859_1));
            return name.find() ? name.group() : "an unknown compiler";
        }
    }
}
