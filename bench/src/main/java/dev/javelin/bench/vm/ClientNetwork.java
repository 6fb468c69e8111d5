package dev.javelin.bench.vm;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The client's side: a network namespace of this machine, with a tap whose other end is the virtual machine's card. The
 * machine's own network is not touched.
 */
public final class ClientNetwork implements AutoCloseable {
    /** The virtual machine's addresses. */
    public static final String SERVER_IPV4 = "192.0.2.1";
    /** The same of IPv6. */
    public static final String SERVER_IPV6 = "fd00:6a::1";

    static final String SERVER_MAC = "52:54:00:00:00:01";
    static final String TAP = "tap0";
    private static final String CLIENT_MAC = "52:54:00:00:00:02";
    private static final String PREFIX = "javelin-vm-";
    private static final Path NAMESPACES = Path.of("/var/run/netns");

    private final String name = PREFIX + ProcessHandle.current().pid();
    private boolean closed;

    /**
     * Makes it.
     *
     * @param queues of the tap
     * @throws IOException if it cannot be made
     */
    synchronized void open(final int queues) throws IOException {
        if (closed) {
            throw new IOException("interrupted");
        }
        removeLeftOvers();
        Commands.run("ip", "netns", "add", name);
        final List<String> tap = new ArrayList<>(List.of("tuntap", "add", "dev", TAP, "mode", "tap"));
        if (queues > 1) {
            tap.add("multi_queue");
        }
        ip(tap.toArray(String[]::new));
        ip("link", "set", "dev", "lo", "up");
        ip("link", "set", "dev", TAP, "address", CLIENT_MAC);
        ip("address", "add", "192.0.2.2/24", "dev", TAP);
        ip("-6", "address", "add", "fd00:6a::2/64", "dev", TAP, "nodad");
        ip("link", "set", "dev", TAP, "up");
        ip("neighbour", "replace", SERVER_IPV4, "lladdr", SERVER_MAC, "dev", TAP, "nud", "permanent");
        ip("-6", "neighbour", "replace", SERVER_IPV6, "lladdr", SERVER_MAC, "dev", TAP, "nud", "permanent");
    }

    /**
     * The namespace's name, for {@code NetworkNamespace.enter}.
     *
     * @return below /var/run/netns
     */
    public String name() {
        return name;
    }

    /**
     * A command that runs inside.
     *
     * @param command program and arguments
     * @return for a ProcessBuilder
     */
    public List<String> inside(final List<String> command) {
        final List<String> inside = new ArrayList<>(List.of("nsenter", "--net=" + NAMESPACES.resolve(name), "--"));
        inside.addAll(command);
        return inside;
    }

    /** Removes it, with the tap. What ran inside has ended. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            remove(NAMESPACES.resolve(name));
        } catch (final IOException e) {
            System.err.println("vm: " + e.getMessage());
        }
    }

    private void ip(final String... arguments) throws IOException {
        final List<String> command = new ArrayList<>(List.of("ip", "-n", name));
        command.addAll(List.of(arguments));
        Commands.run(command.toArray(String[]::new));
    }

    private static void remove(final Path namespace) throws IOException {
        if (Files.exists(namespace)) {
            Commands.run("ip", "netns", "delete", namespace.getFileName().toString());
        }
    }

    /** A process that was killed has removed nothing. */
    private static void removeLeftOvers() throws IOException {
        if (!Files.isDirectory(NAMESPACES)) {
            return;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(NAMESPACES, PREFIX + "*")) {
            for (final Path namespace : all) {
                final String pid = namespace.getFileName().toString().substring(PREFIX.length());
                if (!Files.exists(Path.of("/proc", pid))) {
                    remove(namespace);
                }
            }
        }
    }
}
