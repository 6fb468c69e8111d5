package dev.javelin.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import dev.javelin.afxdp.Affinity;
import dev.javelin.afxdp.Ethtool;
import dev.javelin.afxdp.Interfaces;
import dev.javelin.afxdp.NativeException;
import dev.javelin.afxdp.XdpProgram;

/**
 * Compares a configuration with the machine: {@code doctor} shows every finding, {@code run} stops at the first fault.
 * Nothing is changed by looking.
 */
final class Preflight {
    private static final String RELEASE = System.getProperty("os.version");

    private final Configuration configuration;
    private final String interfaceName;

    Preflight(final Configuration configuration) {
        this.configuration = configuration;
        this.interfaceName = configuration.interfaceName();
    }

    /**
     * All findings in the order in which they make sense: what cannot be looked at, since something before it is
     * missing, is left out.
     */
    List<Check> checks() {
        final List<Check> checks = new ArrayList<>();
        checks.add(kernel());
        checks.add(libraries());
        final boolean hasLibraries = !checks.get(1).isFault();
        final Check link = hasLibraries ? exists() : null;
        if (link != null) {
            checks.add(link);
        }
        checks.add(Capabilities.check());
        if (link != null && !link.isFault()) {
            checks.add(guarded("link", this::carrier));
            checks.add(guarded(Configuration.QUEUES, this::queues));
            checks.add(guarded(Configuration.CPUS, this::cpus));
            checks.add(guarded("addresses", this::addresses));
            checks.addAll(driver());
            checks.add(guarded("XDP program", this::program));
        }
        checks.add(tun());
        checks.add(reversePathFilter());
        checks.add(hugePages());
        configuration.metrics().ifPresent(address -> checks.add(metrics(address)));
        checks.addAll(MemcachedProbe.checks(configuration));
        if (configuration.coherence() == Coherence.MAX_AGE) {
            checks.add(Check.warn("coherence", "max-age: a hit may be up to "
                + Text.duration(configuration.maxAgeNs()) + " older than memcached's value", ""));
        }
        return checks;
    }

    /** Throws what {@code run} ends with if anything stands in its way. */
    void require() {
        for (final Check check : checks()) {
            if (check.isFault()) {
                throw check.toException();
            }
        }
    }

    /** The queues to bind: as configured, or all of the interface. */
    static List<Integer> queues(final Configuration configuration) {
        return configuration.queues().isEmpty()
            ? IntStream.range(0, Interfaces.queues(configuration.interfaceName())).boxed().toList()
            : configuration.queues();
    }

    /** One CPU per queue: as configured, or round robin from the highest that this process may use. */
    static List<Integer> cpus(final Configuration configuration, final int queueCount) {
        if (!configuration.cpus().isEmpty()) {
            return configuration.cpus();
        }
        final int[] allowed = Affinity.allowed().stream().toArray();
        final int last = allowed.length - 1;
        return IntStream.range(0, queueCount).mapToObj(i -> allowed[last - i % allowed.length]).toList();
    }

    private static Check guarded(final String subject, final Supplier<Check> check) {
        try {
            return check.get();
        } catch (final NativeException e) {
            return Check.fail(subject, e.getMessage(), "");
        }
    }

    private static Check kernel() {
        final boolean isNewEnough =
            KernelVersion.parse(RELEASE).filter(version -> !version.isBefore(KernelVersion.OLDEST)).isPresent();
        return isNewEnough
            ? Check.ok("kernel", RELEASE)
            : Check.fail("kernel", RELEASE, KernelVersion.OLDEST + " or newer is needed");
    }

    private static Check libraries() {
        for (final String binding : List.of("LibBpf", "LibXdp")) {
            try {
                Class.forName("dev.javelin.afxdp." + binding);
            } catch (final LinkageError | ClassNotFoundException e) {
                return Check.fail("libraries", "libbpf.so.1 or libxdp.so.1 cannot be loaded",
                    "apt-get install libbpf1 libxdp1");
            }
        }
        return Check.ok("libraries", "libbpf.so.1, libxdp.so.1");
    }

    private Check exists() {
        try {
            Interfaces.index(interfaceName);
            return Check.ok("interface", interfaceName);
        } catch (final NativeException e) {
            return Check.wrong(Configuration.INTERFACE, interfaceName,
                "an interface of this network namespace: " + String.join(", ", interfaceNames()));
        }
    }

    private static List<String> interfaceNames() {
        try {
            return Files.readAllLines(Path.of("/proc/thread-self/net/dev")).stream()
                .filter(line -> line.contains(":"))
                .map(line -> line.substring(0, line.indexOf(':')).strip())
                .toList();
        } catch (final IOException e) {
            return List.of("ip -br link shows them");
        }
    }

    private Check carrier() {
        return Interfaces.carrier(interfaceName)
            ? Check.ok("link", interfaceName + " is up")
            : Check.fail("link", interfaceName + " is down or has no carrier",
                "ip link set dev " + interfaceName + " up, and see to cable or peer");
    }

