package dev.javelin.bench.vm;

import dev.javelin.afxdp.BindMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code scripts/vm run}. */
@Command(
    name = "run", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = "Boots a virtual machine, runs a test in it, and leaves nothing running. Needs root.",
    footer = {
        "",
        "Examples:",
        "  sudo scripts/vm run 6.12 load",
        "  sudo scripts/vm run 6.12.118 --nic e1000e load"})
final class RunCommand implements Callable<Integer> {
    private static final Map<String, BindMode> BINDS = Map.of(
        "auto", BindMode.AUTO, "zerocopy", BindMode.ZEROCOPY, "copy", BindMode.COPY);

    @Parameters(index = "0", paramLabel = "KERNEL",
        description = "the beginning of a version: 6.12 is the newest 6.12.x that Debian has; or newest")
    private String kernel;

    @Parameters(index = "1", paramLabel = "TEST", description = "what to run in it: `scripts/vm list` names them")
    private String test;

    @Option(names = "--nic", paramLabel = "NIC", defaultValue = "virtio",
        description = "its network card: virtio (default), igb, vmxnet3 or e1000e")
    private String nic;

    @Option(names = "--bind", paramLabel = "MODE", defaultValue = "auto",
        description = "what Javelin asks of the driver: zerocopy, copy or auto (default)")
    private String bind;

    @Option(names = "--limit", paramLabel = "S", defaultValue = "600",
        description = "seconds from the boot after which the test has failed (default: 600)")
    private int limitSeconds;

    @CommandLine.Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        final GuestTest chosen = allowed(GuestTests::of, test);
        final Nic card = allowed(Nic::of, nic);
        final BindMode mode = BINDS.get(bind);
        if (mode == null) {
            throw wrong("no bind mode '" + bind + "': allowed are auto, zerocopy and copy");
        }
        if (limitSeconds < 1) {
            throw wrong("--limit is " + limitSeconds + ": allowed is 1 or more");
        }
        OneMachine.requireRoot();
        final Artifacts artifacts = Artifacts.prepare(Path.of(System.getProperty("javelin.root", ".")), kernel, card);
        final RunOptions options = new RunOptions(card, mode, artifacts.objects(),
            System.getProperty("javelin.jvm.flags", ""));
        return run(chosen, artifacts, options);
    }

    private int run(final GuestTest chosen, final Artifacts artifacts, final RunOptions options) throws IOException {
        final Steps steps = Steps.onStandardOutput();
        Watchdog.start(Duration.ofSeconds(limitSeconds));
        return new OneMachine(artifacts, options.nic(), Cpus.FAST).run(steps, machine -> {
            chosen.run(machine, options, steps);
            return steps.hasFailed() ? 1 : 0;
        });
    }

    private <T> T allowed(final Function<String, T> lookUp, final String text) {
        try {
            return lookUp.apply(text);
        } catch (final IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private ParameterException wrong(final String what) {
        return new ParameterException(spec.commandLine(), what);
    }
}
