package dev.javelin.afxdp.testing;

import dev.javelin.afxdp.NetworkNamespace;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A throw-away veth pair between two network namespaces of its own, whose names carry this process's id. The server's
 * end is {@link #SERVER} with 192.0.2.1 and fd00:6a::1, the client's {@link #CLIENT} with 192.0.2.2 and fd00:6a::2.
 */
public final class VethPair implements AutoCloseable {
    /** Name of the server's interface. */
    public static final String SERVER = "jv-server";

    /** Name of the client's interface. */
    public static final String CLIENT = "jv-client";

    /** The server's IPv4 address. */
    public static final String SERVER_IPV4 = "192.0.2.1";

    /** The client's IPv4 address. */
    public static final String CLIENT_IPV4 = "192.0.2.2";

    /** The server's IPv6 address. */
    public static final String SERVER_IPV6 = "fd00:6a::1";

    /** The client's IPv6 address. */
    public static final String CLIENT_IPV6 = "fd00:6a::2";

    private static final AtomicInteger NEXT = new AtomicInteger();

    private final String server;
    private final String client;

    private VethPair(final String prefix) {
        server = prefix + "-server";
        client = prefix + "-client";
    }

    /**
     * Makes the namespaces and the pair.
     *
     * @param queues on each end
     * @return up, with addresses
     */
    public static VethPair create(final int queues) {
        final VethPair pair = new VethPair("jvt-" + ProcessHandle.current().pid() + "-" + NEXT.getAndIncrement());
        try {
            pair.build(Integer.toString(queues));
        } catch (final RuntimeException e) {
            pair.close();
            throw e;
        }
        return pair;
    }

    private void build(final String queues) {
        Command.run("ip", "netns", "add", server);
        Command.run("ip", "netns", "add", client);
        Command.run("ip", "-n", server, "link", "add", SERVER, "numrxqueues", queues, "numtxqueues", queues,
            "type", "veth", "peer", "name", CLIENT, "numrxqueues", queues, "numtxqueues", queues, "netns", client);
        bringUp(server, SERVER, SERVER_IPV4, SERVER_IPV6);
        bringUp(client, CLIENT, CLIENT_IPV4, CLIENT_IPV6);
    }

    private static void bringUp(final String namespace, final String device, final String ipv4, final String ipv6) {
        Command.run("ip", "-n", namespace, "link", "set", "lo", "up");
        Command.run("ip", "-n", namespace, "addr", "add", ipv4 + "/24", "dev", device);
        Command.run("ip", "-n", namespace, "addr", "add", ipv6 + "/64", "dev", device, "nodad");
        Command.run("ip", "-n", namespace, "link", "set", device, "up");
    }

    /**
     * Moves the calling thread to the server's namespace.
     *
     * @return the way back
     */
    public NetworkNamespace enterServer() {
        return NetworkNamespace.enter(server);
    }

    /**
     * Moves the calling thread to the client's namespace.
     *
     * @return the way back
     */
    public NetworkNamespace enterClient() {
        return NetworkNamespace.enter(client);
    }

    /**
     * The server's namespace.
     *
     * @return its name, for {@code ip netns}
     */
    public String serverNamespace() {
        return server;
    }

    /**
     * The client's namespace.
     *
     * @return its name, for {@code ip netns}
     */
    public String clientNamespace() {
        return client;
    }

    /** Removes the namespaces, and with them the pair. */
    @Override
    public void close() {
        remove(client);
        remove(server);
    }

    private static void remove(final String namespace) {
        if (Command.run("ip", "netns", "list").lines().anyMatch(line -> line.split(" ")[0].equals(namespace))) {
            Command.run("ip", "netns", "delete", namespace);
        }
    }
}