    private Check queues() {
        final int available = Interfaces.queues(interfaceName);
        for (final int queue : configuration.queues()) {
            if (queue >= available) {
                return Check.wrong(Configuration.QUEUES, Text.list(configuration.queues()),
                    "0 to " + (available - 1) + " on " + interfaceName + " (more: " + setChannels(queue + 1) + ")");
            }
        }
        final int bound = configuration.queues().isEmpty() ? available : configuration.queues().size();
        return bound == available
            ? Check.ok("queues", "all " + available + " of " + interfaceName)
            : Check.warn("queues", bound + " of " + available + " of " + interfaceName
                + ": requests on the others go to memcached", "set " + Configuration.QUEUES + "=all, or "
                + setChannels(bound));
    }

    private String setChannels(final int count) {
        return Surroundings.setChannels(interfaceName, Ethtool.channels(interfaceName), count);
    }

    private Check cpus() {
        final int queueCount = queues(configuration).size();
        final List<Integer> cpus = cpus(configuration, queueCount);
        final BitSet allowed = Affinity.allowed();
        if (cpus.size() != queueCount || !cpus.stream().allMatch(allowed::get)) {
            return Check.wrong(Configuration.CPUS, Text.list(cpus),
                "auto, or one CPU for each of the " + queueCount + " queues, out of " + allowed);
        }
        return cpus.stream().distinct().count() == queueCount
            ? Check.ok("CPUs", Text.list(cpus))
            : Check.warn("CPUs", Text.list(cpus) + ": some workers share one", "give each queue its own CPU");
    }

    private Check addresses() {
        final List<String> served = served(interfaceName).stream().map(InetAddress::getHostAddress).toList();
        return served.isEmpty()
            ? Check.fail("addresses", interfaceName + " has none that can be served",
                "ip address add ADDRESS/PREFIX dev " + interfaceName)
            : Check.ok("addresses", Text.list(served));
    }

    /** The interface's own addresses that requests can be sent to from elsewhere. */
    static List<InetAddress> served(final String interfaceName) {
        return Interfaces.addresses(interfaceName).stream()
            .filter(a -> !a.isLinkLocalAddress() && !a.isMulticastAddress()
                && !a.isLoopbackAddress() && !a.isAnyLocalAddress())
            .toList();
    }

    private List<Check> driver() {
        try {
            return KernelVersion.parse(RELEASE)
                .map(kernel -> Drivers.checks(Ethtool.driver(interfaceName), Surroundings.of(configuration, kernel)))
                .orElse(List.of());
        } catch (final NativeException e) {
            return List.of(Check.fail("driver", e.getMessage(), ""));
        }
    }

    private Check program() {
        final int id = XdpProgram.attachedProgram(interfaceName);
        return id == 0
            ? Check.ok("XDP program", "none on " + interfaceName + " yet")
            : Check.fail("XDP program", interfaceName + " has program " + id + " already (bpftool prog show id " + id
                + ")", "stop its owner, or ip link set dev " + interfaceName + " xdp off");
    }

    private static Check tun() {
        return Files.exists(Path.of("/dev/net/tun"))
            ? Check.ok("TUN", "/dev/net/tun")
            : Check.fail("TUN", "/dev/net/tun is missing", "modprobe tun");
    }

    private static Check reversePathFilter() {
        final Path all = Path.of("/proc/sys/net/ipv4/conf/all/rp_filter");
        try {
            final String value = Files.readString(all).strip();
            return "0".equals(value)
                ? Check.ok("rp_filter", "off for all; off for the TUN device")
                : Check.ok("rp_filter", "all=" + value + ": the TUN device gets loose mode (2) and an address");
        } catch (final IOException e) {
            return Check.warn("rp_filter", "cannot read " + all, "mount /proc, or requests handed back may be dropped");
        }
    }

    private static Check metrics(final InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return Check.ok(Configuration.METRICS, Text.endpoint(address));
        } catch (final IOException e) {
            return Check.fail(Configuration.METRICS,
                "cannot listen on " + Text.endpoint(address) + " (" + e.getMessage() + ")",
                "choose another port, or off");
        }
    }

    private Check hugePages() {
        final long needed = (configuration.cacheBytes() >> 21) + 1;
        try {
            for (final String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
                if (line.startsWith("HugePages_Free:")) {
                    final long free = Long.parseLong(line.replaceAll("\\D", ""));
                    return free >= needed
                        ? Check.ok("huge pages", free + " free")
                        : Check.warn("huge pages", free + " reserved and free: transparent ones are used if the kernel"
                            + " has them", "sysctl vm.nr_hugepages=" + (needed + 64) + " for steadier latency");
                }
            }
        } catch (final IOException e) {
            return Check.warn("huge pages", "cannot read /proc/meminfo", "");
        }
        return Check.warn("huge pages", "the kernel has none", "");
    }
}
