package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code load} against memcached-sr behind a veth pair. */
@RequiresRoot
class LoadOnMemcachedTest {
    private static final Path MEMCACHED =
        Path.of(System.getProperty("javelin.root"), ".build", "memcached", "sr", "memcached");
    private static final long LIMIT_S = 120;

    private static VethPair pair;
    private static Process memcached;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        pair = VethPair.create(2);
        List<String> command = inNamespace(pair.serverNamespace());
        command.addAll(List.of(MEMCACHED.toString(), "-u", "nobody", "-t", "2", "-U", "11211", "-m", "512",
            "-l", VethPair.SERVER_IPV4 + "," + VethPair.SERVER_IPV6));
        memcached = new ProcessBuilder(command).inheritIO().start();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        memcached.destroy();
        memcached.waitFor(10, TimeUnit.SECONDS);
        pair.close();
    }

    private static List<String> inNamespace(String name) {
        return new ArrayList<>(List.of("nsenter", "--net=/var/run/netns/" + name, "--"));
    }

    /** Starts {@code load} in the client's namespace. */
    private Process startLoad(String arguments) throws IOException {
        List<String> command = inNamespace(pair.clientNamespace());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(argument -> argument.startsWith("--")).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Load.class.getName()));
        if (!arguments.contains("--server")) {
            command.addAll(List.of("--server", VethPair.SERVER_IPV4 + ":11211"));
        }
        command.addAll(List.of("--json", file("json").toString(), "--hlog", file("hlog").toString(),
            "--hgrm", file("hgrm").toString()));
        command.addAll(List.of(arguments.split(" ")));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private Path file(String extension) {
        return directory.resolve("result." + extension);
    }

    private static String outputOf(Process load) throws IOException, InterruptedException {
        String output = new String(load.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(load.waitFor(LIMIT_S, TimeUnit.SECONDS));
        assertEquals(0, load.exitValue(), output);
        return output;
    }

    private JsonNode run(String arguments) throws IOException, InterruptedException {
        outputOf(startLoad(arguments));
        return new ObjectMapper().readTree(file("json").toFile());
    }

    /** Returns all that the log has, in nanoseconds. */
    private Histogram log() throws FileNotFoundException {
        Histogram all = new Histogram(Engine.HIGHEST_LATENCY_NS, Engine.LATENCY_DIGITS);
        try (HistogramLogReader reader = new HistogramLogReader(file("hlog").toFile())) {
            while (reader.hasNext()) {
                all.add((Histogram) reader.nextIntervalHistogram());
            }
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--keys 500", "--keys 500 --sockets", "--keys 500 --threads 2", "--keys 500 --threads 2 --sockets",
        "--server [fd00:6a::1]:11211 --keys 500", "--preset bmc --keys 2000", "--preset etc --keys 2000 --rate 3000",
        "--preset write-heavy --keys 2000 --rate 3000", "--keys 200 --value-size 0-7 --sets 0.3",
        "--keys 500 --rate 3000 --arrivals poisson", "--keys 500 --distribution sequential --no-verify"})
    void shouldVerifyWhatMemcachedAnswers(String arguments) throws Exception {
        JsonNode result = run(arguments + " --duration 1 --warmup 0.3 --quiet");
        assertTrue(result.get("answered").asLong() > 500, result.toString());
        assertEquals(result.get("sent").asLong(), result.get("answered").asLong() + result.get("lost").asLong());
        assertEquals(result.get("answered").asLong(), result.get("hits").asLong() + result.get("misses").asLong());
        assertTrue(result.get("hits").asLong() > result.get("misses").asLong(), result.toString());
        assertTrue(arguments.contains("--preset write-heavy") || result.get("misses").asLong() == 0);
        assertEquals(arguments.contains("--sockets") ? "sockets" : "af_xdp copy", result.get("transport").asText());
        long inWindows = 0;
        for (JsonNode window : result.get("windows")) {
            inWindows += window.asLong();
        }
        assertEquals(10, result.get("windows").size());
        assertTrue(inWindows <= result.get("answered").asLong() && inWindows > 0, result.toString());
        assertEquals(result.get("answered").asLong(), log().getTotalCount());
        assertTrue(Files.readString(file("hgrm")).contains("Total count    = " + " ".repeat(12 - Long.toString(
            result.get("answered").asLong()).length()) + result.get("answered").asLong()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--multi-get 5", "--multi-get 30 --sockets", "--multi-get 10 --key-size 16-60 --threads 2"})
    void shouldVerifyEveryKeyOfAMultiGet(String arguments) throws Exception {
        JsonNode result = run(arguments + " --keys 1000 --window 8 --duration 1 --warmup 0.2 --quiet");
        int keysEach = Integer.parseInt(arguments.split(" ")[1]);
        assertTrue(result.get("answered").asLong() > 50, result.toString());
        assertEquals(keysEach * result.get("answered").asLong(), result.get("hits").asLong(), result.toString());
    }

    /** With a closed loop, or latency from the actual time of sending, only a few requests would show the pause. */
    @ParameterizedTest
    @ValueSource(strings = {"", " --sockets"})
    void shouldShowAPauseOfTheServerInFull(String transport) throws Exception {
        Process load = startLoad("--rate 4000 --keys 100 --duration 4 --warmup 0.5" + transport);
        List<String> said = new ArrayList<>();
        do {
            said.add(load.inputReader().readLine());
        } while (said.getLast() != null && !said.getLast().startsWith("  1 s"));
        long startNs = System.nanoTime();
        signal("STOP");
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        signal("CONT");
        double pauseMs = (System.nanoTime() - startNs) / 1e6;
        assertTrue(load.waitFor(LIMIT_S, TimeUnit.SECONDS));
        Histogram latency = log();
        assertTrue(latency.getMaxValue() >= 48_000_000, said + ", longest " + latency.getMaxValue());
        // 4 requests came due in each millisecond of the pause, and each waited for its end.
        for (int waitMs : new int[] {10, 20, 30, 40}) {
            long waited = latency.getCountBetweenValues(waitMs * 1_000_000L, Engine.HIGHEST_LATENCY_NS);
            double expected = 4 * (50 - waitMs);
            assertTrue(waited >= 0.9 * expected, waited + " requests waited for " + waitMs + " ms, not "
                + expected + "; the server paused for " + pauseMs + " ms");
        }
    }

    private static void signal(String name) throws IOException, InterruptedException {
        // nsenter has become memcached: it executes the program in its own place.
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(memcached.pid())).start().waitFor());
    }

    @Test
    void shouldFindTheRateThatKeepsAGoal() throws Exception {
        String output = outputOf(startLoad("--search p50:200ms --keys 100 --duration 0.5 --warmup 0.2 --quiet"));
        assertTrue(output.contains("not kept"), output);
        assertTrue(output.lines().anyMatch(line -> line.matches("search .*/s keeps p50:200ms; measuring it")), output);
        double rate = new ObjectMapper().readTree(file("json").toFile()).get("sent_per_second").asDouble();
        assertTrue(rate > 1_000, "rate: " + rate);
    }

    @Test
    void shouldSayWhatIsMissingForAfXdp() throws Exception {
        Process load = startLoad("--server 127.0.0.1:11211 --keys 10 --echo");
        String output = new String(load.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, load.waitFor(), output);
        assertEquals(1, output.lines().count(), output);
        assertTrue(output.startsWith("load: ") && output.contains("--sockets"), output);
        assertFalse(output.contains("Exception"), output);
    }
}
