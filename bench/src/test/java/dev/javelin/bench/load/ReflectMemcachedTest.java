package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A reflector against memcached-sr, which counts what it is asked. */
@RequiresRoot
@Timeout(120)
class ReflectMemcachedTest {
    private static final int ITEMS = 500;
    private static final int WRITTEN = 400;
    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    /** Javelin reads XDP's counters every 20 ms. */
    private static final long SAMPLED_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private final LoadOptions options = new LoadOptions();

    @ParameterizedTest
    @CsvSource({VethPair.SERVER_IPV4 + ", 16", "[" + VethPair.SERVER_IPV6 + "], 10-200"})
    void shouldCountWhatMemcachedCounts(String host, String keySize) throws Exception {
        options.server = host + ":11211";
        options.keys = ITEMS;
        options.keySize = keySize;
        options.valueSize = "0-900";
        options.timeoutMs = 5_000;
        options.verifyEvery = 10;
        options.distribution = "uniform";
        try (VethPair pair = VethPair.create(1)) {
            Command.run("ip", "netns", "exec", pair.serverNamespace(), "ethtool", "-K", VethPair.SERVER, "gro", "on");
            Process memcached = start(pair, options.address());
            try (NetworkNamespace _ = pair.enterClient(); Socket stats = connect(options.address(), memcached)) {
                measure(stats);
            } finally {
                memcached.destroyForcibly().onExit().join();
            }
        }
    }

    /** With Javelin in front each request is a hit there, or has been left to memcached. */
    @Test
    void shouldCountTheHitsThatJavelinCounts(@TempDir Path directory) throws Exception {
        options.server = VethPair.SERVER_IPV4 + ":11211";
        options.keys = 50;
        options.timeoutMs = 5_000;
        options.verifyEvery = 10;
        try (VethPair pair = VethPair.create(1)) {
            Process memcached = start(pair, options.address());
            try (NetworkNamespace _ = pair.enterClient(); Socket _ = connect(options.address(), memcached)) {
                Process javelin = startJavelin(pair, directory);
                try {
                    measureJavelin();
                } finally {
                    javelin.destroyForcibly().onExit().join();
                }
            } finally {
                memcached.destroyForcibly().onExit().join();
            }
        }
    }

    private void measureJavelin() throws Exception {
        Items items = options.items();
        Keys keys = Keys.of(items, options.keys);
        Versions versions = new Versions(options.keys);
        try (ItemWriter writer = new ItemWriter(options.address(), items, options.keys, null, versions)) {
            writer.writeAll(written -> { });
        }
        Phase phase = options.phase(1, 0);
        Sampler sampler = options.workload().sampler(new SplittableRandom(1), options.keys);
        try (ReflectLoad load = new ReflectLoad(options, keys, items, versions, sampler, phase)) {
            load.run(options.phase(1, 0), false, Generator.Progress.NONE);
            LockSupport.parkNanos(SAMPLED_NS);
            Map<String, Long> before = metrics();
            Counts counts = load.run(phase, true, Generator.Progress.NONE).counts();
            LockSupport.parkNanos(SAMPLED_NS);
            Map<String, Long> after = metrics();
            long hits = after.get("javelin_get_hits_total") - before.get("javelin_get_hits_total");
            long left = 0;
            for (String name : after.keySet()) {
                if (name.matches("javelin_(get_misses|xdp_stale_heartbeat|handed_back)_total")) {
                    left += after.get(name) - before.get(name);
                }
            }
            assertEquals(counts.sent, counts.hits);
            assertTrue(hits > counts.sent / 2, hits + " hits of " + counts.sent + ", " + after);
            assertEquals(counts.sent, hits + left, "hits " + hits + ", " + before + " " + after);
        }
    }

