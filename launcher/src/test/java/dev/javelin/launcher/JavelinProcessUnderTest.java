package dev.javelin.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * {@code javelin run} as its own process in the server's namespace of a {@link TestBed}.
 */
public final class JavelinProcessUnderTest implements AutoCloseable {
    private static final int START_TIMEOUT_SECONDS = 30;
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(10);

    private final Process process;
    private final String readyLine;

    private JavelinProcessUnderTest(Process process, String readyLine) {
        this.process = process;
        this.readyLine = readyLine;
    }

    /** Starts it and waits for its line {@code ready}. */
    public static JavelinProcessUnderTest start(Path directory, String... overrides) throws IOException {
        Path file = directory.resolve("javelin.properties");
        Files.writeString(file, """
            javelin.interface = jv-server
            javelin.queues = all
            javelin.memcached = 192.0.2.1:11211
            javelin.cache.bytes = 64m
            """);
        List<String> command = JavelinCommand.of(JavelinCommand.inNamespace(TestBed.SERVER), "run", "--config",
            file.toString());
        command.addAll(List.of(overrides));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = CompletableFuture.supplyAsync(() -> firstLine(out))
            .completeOnTimeout("", START_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
        if (!line.startsWith("ready ")) {
            process.destroyForcibly().onExit().join();
            throw new IOException("javelin run did not get ready: '" + line + "'");
        }
        return new JavelinProcessUnderTest(process, line);
    }

    private static String firstLine(BufferedReader out) {
        try {
            String line = out.readLine();
            return line == null ? "" : line;
        } catch (IOException e) {
            return "";
        }
    }

    public String readyLine() {
        return readyLine;
    }

    /** Returns a counter's total, as {@code javelin stat} shows it. */
    public long stat(String name) {
        return CountersSnapshot.all(CountersLayout.DIRECTORY).stream()
            .filter(snapshot -> snapshot.pid() == process.pid())
            .map(snapshot -> StatReport.totals(snapshot).get(name))
            .findFirst().orElseThrow(() -> new AssertionError("no counters of process " + process.pid()));
    }

    /** Waits for a condition that other processes bring about. */
    public static void await(String what, BooleanSupplier condition) {
        long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNs > WAIT_NS) {
                throw new AssertionError("waited 10 s for: " + what);
            }
            Thread.onSpinWait();
        }
    }

    public void signal(String name) {
        ProcessResult.of("kill", "-" + name, Long.toString(process.pid()));
    }

    /** Waits for the end; returns the exit code. */
    public int exitCode() throws InterruptedException {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("javelin run did not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
