package dev.javelin.bench.load;

import dev.javelin.bench.reflect.ServeEcho;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The load generator: GETs over UDP, sets over TCP, every reply verified to the last byte.
 */
@Command(
    name = "load", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = {
        "Sends memcached GETs over UDP and verifies every reply: key, flags, length, all bytes, and that no value is",
        "older than the last acknowledged write. First it writes all items over TCP."},
    footer = {
        "",
        "Examples:",
        "  scripts/javelin load --server 192.0.2.1:11211 --keys 10000 --distribution zipf --duration 10",
        "  scripts/javelin load --server 192.0.2.1:11211 --rate 50000 --sets 0.03 --json result.json",
        "",
        "An echo server instead of memcached: scripts/javelin load --serve-echo xdp --interface IF (or --help)"})
public final class Load implements Callable<Integer> {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int MAX_ITEMS = 10_000_000;
    /** With the longest key such a reply still fits one datagram, and the engine takes only those. */
    private static final int MAX_VALUE_SIZE = 1_100;
    private static final String VALUE_SIZES = "0 to " + MAX_VALUE_SIZE + ", or a range such as 8-64";

    @Option(names = "--server", required = true, paramLabel = "HOST:PORT",
        description = "memcached's address, for UDP and TCP; an IPv6 address in brackets")
    private String server;

    @Option(names = "--duration", paramLabel = "S", description = "seconds to measure (default: ${DEFAULT-VALUE})")
    private double duration = 10;

    @Option(names = "--warmup", paramLabel = "S", description = "seconds before that (default: ${DEFAULT-VALUE})")
    private double warmup = 2;

    @Option(names = "--rate", paramLabel = "R",
        description = "open loop: so many requests per second, latency from the intended time of sending")
    private double rate;

    @Option(names = "--window", paramLabel = "W",
        description = "closed loop: so many requests on their way at once (default: ${DEFAULT-VALUE})")
    private int window = 32;

    @Option(names = "--connections", paramLabel = "N", description = "source ports (default: ${DEFAULT-VALUE})")
    private int connections = 16;

    @Option(names = "--keys", paramLabel = "N", description = "number of items (default: ${DEFAULT-VALUE})")
    private int keys = 10_000;

    @Option(names = "--key-size", paramLabel = "B", description = "bytes of a key (default: ${DEFAULT-VALUE})")
    private int keySize = 16;

    @Option(names = "--value-size", paramLabel = "B[-B]",
        description = "bytes of a value, or a range of sizes (default: ${DEFAULT-VALUE})")
    private String valueSize = "32";

    @Option(names = "--distribution", paramLabel = "NAME", description = "uniform or zipf (default: ${DEFAULT-VALUE})")
    private String distribution = "zipf";

    @Option(names = "--theta", paramLabel = "T", description = "skew of zipf (default: ${DEFAULT-VALUE})")
    private double theta = 0.99;

    @Option(names = "--sets", paramLabel = "SHARE",
        description = "sets per get, over TCP by a thread of their own; needs --rate (default: none)")
    private double sets;

    @Option(names = "--timeout", paramLabel = "MS",
        description = "after that a request is lost (default: ${DEFAULT-VALUE})")
    private long timeoutMs = 500;

