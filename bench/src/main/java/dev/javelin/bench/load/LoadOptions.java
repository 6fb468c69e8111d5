package dev.javelin.bench.load;

import dev.javelin.bench.reflect.ReflectOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The options of the load generator, and what they may be. Read only after {@link #check()}.
 */
final class LoadOptions {
    private static final int MAX_ITEMS = 10_000_000;
    /** With the longest key such a reply still fits one datagram, and memcached sends larger ones in several. */
    private static final int MAX_VALUE_SIZE = 1_100;
    private static final int MIN_KEY_SIZE = 10;
    private static final int MAX_LIFETIME_S = 2_592_000;
    private static final String OR_A_RANGE = ", or a range such as ";

    @Option(names = "--server", required = true, paramLabel = "HOST:PORT",
        description = "memcached's address, for UDP and TCP; an IPv6 address in brackets")
    String server;

    @Option(names = "--preset", paramLabel = "NAME",
        description = "bmc, etc or write-heavy: the keys, values and sets of a published load; other options change it")
    String preset;

    @Option(names = "--duration", paramLabel = "S", description = "seconds to measure (default: ${DEFAULT-VALUE})")
    double duration = 10;

    @Option(names = "--warmup", paramLabel = "S", description = "seconds before that (default: ${DEFAULT-VALUE})")
    double warmup = 2;

    @Option(names = "--rate", paramLabel = "R",
        description = "open loop: so many requests per second, latency from the intended time of sending")
    double rate;

    @Option(names = "--arrivals", paramLabel = "NAME",
        description = "of an open loop: constant or poisson (default: ${DEFAULT-VALUE})")
    String arrivals = "constant";

    @Option(names = "--window", paramLabel = "W",
        description = "closed loop: so many requests on their way at once (default: ${DEFAULT-VALUE})")
    int window = 64;

    @Option(names = "--search", paramLabel = "pN:TIME",
        description = "find the highest rate at which a percentile of the latency keeps a goal: p99:500us, p99.9:2ms")
    String search;

    @Option(names = "--sockets",
        description = "the kernel's UDP sockets instead of AF_XDP: needs no root, and is slower")
    boolean sockets;

    @Option(names = "--threads", paramLabel = "N", description = "that send and receive (default: ${DEFAULT-VALUE})")
    int threads = 1;

    @Option(names = "--connections", paramLabel = "N",
        description = "source ports, so that RSS and SO_REUSEPORT spread the load (default: ${DEFAULT-VALUE})")
    int connections = 64;

    @Option(names = "--source-addresses", paramLabel = "A[,A...]", split = ",",
        description = "own addresses to send from, AF_XDP only (default: the one the route gives)")
    List<String> sourceAddresses = List.of();

    @Option(names = "--keys", paramLabel = "N", description = "number of items (default: ${DEFAULT-VALUE})")
    int keys = 10_000;

    @Option(names = "--key-size", paramLabel = "B[-B]",
        description = "bytes of a key, a range of sizes, or fb_key (default: ${DEFAULT-VALUE})")
    String keySize = "16";

    @Option(names = "--value-size", paramLabel = "B[-B]",
        description = "bytes of a value, a range of sizes, or fb_value, at most " + MAX_VALUE_SIZE
            + " (default: ${DEFAULT-VALUE})")
    String valueSize = "32";

    @Option(names = "--distribution", paramLabel = "NAME",
        description = "uniform, zipf or sequential (default: ${DEFAULT-VALUE})")
    String distribution = "zipf";

    @Option(names = "--theta", paramLabel = "T", description = "skew of zipf (default: ${DEFAULT-VALUE})")
    double theta = 0.99;

    @Option(names = "--multi-get", paramLabel = "K", description = "keys of a request (default: ${DEFAULT-VALUE})")
    int multiGet = 1;

    @Option(names = "--sets", paramLabel = "SHARE",
        description = "sets per get, over TCP by a thread of their own (default: none)")
    double sets;

    @Option(names = "--ttl", paramLabel = "S[-S]", description = "lifetime of items in seconds (default: for ever)")
    String ttl;

    @Option(names = "--timeout", paramLabel = "MS",
        description = "after that a request is lost (default: ${DEFAULT-VALUE})")
    long timeoutMs = TimeUnit.NANOSECONDS.toMillis(Workload.DEFAULT_TIMEOUT_NS);

    @Option(names = "--seed", paramLabel = "N", description = "of the random choices (default: ${DEFAULT-VALUE})")
    long seed = 1;

    @Option(names = "--no-load", description = "the items are there already, at version 1")
    boolean noLoad;

    @Option(names = "--load-only", description = "write the items and end")
    boolean loadOnly;

    @Option(names = "--no-verify", description = "do not compare replies with what was written")
    boolean noVerify;

    @Option(names = "--echo", description = "the server sends each request back as it is: see --serve-echo")
    boolean echo;

    @Option(names = "--reflect",
        description = "an XDP program turns replies into requests: many times as fast, judges by the first bytes")
    boolean reflect;

    @Option(names = "--verify-every", paramLabel = "N",
        description = "with --reflect: judge one reply in so many whole (default: ${DEFAULT-VALUE})")
    int verifyEvery = 100;

    @Option(names = "--json", paramLabel = "FILE", description = "write the result as one JSON object")
    Path json;

    @Option(names = "--hgrm", paramLabel = "FILE",
        description = "write the latencies' percentiles, in us, as HdrHistogram's plotter reads them")
    Path hgrm;

    @Option(names = "--hlog", paramLabel = "FILE", description = "write each second's latencies as a HdrHistogram log")
    Path hlog;

    @Option(names = "--quiet", description = "no line each second")
    boolean quiet;

    @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
    private CommandLine.Model.CommandSpec spec;

    void check() {
        require(preset == null || Presets.ALL.containsKey(preset), "--preset", preset, "bmc, etc or write-heavy");
        require(keys >= 1 && keys <= MAX_ITEMS, "--keys", keys, "1 to " + MAX_ITEMS);
        require(duration >= 0.1 && duration <= 86_400, "--duration", duration, "0.1 to 86400");
        require(warmup >= 0 && warmup <= 3_600, "--warmup", warmup, "0 to 3600");
        require(rate >= 0 && rate <= 1e8, "--rate", rate, "0 (closed loop) to 100000000");
        require(arrivals.equals("constant") || arrivals.equals("poisson"), "--arrivals", arrivals,
            "constant or poisson");
        require(window >= 1 && window <= Phase.MAX_WINDOW, "--window", window, "1 to " + Phase.MAX_WINDOW);
        require(search == null || Search.parse(search) != null, "--search", search, "a form such as p99:500us");
        require(threads >= 1 && threads <= 64, "--threads", threads, "1 to 64");
        require(connections >= threads && connections <= 10_000, "--connections", connections,
            "at least one for each of the " + threads + " threads, at most 10000");
        require(List.of("uniform", "zipf", "sequential").contains(distribution), "--distribution", distribution,
            "uniform, zipf or sequential");
        require(theta > 0 && theta < 1, "--theta", theta, "more than 0, less than 1");
        require(sets >= 0 && sets <= 10, "--sets", sets, "0 to 10");
        require(sets == 0 || !echo, "--sets", sets, "0 with --echo");
        require(timeoutMs >= 1 && timeoutMs <= 60_000, "--timeout", timeoutMs, "1 to 60000");
        require(sourceAddresses.isEmpty() || !sockets, "--source-addresses", sourceAddresses, "none with --sockets");
        int most = Math.min(Workload.MAX_KEYS_EACH, keys);
        require(multiGet >= 1 && multiGet <= most, "--multi-get", multiGet, "1 to " + most);
        int longestKey = items().longestKey(keys);
        require(multiGet * (longestKey + 1) + 16 <= RequestWriter.MAX_LENGTH, "--multi-get", multiGet,
            "so many keys of up to " + longestKey + " bytes that a request fits " + RequestWriter.MAX_LENGTH);
        lifetimes();
        address();
        sources();
        if (reflect) {
            checkReflect();
        }
    }

    private void checkReflect() {
        final String with = " with --reflect";
        require(!sockets, "--sockets", "given", "not" + with);
        require(rate == 0, "--rate", rate, "0 (closed loop)" + with);
        require(search == null, "--search", search, "nothing" + with);
        require(sets == 0, "--sets", sets, "0" + with);
        require(threads == 1, "--threads", threads, "1" + with);
        require(multiGet == 1, "--multi-get", multiGet, "1" + with);
        require(sourceAddresses.isEmpty(), "--source-addresses", sourceAddresses, "none" + with);
        require(window <= ReflectOptions.MAX_WINDOW, "--window", window, "1 to " + ReflectOptions.MAX_WINDOW + with);
        require(keys <= ReflectOptions.MAX_ITEMS, "--keys", keys, "1 to " + ReflectOptions.MAX_ITEMS + with);
        require(verifyEvery >= 1, "--verify-every", verifyEvery, "1 or more");
    }

    Items items() {
        Sizes keySizes = Sizes.parse(keySize, MIN_KEY_SIZE, Items.MAX_KEY_SIZE);
        require(keySizes != null, "--key-size", keySize,
            MIN_KEY_SIZE + " to " + Items.MAX_KEY_SIZE + OR_A_RANGE + "16-64, or fb_key");
        Sizes valueSizes = Sizes.parse(valueSize, 0, MAX_VALUE_SIZE);
        require(valueSizes != null, "--value-size", valueSize, "0 to " + MAX_VALUE_SIZE + OR_A_RANGE
            + "8-64, or fb_value");
        return new Items(keySizes, valueSizes);
    }

    /** Returns items' lifetimes in seconds, or null if they have no end. */
    Sizes lifetimes() {
        Sizes lifetimes = ttl == null ? null : Sizes.parse(ttl, 1, MAX_LIFETIME_S);
        require(ttl == null || lifetimes != null, "--ttl", ttl, "1 to " + MAX_LIFETIME_S + OR_A_RANGE + "1-60");
        return lifetimes;
    }

    Workload workload() {
        return new Workload(distribution, theta, multiGet, TimeUnit.MILLISECONDS.toNanos(timeoutMs), !noVerify);
    }

    /** Returns a phase of the wanted kind that begins at once. */
    Phase phase(double seconds, double requestsPerSecond) {
        return new Phase(System.nanoTime(), (long) (seconds * 1e9), requestsPerSecond, arrivals.equals("poisson"),
            window);
    }

    InetSocketAddress address() {
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

    List<InetAddress> sources() {
        List<InetAddress> addresses = new ArrayList<>();
        for (String address : sourceAddresses) {
            try {
                addresses.add(InetAddress.getByName(address));
            } catch (UnknownHostException e) {
                throw wrong("--source-addresses", address, "addresses of this host, with commas between them");
            }
        }
        return addresses;
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
