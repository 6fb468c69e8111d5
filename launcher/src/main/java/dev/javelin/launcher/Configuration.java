package dev.javelin.launcher;

import java.io.IOException;
import java.io.Reader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.BindMode;

/**
 * What {@code run} and {@code doctor} are told; immutable. Each key is a triple: its name, its default, and the reader
 * that checks it. docs/configuration.md describes them to users.
 *
 * @param interfaceName name of the network interface
 * @param queues        to bind; empty for all that the interface has
 * @param cpus          one per queue; empty for "choose"
 * @param port          UDP port that is served
 * @param memcached     where memcached listens on TCP
 * @param bindMode      of the sockets
 * @param attachMode    of the XDP program
 * @param cacheBytes    for values and index together
 * @param coherence     what keeps a hit from being stale
 * @param maxAgeNs      an entry's longest life with {@link Coherence#MAX_AGE}
 * @param writeTable    path of memcached-sr's shared memory; empty for where memcached-sr says it is
 * @param heatRefreshNs how soon an entry that is being hit is fetched again, so that memcached sees it used
 * @param metrics       where to serve metrics; empty for nowhere
 * @param idleMode      what a worker does when there is nothing to do
 */
public record Configuration(
    String interfaceName,
    List<Integer> queues,
    List<Integer> cpus,
    int port,
    InetSocketAddress memcached,
    BindMode bindMode,
    AttachMode attachMode,
    long cacheBytes,
    Coherence coherence,
    long maxAgeNs,
    Optional<Path> writeTable,
    long heatRefreshNs,
    Optional<InetSocketAddress> metrics,
    IdleMode idleMode) {
    static final String INTERFACE = "javelin.interface";
    static final String QUEUES = "javelin.queues";
    static final String QUEUES_DEFAULT = "all";
    static final String CPUS = "javelin.cpus";
    static final String CPUS_DEFAULT = "auto";
    static final String PORT = "javelin.port";
    static final String PORT_DEFAULT = "11211";
    static final String MEMCACHED = "javelin.memcached";
    static final String MEMCACHED_DEFAULT = "127.0.0.1:11211";
    static final String BIND_MODE = "javelin.bind.mode";
    static final String BIND_MODE_DEFAULT = "auto";
    static final String ATTACH_MODE = "javelin.attach.mode";
    static final String ATTACH_MODE_DEFAULT = "auto";
    static final String CACHE_BYTES = "javelin.cache.bytes";
    static final String CACHE_BYTES_DEFAULT = "256m";
    static final String COHERENCE = "javelin.coherence";
    static final String COHERENCE_DEFAULT = "write-table";
    static final String MAX_AGE = "javelin.max.age";
    static final String MAX_AGE_DEFAULT = "1s";
    static final String WRITE_TABLE = "javelin.write.table";
    static final String WRITE_TABLE_DEFAULT = "auto";
    static final String HEAT_REFRESH = "javelin.heat.refresh";
    /** memcached's own ITEM_UPDATE_INTERVAL. */
    static final String HEAT_REFRESH_DEFAULT = "60s";
    static final String METRICS = "javelin.metrics";
    static final String METRICS_DEFAULT = "off";
    static final String IDLE_STRATEGY = "javelin.idle.strategy";
    static final String IDLE_STRATEGY_DEFAULT = "adaptive";

    private static final Set<String> KEYS = Set.of(
        INTERFACE, QUEUES, CPUS, PORT, MEMCACHED, BIND_MODE, ATTACH_MODE, CACHE_BYTES, COHERENCE, MAX_AGE, WRITE_TABLE,
        HEAT_REFRESH, METRICS, IDLE_STRATEGY);

    private static final int MAX_INTERFACE_NAME = 15;
    private static final int MAX_PORT = 0xffff;
    private static final long MIN_CACHE_BYTES = 1 << 20;
    private static final long MAX_CACHE_BYTES = 64L << 30;
    private static final long MIN_MAX_AGE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MIN_HEAT_REFRESH_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_MAX_AGE_NS = TimeUnit.HOURS.toNanos(1);

    /**
     * Reads a file and what overrides it.
     *
     * @param file      properties, UTF-8
     * @param overrides from the command line; they win
     * @return checked, but not yet compared with the machine
     * @throws ConfigurationException naming the first key that is wrong
     */
    public static Configuration load(final Path file, final Map<String, String> overrides) {
        final Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (final IOException | IllegalArgumentException e) {
            throw new ConfigurationException("--config", file.toString(), "a readable properties file in UTF-8");
        }
        properties.putAll(overrides);
        return of(properties);
    }

    static Configuration of(final Properties properties) {
        for (final String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (!KEYS.contains(key)) {
                throw new ConfigurationException(
                    key, properties.getProperty(key), "only these keys: " + String.join(", ", new TreeSet<>(KEYS)));
            }
        }
        return new Configuration(
            interfaceName(properties),
            read(properties, QUEUES, QUEUES_DEFAULT, "all, a number, or a list such as 0-3 or 0,2",
                text -> "all".equals(text) ? List.of() : NumberList.parse(text)),
            read(properties, CPUS, CPUS_DEFAULT, "auto, or one CPU per queue such as 2 or 2-3 or 2,6",
                text -> "auto".equals(text) ? List.of() : NumberList.parse(text)),
            read(properties, PORT, PORT_DEFAULT, "1 to 65535", Configuration::port),
            read(properties, MEMCACHED, MEMCACHED_DEFAULT, "host:port of memcached's TCP side, as in 127.0.0.1:11211",
                Configuration::endpoint),
            choice(properties, BIND_MODE, BIND_MODE_DEFAULT, BindMode.values()),
            choice(properties, ATTACH_MODE, ATTACH_MODE_DEFAULT, AttachMode.values()),
            read(properties, CACHE_BYTES, CACHE_BYTES_DEFAULT, "1m to 64g",
                text -> inRange(Units.bytes(text), MIN_CACHE_BYTES, MAX_CACHE_BYTES)),
            choice(properties, COHERENCE, COHERENCE_DEFAULT, Coherence.values()),
            read(properties, MAX_AGE, MAX_AGE_DEFAULT, "1ms to 1h, with a unit (us, ms, s, m, h)",
                text -> inRange(Units.durationNs(text), MIN_MAX_AGE_NS, MAX_MAX_AGE_NS)),
            read(properties, WRITE_TABLE, WRITE_TABLE_DEFAULT, "auto, or an absolute path",
                text -> "auto".equals(text) ? Optional.empty() : Optional.of(absolutePath(text))),
            read(properties, HEAT_REFRESH, HEAT_REFRESH_DEFAULT, "1s to 1h, with a unit (s, m, h)",
                text -> inRange(Units.durationNs(text), MIN_HEAT_REFRESH_NS, MAX_MAX_AGE_NS)),
            read(properties, METRICS, METRICS_DEFAULT, "off, or host:port to listen on, as in 127.0.0.1:9150",
                text -> "off".equals(text) ? Optional.empty() : Optional.of(endpoint(text))),
            choice(properties, IDLE_STRATEGY, IDLE_STRATEGY_DEFAULT, IdleMode.values()));
    }

    private static String interfaceName(final Properties properties) {
        return read(properties, INTERFACE, "", "the name of a network interface: ip -br link shows them", text -> {
            if (text.isEmpty() || text.length() > MAX_INTERFACE_NAME || !text.matches("[^\\s/]+")) {
                throw new IllegalArgumentException(text);
            }
            return text;
        });
    }

    private static <T> T read(
        final Properties properties,
        final String key,
        final String defaultValue,
        final String allowed,
        final Function<String, T> reader) {
        final String text = properties.getProperty(key, defaultValue).strip();
        try {
            return reader.apply(text);
        } catch (final IllegalArgumentException e) {
            throw new ConfigurationException(key, text, allowed);
        }
    }

    private static <E extends Enum<E>> E choice(
        final Properties properties, final String key, final String defaultValue, final E[] values) {
        return read(
            properties,
            key,
            defaultValue,
            Arrays.stream(values).map(Configuration::spelling).collect(Collectors.joining(", ")),
            text -> Arrays.stream(values)
                .filter(value -> spelling(value).equals(text))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new));
    }

    /** How a choice is spelled for users: {@code WRITE_TABLE} is {@code write-table}. */
    static String spelling(final Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static int port(final String text) {
        return (int) inRange(Integer.parseInt(text), 1, MAX_PORT);
    }

    private static long inRange(final long value, final long minimum, final long maximum) {
        if (value < minimum || value > maximum) {
            throw new IllegalArgumentException();
        }
        return value;
    }

    /** host:port, 192.0.2.1:port or [fd00::1]:port. */
    private static InetSocketAddress endpoint(final String text) {
        try {
            final URI uri = new URI("tcp://" + text);
            if (uri.getHost() == null || !uri.getRawAuthority().equals(text) || uri.getUserInfo() != null) {
                throw new IllegalArgumentException(text);
            }
            final String host = uri.getHost().replaceAll("[\\[\\]]", "");
            final InetSocketAddress address =
                new InetSocketAddress(host, (int) inRange(uri.getPort(), 1, MAX_PORT));
            if (address.isUnresolved()) {
                throw new IllegalArgumentException(text);
            }
            return address;
        } catch (final URISyntaxException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static Path absolutePath(final String text) {
        final Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(text);
        }
        return path;
    }
}
