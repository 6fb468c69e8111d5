package dev.javelin.bench.load;

import dev.javelin.afxdp.Interfaces;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The way to a server as the kernel would take it, in the calling thread's network namespace: what AF_XDP needs to know
 * to write whole frames. The kernel is asked by iproute2's {@code ip}, whose answers are the same for IPv4 and IPv6.
 *
 * @param server        address and port.
 * @param interfaceName through which it is reached.
 * @param source        our address on the way there.
 * @param hardware      our own MAC address, 6 bytes.
 * @param nextHop       MAC address of the server, or of the router to it, 6 bytes.
 * @param mtu           longest IP packet in bytes.
 */
record Route(
    InetSocketAddress server, String interfaceName, InetAddress source, byte[] hardware, byte[] nextHop, int mtu) {
    private static final long NEIGHBOUR_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long NEIGHBOUR_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int DISCARD_PORT = 9;

    /**
     * Looks the way up, and has the kernel resolve the next hop if it does not know it yet.
     *
     * @throws IOException in one line: why AF_XDP cannot reach the server, and how to mend it.
     */
    static Route to(InetSocketAddress server) throws IOException {
        String host = server.getAddress().getHostAddress();
        String answer = ip("route", "get", host);
        String interfaceName = word(answer, "dev");
        String source = word(answer, "src");
        if (interfaceName == null || source == null) {
            throw new IOException("there is no route to " + host + ": ip route get " + host + " says: " + answer);
        }
        if (answer.startsWith("local ")) {
            throw new IOException(host + " is an address of this host: AF_XDP needs a server behind an interface");
        }
        if (!Interfaces.carrier(interfaceName)) {
            throw new IOException(interfaceName + " is down: ip link set " + interfaceName + " up");
        }
        String hop = word(answer, "via");
        return new Route(server, interfaceName, InetAddress.getByName(source),
            Interfaces.hardwareAddress(interfaceName), neighbour(server, hop == null ? host : hop, interfaceName),
            Interfaces.mtu(interfaceName));
    }

    private static byte[] neighbour(InetSocketAddress server, String hop, String interfaceName) throws IOException {
        long deadlineNs = System.nanoTime() + NEIGHBOUR_TIMEOUT_NS;
        try (DatagramSocket socket = new DatagramSocket()) {
            while (true) {
                String address = word(ip("neigh", "show", "to", hop, "dev", interfaceName), "lladdr");
                if (address != null) {
                    return hardwareAddress(address, interfaceName);
                }
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IOException("nobody on " + interfaceName + " answers for " + hop
                        + ": is the server's host up (ping " + hop + ")?");
                }
                // Any datagram makes the kernel look for the next hop; this port is there to throw it away.
                socket.send(new DatagramPacket(new byte[1], 1, server.getAddress(), DISCARD_PORT));
                LockSupport.parkNanos(NEIGHBOUR_PAUSE_NS);
            }
        }
    }

    private static byte[] hardwareAddress(String address, String interfaceName) throws IOException {
        try {
            byte[] bytes = HexFormat.ofDelimiter(":").parseHex(address);
            if (bytes.length == 6) {
                return bytes;
            }
        } catch (IllegalArgumentException notAMac) {
            // Some links have addresses of another kind.
        }
        throw new IOException(interfaceName + " is no Ethernet interface: its neighbours have addresses as " + address);
    }

    /** Returns the word behind a name, or null. */
    private static String word(String answer, String name) {
        String[] words = answer.split("\\s+");
        for (int i = 0; i + 1 < words.length; i++) {
            if (words[i].equals(name)) {
                return words[i + 1];
            }
        }
        return null;
    }

    /** A child process lives in the namespace of the thread that starts it, whatever the process's own is. */
    private static String ip(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 2];
        command[0] = "ip";
        command[1] = "-oneline";
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            try (InputStream output = process.getInputStream()) {
                return new String(output.readAllBytes(), StandardCharsets.UTF_8).strip();
            }
        } catch (IOException e) {
            throw new IOException("ip is needed to find the way to the server: apt-get install iproute2", e);
        }
    }
}