    @Option(names = "--seed", paramLabel = "N", description = "of the random choices (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    @Option(names = "--no-load", description = "the items are there already, at version 1")
    private boolean noLoad;

    @Option(names = "--load-only", description = "write the items and end")
    private boolean loadOnly;

    @Option(names = "--json", paramLabel = "FILE", description = "write the result as one JSON object")
    private Path json;

    @Option(names = "--quiet", description = "no line each second")
    private boolean quiet;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final PrintStream out = System.out;

    /**
     * Runs the generator and exits: 0 done, 1 failed (also when a reply was wrong), 2 wrong usage.
     *
     * @param arguments as {@code --help} tells.
     */
    public static void main(String[] arguments) {
        boolean servesEcho = Arrays.stream(arguments).anyMatch(argument -> argument.startsWith("--serve-echo"));
        CommandLine line = new CommandLine(servesEcho ? new ServeEcho() : new Load());
        line.setParameterExceptionHandler((e, args) -> {
            System.err.println("load: " + e.getMessage().lines().findFirst().orElse("wrong usage") + " (see --help)");
            return USAGE;
        });
        line.setExecutionExceptionHandler((e, command, result) -> {
            System.err.println("load: " + (e.getMessage() == null ? e : e.getMessage()));
            return FAILED;
        });
        System.exit(line.execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        int[] sizes = valueSizes();
        check();
        InetSocketAddress address = address();
        Items items = new Items(keySize, sizes[0], sizes[1]);
        Versions versions = new Versions(keys);
        try (ItemWriter writer = new ItemWriter(address, items, keys, versions)) {
            load(writer, versions);
            return loadOnly ? OK : measure(address, items, versions, writer);
        }
    }

    private void load(ItemWriter writer, Versions versions) throws IOException {
        if (noLoad) {
            for (int item = 0; item < keys; item++) {
                versions.acknowledge(item, 1);
            }
        } else {
            writer.writeAll();
            out.println("loaded " + writer.written() + " items");
        }
    }

    private int measure(InetSocketAddress address, Items items, Versions versions, ItemWriter writer)
        throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        double skew = distribution.equals("zipf") ? theta : 0;
        Thread setter = setter(writer, new ZipfSampler(random.split(), keys, skew));
        try (Transport transport = new SocketTransport(address, connections)) {
            Engine engine = new Engine(transport, items, keys, versions, new ZipfSampler(random, keys, skew),
                TimeUnit.MILLISECONDS.toNanos(timeoutMs));
            setter.start();
            engine.run(nanos(warmup), rate, window);
            Thread progress = Thread.ofPlatform().daemon().unstarted(() -> report(engine));
            if (!quiet) {
                progress.start();
            }
            long startNs = System.nanoTime();
            Counts counts = engine.run(nanos(duration), rate, window);
            double seconds = Math.min((System.nanoTime() - startNs) / 1e9, duration);
            progress.interrupt();
            progress.join();
            setter.interrupt();
            setter.join();
            out.print(counts.table(seconds));
            if (json != null) {
                Files.writeString(json, counts.json(seconds));
            }
            return counts.bad() == 0 ? OK : FAILED;
        }
    }

    private Thread setter(ItemWriter writer, ZipfSampler sampler) {
        return Thread.ofPlatform().daemon().name("load-sets").unstarted(() -> {
            try {
                if (sets > 0) {
                    writer.writeAtRate(sampler, sets * rate);
                }
            } catch (IOException e) {
                System.err.println("load: sets ended: " + e.getMessage());
            }
        });
    }

    /** A line each second; it reads counters that another thread writes, so its figures may be a moment old. */
    private void report(Engine engine) {
        long before = 0;
        try {
            for (int second = 1; ; second++) {
                TimeUnit.SECONDS.sleep(1);
                Counts counts = engine.counts();
                long answered = counts.answered;
                out.printf(Locale.ROOT, "%3d s  %,9d answers/s  %d hits, %d misses, %d lost, %d bad%n", second,
                    answered - before, counts.hits, counts.misses, counts.lost, counts.bad());
                before = answered;
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private int[] valueSizes() {
        String[] parts = valueSize.split("-", 2);
        try {
            int min = Integer.parseInt(parts[0]);
            int max = Integer.parseInt(parts[parts.length - 1]);
            require(min >= 0 && max >= min && max <= MAX_VALUE_SIZE, "--value-size", valueSize, VALUE_SIZES);
            return new int[] {min, max};
        } catch (NumberFormatException e) {
            throw wrong("--value-size", valueSize, VALUE_SIZES);
        }
    }

    private void check() {
        require(keys >= 1 && keys <= MAX_ITEMS, "--keys", keys, "1 to " + MAX_ITEMS);
        require(keySize >= 10 && keySize <= Items.MAX_KEY_SIZE, "--key-size", keySize, "10 to 250");
        require(duration > 0 && duration <= 86_400, "--duration", duration, "more than 0, at most 86400");
        require(warmup >= 0 && warmup <= 3_600, "--warmup", warmup, "0 to 3600");
        require(rate >= 0 && rate <= 1e8, "--rate", rate, "0 (closed loop) to 100000000");
        require(window >= 1 && window <= 16_384, "--window", window, "1 to 16384");
        require(connections >= 1 && connections <= 10_000, "--connections", connections, "1 to 10000");
        require(distribution.equals("zipf") || distribution.equals("uniform"), "--distribution", distribution,
            "uniform or zipf");
        require(theta > 0 && theta < 1, "--theta", theta, "more than 0, less than 1");
        require(sets >= 0 && sets <= 10, "--sets", sets, "0 to 10");
        require(sets == 0 || rate > 0, "--sets", sets, "0 unless --rate is given");
        require(timeoutMs >= 1 && timeoutMs <= 60_000, "--timeout", timeoutMs, "1 to 60000");
    }

    private InetSocketAddress address() {
        int colon = server.lastIndexOf(':');
        try {
            int port = Integer.parseInt(server.substring(colon + 1));
            require(colon > 0 && port > 0 && port < 65_536, "--server", server, "HOST:PORT");
            String host = server.substring(0, colon).replaceAll("[\\[\\]]", "");
            InetSocketAddress address = new InetSocketAddress(host, port);
            require(!address.isUnresolved(), "--server", server, "a host that has an address");
            return address;
        } catch (NumberFormatException e) {
            throw wrong("--server", server, "HOST:PORT");
        }
    }

    private void require(boolean condition, String option, Object value, String allowed) {
        if (!condition) {
            throw wrong(option, value, allowed);
        }
    }

    private ParameterException wrong(String option, Object value, String allowed) {
        return new ParameterException(spec.commandLine(), option + " is " + value + ": allowed is " + allowed);
    }
}