    private static Process startJavelin(VethPair pair, Path directory) throws IOException {
        Path configuration = directory.resolve("javelin.properties");
        Files.writeString(configuration, """
            javelin.interface = jv-server
            javelin.memcached = 192.0.2.1:11211
            javelin.cache.bytes = 64m
            javelin.coherence = max-age
            javelin.max.age = 60s
            javelin.metrics = 192.0.2.1:9101
            """);
        Process process = new ProcessBuilder("nsenter", "--net=/var/run/netns/" + pair.serverNamespace(), "--",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED",
            "-Xmx192m", "-cp", System.getProperty("java.class.path"), "dev.javelin.launcher.Javelin", "run",
            "--config", configuration.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        if (line == null || !line.startsWith("ready ")) {
            process.destroyForcibly();
            throw new IOException("javelin did not get ready: " + line);
        }
        return process;
    }

    /** Returns the counters of all queues together, by their names for Prometheus. */
    private static Map<String, Long> metrics() throws IOException {
        Map<String, Long> metrics = new HashMap<>();
        try (Socket socket = new Socket(VethPair.SERVER_IPV4, 9101)) {
            socket.getOutputStream().write(
                "GET /metrics HTTP/1.0\r\nHost: javelin\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
                .filter(line -> line.startsWith("javelin_"))
                .forEach(line -> metrics.merge(line.split("[ {]")[0],
                    (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)), Long::sum));
        }
        return metrics;
    }

    private void measure(Socket stats) throws Exception {
        Items items = options.items();
        Keys keys = Keys.of(items, ITEMS);
        Versions versions = new Versions(ITEMS);
        try (ItemWriter writer = new ItemWriter(options.address(), items, WRITTEN, null, versions)) {
            writer.writeAll(written -> { });
        }
        Phase phase = options.phase(1, 0);
        Sampler sampler = options.workload().sampler(new SplittableRandom(1), ITEMS);
        try (ReflectLoad load = new ReflectLoad(options, keys, items, versions, sampler, phase)) {
            Counts warmUp = load.run(options.phase(0.3, 0), false, Generator.Progress.NONE).counts();
            Map<String, Long> before = stats(stats);
            assertEquals(warmUp.sent, before.get("cmd_get"));
            Counts counts = load.run(phase, true, Generator.Progress.NONE).counts();
            Map<String, Long> after = stats(stats);
            assertTrue(counts.sent > 1_000, "sent " + counts.sent);
            assertEquals(counts.sent, after.get("cmd_get") - before.get("cmd_get"));
            assertEquals(counts.hits, after.get("get_hits") - before.get("get_hits"));
            assertEquals(counts.misses, after.get("get_misses") - before.get("get_misses"));
            assertEquals(WRITTEN / (double) ITEMS, counts.hits / (double) counts.sent, 0.1, "share of hits");
            assertEquals(0, counts.bad() + counts.lost + counts.duplicate + counts.late);
        }
    }

    private static Process start(VethPair pair, InetSocketAddress address) throws IOException {
        Path program = Path.of(System.getProperty("javelin.root"), ".build", "memcached", "sr", "memcached");
        return new ProcessBuilder("nsenter", "--net=/var/run/netns/" + pair.serverNamespace(), "--",
            program.toString(), "-u", "nobody", "-t", "1", "-U", "11211", "-l", address.getAddress().getHostAddress())
            .inheritIO().start();
    }

    private static Socket connect(InetSocketAddress address, Process memcached) throws IOException {
        long startNs = System.nanoTime();
        while (true) {
            Socket socket = new Socket();
            try {
                socket.connect(address, 10_000);
                return socket;
            } catch (IOException notYet) {
                socket.close();
                if (System.nanoTime() - startNs > START_TIMEOUT_NS || !memcached.isAlive()) {
                    throw new IOException("memcached-sr did not start: run scripts/setup", notYet);
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private static Map<String, Long> stats(Socket socket) throws IOException {
        socket.getOutputStream().write("stats\r\n".getBytes(StandardCharsets.US_ASCII));
        BufferedReader in = new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        Map<String, Long> stats = new HashMap<>();
        for (String line = in.readLine(); !line.equals("END"); line = in.readLine()) {
            String[] words = line.split(" ");
            if (words[2].matches("[0-9]+")) {
                stats.put(words[1], Long.parseLong(words[2]));
            }
        }
        return stats;
    }
}
