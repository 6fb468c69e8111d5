package dev.javelin.bench.reflect;

import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code load --serve-echo}: an echo server in the foreground, in the network namespace it is started in, until SIGTERM
 * or SIGINT.
 */
@Command(
    name = "load --serve-echo", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = {
        "Sends UDP datagrams back to their sender on all queues of an interface, so that load --echo can show what",
        "this machine could do at most. Prints a line starting with 'ready' when it serves, ends on SIGTERM or Ctrl-C,",
        "and then prints how many datagrams it has sent back."},
    footer = {
        "",
        "Example:",
        "  scripts/javelin load --serve-echo xdp --interface eth1"})
public final class ServeEcho implements Callable<Integer> {
    private static final int CLOSE_TIMEOUT_SECONDS = 20;

    @Option(names = "--serve-echo", required = true, paramLabel = "xdp|af_xdp",
        description = "by the XDP program itself, or by Java and AF_XDP")
    private String kind;

    @Option(names = "--interface", required = true, paramLabel = "IF", description = "interface to serve")
    private String interfaceName;

    @Option(names = "--port", paramLabel = "P", description = "UDP port (default: ${DEFAULT-VALUE})")
    private int port = 11211;

    @Spec
    private CommandSpec spec;

    private final CountDownLatch signal = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public Integer call() throws InterruptedException {
        final EchoServer.Kind asked = check();
        // The JVM would exit with 143 after SIGTERM; ending on request is no failure.
        final Thread hook = new Thread(this::endOnSignal, "echo-signal");
        Runtime.getRuntime().addShutdownHook(hook);
        try (EchoServer server = EchoServer.start(asked, interfaceName, port)) {
            System.out.println("ready " + server.description());
            while (server.failure() == null && !signal.await(100, TimeUnit.MILLISECONDS)) {
                Thread.onSpinWait();
            }
            server.detach();
            System.out.printf(Locale.ROOT, "echoed %d datagrams, passed %d packets to the kernel%n",
                server.echoed(), server.passed());
            if (server.failure() != null) {
                throw new IllegalStateException("a worker failed: " + server.failure(), server.failure());
            }
        } finally {
            closed.countDown();
            if (signal.getCount() > 0) {
                Runtime.getRuntime().removeShutdownHook(hook);
            }
        }
        return 0;
    }

    private EchoServer.Kind check() {
        if (port < 1 || port > 65_535) {
            throw new ParameterException(spec.commandLine(), "--port is " + port + ": allowed is 1 to 65535");
        }
        return switch (kind) {
            case "xdp" -> EchoServer.Kind.XDP;
            case "af_xdp" -> EchoServer.Kind.AF_XDP;
            default -> throw new ParameterException(
                spec.commandLine(), "--serve-echo is " + kind + ": allowed is xdp or af_xdp");
        };
    }

    private void endOnSignal() {
        signal.countDown();
        try {
            final boolean isClean = closed.await(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().halt(isClean ? 0 : 1);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
