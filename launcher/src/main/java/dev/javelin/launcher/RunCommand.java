package dev.javelin.launcher;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code run}: the product, in the foreground, until SIGTERM or SIGINT. */
@Command(
    name = "run",
    description = {
        "Serves hits on an interface until SIGTERM or Ctrl-C, in the network namespace it is started in.",
        "Prints one line starting with 'ready' when it serves."},
    mixinStandardHelpOptions = true,
    footer = {
        "",
        "Example:",
        "  scripts/javelin run --config config/javelin.properties -Djavelin.interface=eth1 -Djavelin.queues=0-3"})
final class RunCommand implements Callable<Integer> {
    private static final int CLOSE_TIMEOUT_SECONDS = 20;

    @Mixin
    private ConfigurationOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        final Configuration configuration = options.load();
        new Preflight(configuration).require();
        final PrintWriter out = spec.commandLine().getOut();
        final CountDownLatch signal = new CountDownLatch(1);
        final CountDownLatch closed = new CountDownLatch(1);
        // The JVM would exit with 143 after SIGTERM; ending on request is no failure.
        final Thread hook = new Thread(() -> endOnSignal(signal, closed), "javelin-signal");
        Runtime.getRuntime().addShutdownHook(hook);
        try (JavelinProcess process = JavelinProcess.launch(configuration, spec.commandLine().getErr())) {
            out.println(process.banner());
            out.flush();
            process.await(signal);
        } finally {
            closed.countDown();
            if (signal.getCount() > 0) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
        return ExitCode.DONE;
    }

    private static void endOnSignal(final CountDownLatch signal, final CountDownLatch closed) {
        signal.countDown();
        try {
            final boolean isClean = closed.await(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().halt(isClean ? ExitCode.DONE : ExitCode.FAILED);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
