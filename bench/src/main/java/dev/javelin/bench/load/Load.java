package dev.javelin.bench.load;

import dev.javelin.bench.reflect.ServeEcho;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The load generator: GETs over UDP, sets over TCP, every reply verified to the last byte.
 */
@Command(
    name = "load", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = {
        "Sends memcached GETs over UDP and verifies every reply: key, flags, length, all bytes, and that no value is",
        "older than the last acknowledged write. First it writes all items over TCP. Uses AF_XDP, so needs root."},
    footer = {
        "",
        "Examples:",
        "  scripts/javelin load --server 192.0.2.1:11211 --preset bmc",
        "  scripts/javelin load --server 192.0.2.1:11211 --rate 50000 --arrivals poisson --sets 0.03 --json out.json",
        "  scripts/javelin load --server 192.0.2.1:11211 --search p99:500us",
        "",
        "An echo server instead of memcached: scripts/javelin load --serve-echo xdp --interface IF (or --help)"})
public final class Load implements Callable<Integer> {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final String PRESET = "--preset";

    @Mixin
    private LoadOptions options;

    private final PrintStream out = System.out;
    private volatile IOException setterFailure;

    /**
     * Runs the generator and exits: 0 done, 1 failed (also when a reply was wrong), 2 wrong usage.
     *
     * @param arguments as {@code --help} tells.
     */
    public static void main(String[] arguments) {
        boolean servesEcho = Arrays.stream(arguments).anyMatch(argument -> argument.startsWith("--serve-echo"));
        CommandLine line = new CommandLine(servesEcho ? new ServeEcho() : new Load());
        line.setDefaultValueProvider(new Presets.Defaults(presetOf(arguments)));
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

    /** Returns what the preset on the command line stands for; nothing if there is none, or none of that name. */
    private static Map<String, String> presetOf(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i].startsWith(PRESET + "=") ? arguments[i].substring(PRESET.length() + 1)
                : arguments[i].equals(PRESET) && i + 1 < arguments.length ? arguments[i + 1] : null;
            if (name != null) {
                return Presets.ALL.getOrDefault(name, Map.of());
            }
        }
        return Map.of();
    }

    @Override
    public Integer call() throws Exception {
        options.check();
        Items items = options.items();
        Keys keys = Keys.of(items, options.keys);
        Versions versions = new Versions(keys.count());
        if (options.echo) {
            return measure(keys, null, versions, null);
        }
        InetSocketAddress address = options.address();
        try (ItemWriter writer = new ItemWriter(address, items, keys.count(), options.lifetimes(), versions)) {
            load(writer);
            return options.loadOnly ? OK : measure(keys, items, versions, writer);
        }
    }

    private void load(ItemWriter writer) throws IOException {
        if (options.noLoad) {
            writer.assumeWritten();
            return;
        }
        long[] saidNs = {System.nanoTime()};
        writer.writeAll(written -> {
            if (!options.quiet && System.nanoTime() - saidNs[0] > TimeUnit.SECONDS.toNanos(1)) {
                saidNs[0] = System.nanoTime();
                out.printf("loading   %d of %d items%n", written, options.keys);
            }
        });
        out.println("loaded    " + writer.written() + " items");
    }

    private int measure(Keys keys, Items items, Versions versions, ItemWriter writer)
        throws IOException, InterruptedException {
        if (options.reflect) {
            return reflect(keys, items, versions);
        }
        SplittableRandom random = new SplittableRandom(options.seed);
        Sampler setSampler = options.workload().sampler(random.split(), keys.count());
        try (Generator generator = generator(keys, items, versions, random)) {
            Thread setter = Thread.ofPlatform().daemon().name("load-sets")
                .unstarted(() -> set(writer, setSampler, generator));
            if (options.sets > 0) {
                setter.start();
            }
            double rate = options.rate;
            if (options.warmup > 0) {
                generator.run(options.phase(options.warmup, rate), Generator.Progress.NONE);
            }
            if (options.search != null) {
                rate = Search.parse(options.search).highestRate(generator, options.phase(1, 1), out);
                if (rate == 0) {
                    throw new IOException("no rate keeps " + options.search);
                }
                out.printf("search    %,.0f/s keeps %s; measuring it%n", rate, options.search);
            }
            Phase phase = options.phase(options.duration, rate);
            Result result = measure(progress -> generator.run(phase, progress));
            setter.interrupt();
            setter.join();
            if (setterFailure != null) {
                throw new IOException("sets ended: " + setterFailure.getMessage(), setterFailure);
            }
            return result.counts().bad() == 0 ? OK : FAILED;
        }
    }

    private int reflect(Keys keys, Items items, Versions versions) throws IOException, InterruptedException {
        Sampler sampler = options.workload().sampler(new SplittableRandom(options.seed), keys.count());
        Phase phase = options.phase(options.duration, 0);
        try (ReflectLoad load = new ReflectLoad(options, keys, items, versions, sampler, phase)) {
            if (options.warmup > 0) {
                load.run(options.phase(options.warmup, 0), false, Generator.Progress.NONE);
            }
            return measure(progress -> load.run(phase, true, progress)).counts().bad() == 0 ? OK : FAILED;
        }
    }

    /** What is measured, whoever sends. */
    @FunctionalInterface
    private interface Run {
        Result with(Generator.Progress progress) throws IOException, InterruptedException;
    }

    private Result measure(Run run) throws IOException, InterruptedException {
        try (Progress progress = new Progress(options.quiet ? null : out, options.hlog)) {
            Result result = run.with(progress);
            out.print(result.table());
            if (options.json != null) {
                Files.writeString(options.json, result.json());
            }
            if (options.hgrm != null) {
                try (PrintStream file = new PrintStream(options.hgrm.toFile())) {
                    result.latency().outputPercentileDistribution(file, 1_000.0);
                }
            }
            return result;
        }
    }

    private Generator generator(Keys keys, Items items, Versions versions, SplittableRandom random)
        throws IOException {
        List<? extends Transport> transports;
        String name;
        if (options.sockets) {
            transports = SocketTransport.open(options.address(), options.connections, options.threads);
            name = "sockets";
        } else {
            List<XskTransport> opened = XskTransports.open(options.address(), options.sources(), options.connections,
                options.threads);
            name = "af_xdp " + opened.getFirst().granted();
            transports = opened;
        }
        return new Generator(transports, name, keys, items, versions, options.workload(), random);
    }

    private void set(ItemWriter writer, Sampler sampler, Generator generator) {
        try {
            // A new phase counts from 0 again.
            long[] sent = new long[2];
            writer.follow(sampler, () -> {
                long now = generator.sent();
                sent[0] += now < sent[1] ? now : now - sent[1];
                sent[1] = now;
                return (long) (sent[0] * options.multiGet * options.sets);
            });
        } catch (IOException e) {
            setterFailure = e;
        }
    }
}
