package dev.javelin.bench.reflect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Both echo servers, asked by plain sockets of the kernel, which drop what has a wrong checksum. */
@RequiresRoot
@Timeout(120)
class EchoServerTest {
    private static final int PORT = 11211;
    private static final int OTHER_PORT = 11212;
    private static final int LONGEST = 1_400;

    private final VethPair pair = VethPair.create(2);
    private final Random random = new Random(5);
    private EchoServer server;

    private void start(final EchoServer.Kind kind) {
        // Without NAPI the client's end drops what the server's end sends by XDP.
        Command.run("ip", "netns", "exec", pair.clientNamespace(), "ethtool", "-K", VethPair.CLIENT, "gro", "on");
        try (NetworkNamespace _ = pair.enterServer()) {
            server = EchoServer.start(kind, VethPair.SERVER, PORT);
        }
    }

    @AfterEach
    void close() {
        try (pair) {
            if (server != null) {
                server.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "XDP, " + VethPair.SERVER_IPV4, "XDP, " + VethPair.SERVER_IPV6,
        "AF_XDP, " + VethPair.SERVER_IPV4, "AF_XDP, " + VethPair.SERVER_IPV6})
    void shouldSendEveryDatagramBackAsItWasAndCountIt(final EchoServer.Kind kind, final String address)
        throws IOException {
        start(kind);
        int sent = 0;
        for (int source = 0; source < 8; source++) {
            try (NetworkNamespace _ = pair.enterClient(); DatagramSocket client = client(address, PORT)) {
                for (int length = source + 1; length <= LONGEST; length += 7) {
                    final byte[] payload = new byte[length];
                    random.nextBytes(payload);
                    client.send(new DatagramPacket(payload, length));
                    sent++;
                    assertArrayEquals(payload, receive(client), "datagram of " + length + " bytes");
                }
            }
        }
        server.detach();
        assertEquals(sent, server.echoed());
    }

    @ParameterizedTest
    @EnumSource(EchoServer.Kind.class)
    void shouldLeaveOtherPortsToTheKernel(final EchoServer.Kind kind) throws IOException {
        start(kind);
        final byte[] payload = {1, 2, 3};
        try (DatagramSocket listener = listenAt(OTHER_PORT)) {
            try (NetworkNamespace _ = pair.enterClient();
                 DatagramSocket client = client(VethPair.SERVER_IPV4, OTHER_PORT)) {
                client.send(new DatagramPacket(payload, payload.length));
            }
            assertArrayEquals(payload, receive(listener));
        }
        assertTrue(server.passed() >= 1, "passed " + server.passed());
        assertEquals(0, server.echoed());
    }

    /** Two echo servers would else send a datagram to and fro for ever. */
    @ParameterizedTest
    @EnumSource(EchoServer.Kind.class)
    void shouldNotAnswerAnEcho(final EchoServer.Kind kind) throws IOException {
        start(kind);
        final byte[] payload = {1, 2, 3};
        try (DatagramSocket listener = listenAt(PORT)) {
            try (NetworkNamespace _ = pair.enterClient();
                 DatagramSocket client = new DatagramSocket(PORT)) {
                client.connect(new InetSocketAddress(VethPair.SERVER_IPV4, PORT));
                client.send(new DatagramPacket(payload, payload.length));
            }
            assertArrayEquals(payload, receive(listener));
        }
        assertEquals(0, server.echoed());
    }

    private DatagramSocket listenAt(final int port) throws IOException {
        try (NetworkNamespace _ = pair.enterServer()) {
            final DatagramSocket socket = new DatagramSocket(
                new InetSocketAddress(InetAddress.getByName(VethPair.SERVER_IPV4), port));
            socket.setSoTimeout(5_000);
            return socket;
        }
    }

    private static DatagramSocket client(final String address, final int port) throws IOException {
        final DatagramSocket socket = new DatagramSocket();
        socket.connect(new InetSocketAddress(address, port));
        socket.setSoTimeout(5_000);
        return socket;
    }

    private static byte[] receive(final DatagramSocket socket) throws IOException {
        final DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        try {
            socket.receive(packet);
        } catch (final SocketTimeoutException e) {
            throw new AssertionError("nothing came", e);
        }
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }
}
