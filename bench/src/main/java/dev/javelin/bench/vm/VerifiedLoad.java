package dev.javelin.bench.vm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.javelin.bench.load.Load;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A run of the load generator in a {@link ClientNetwork}: gets over UDP sockets and sets over TCP, every answer
 * compared with what was written.
 */
final class VerifiedLoad implements AutoCloseable {
    private static final long END_LIMIT_S = 90;
    private static final String SETS = "0.05";

    private final Path directory;
    private final Process process;

    /**
     * Starts it.
     *
     * @param network open
     * @param seconds to measure, after all items have been written
     * @param keys    in Zipf's distribution
     * @param window  requests on their way at once
     * @throws IOException if it cannot be started
     */
    VerifiedLoad(final ClientNetwork network, final int seconds, final int keys, final int window) throws IOException {
        directory = Files.createTempDirectory("javelin-vm-load-");
        final List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java")
            .toString()));
        command.addAll(List.of(System.getProperty("javelin.jvm.flags", "").split(" ")));
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx256m", "-cp", System.getProperty("java.class.path"),
            Load.class.getName(), "--server", ClientNetwork.SERVER_IPV4 + ":" + GuestServer.PORT, "--sockets",
            "--quiet", "--keys", Integer.toString(keys), "--sets", SETS, "--window", Integer.toString(window),
            "--warmup", "0",
            "--duration", Integer.toString(seconds), "--json", directory.resolve("json").toString()));
        process = new ProcessBuilder(network.inside(command)).redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile()).start();
        process.getOutputStream().close();
    }

    /**
     * What became of the requests.
     *
     * @param answered got an answer
     * @param lost     got none in time
     * @param wrong    answers with other bytes than the item's, or that are not of the protocol
     * @param stale    values older than an acknowledged write
     */
    record Outcome(long answered, long lost, long wrong, long stale) {
        boolean isRight() {
            return wrong == 0 && stale == 0;
        }

        Outcome plus(final Outcome other) {
            return new Outcome(answered + other.answered, lost + other.lost, wrong + other.wrong, stale + other.stale);
        }

        @Override
        public String toString() {
            return String.format(
                Locale.ROOT, "%,d answers: %d wrong, %d stale; %,d lost", answered, wrong, stale, lost);
        }
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /**
     * Waits for its end.
     *
     * @return the outcome
     * @throws IOException if it ends without one; the message has its last line
     */
    Outcome await() throws IOException {
        try {
            if (!process.waitFor(END_LIMIT_S, TimeUnit.SECONDS)) {
                throw new IOException("the load generator does not end");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (!Files.exists(directory.resolve("json"))) {
            final List<String> said = Files.readAllLines(directory.resolve("log"), StandardCharsets.UTF_8);
            throw new IOException("the load generator ended with " + process.exitValue() + ": "
                + (said.isEmpty() ? "it said nothing" : said.getLast()));
        }
        final JsonNode result = new ObjectMapper().readTree(directory.resolve("json").toFile());
        return new Outcome(result.get("answered").asLong(), result.get("lost").asLong(),
            result.get("wrong").asLong() + result.get("malformed").asLong(), result.get("stale").asLong());
    }

    /** Ends it, if it runs, and removes what it wrote. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(directory.resolve("json"));
        Files.deleteIfExists(directory.resolve("log"));
        Files.delete(directory);
    }
}
