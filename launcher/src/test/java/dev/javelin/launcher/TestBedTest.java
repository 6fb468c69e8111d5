package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.javelin.afxdp.Interfaces;
import dev.javelin.afxdp.testing.RequiresRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** scripts/testbed, and what doctor says inside it. */
@RequiresRoot
class TestBedTest {
    private static final int TIMEOUT_MS = 5000;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "fd00:6a::1"})
    void shouldCarryDatagramsFromClientToServerAtOnceWhenUp(final String address) throws IOException {
        try (TestBed testBed = TestBed.up(3)) {
            final DatagramSocket server;
            try (var _ = testBed.enterServer()) {
                assertEquals(3, Interfaces.queues(TestBed.SERVER_INTERFACE));
                server = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), 11211));
            }
            final DatagramSocket client;
            try (var _ = testBed.enterClient()) {
                client = new DatagramSocket();
            }
            try (server; client) {
                final byte[] sent = {1, 2, 3};
                client.send(new DatagramPacket(sent, sent.length, server.getLocalSocketAddress()));
                server.setSoTimeout(TIMEOUT_MS);
                final DatagramPacket received = new DatagramPacket(new byte[3], 3);
                server.receive(received);
                assertArrayEquals(sent, received.getData());
            }
        }
    }

    @Test
    void shouldLeaveWhatStandsWhenUpIsRepeated() {
        try (TestBed testBed = TestBed.up(2)) {
            final int before;
            try (var _ = testBed.enterServer()) {
                before = Interfaces.index(TestBed.SERVER_INTERFACE);
            }
            assertTrue(TestBed.script("up", "--queues", "2").contains("up already"));
            try (var _ = testBed.enterServer()) {
                assertEquals(before, Interfaces.index(TestBed.SERVER_INTERFACE));
            }
        }
    }

    @Test
    void shouldNameTheProcessThatSitsInANamespaceWhenTakenDown() throws IOException, InterruptedException {
        try (var _ = TestBed.up(2)) {
            final Process sleeper = new ProcessBuilder(
                "nsenter", "--net=/var/run/netns/" + TestBed.CLIENT, "--", "sleep", "60").start();
            try {
                final long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
                while (!sleeper.info().command().orElse("").endsWith("sleep")) {
                    assertTrue(System.nanoTime() < deadlineNs, "sleep did not start");
                    Thread.onSpinWait();
                }
                final ProcessResult refused = TestBed.run("up", "--queues", "4");
                assertEquals(1, refused.exitCode());
                assertTrue(TestBed.script("down").contains(
                    "process " + sleeper.pid() + " still sits in " + TestBed.CLIENT), "named");
                assertFalse(Files.exists(Path.of("/var/run/netns", TestBed.CLIENT)));
            } finally {
                sleeper.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void shouldExitWithTwoWhenTheUsageIsWrong() {
        for (final List<String> arguments : List.of(
            List.<String>of(), List.of("sideways"), List.of("up", "--queues", "0"), List.of("up", "--queues", "65"),
            List.of("up", "--queues"), List.of("down", "now"))) {
            assertEquals(2, TestBed.run(arguments.toArray(String[]::new)).exitCode(), arguments.toString());
        }
    }

    @Test
    void shouldSayWhichQueuesThereAreWhenDoctorFindsTooFew() throws IOException {
        final Path config = directory.resolve("javelin.properties");
        Files.writeString(config, "javelin.interface=jv-server\njavelin.coherence=max-age\njavelin.queues=7\n"
            + "javelin.memcached=192.0.2.1:11211\n");
        try (var _ = TestBed.up(2)) {
            final ProcessResult result = ProcessResult.of(JavelinCommand.of(
                JavelinCommand.inNamespace(TestBed.SERVER), "doctor", "--config", config.toString()));
            assertEquals(2, result.exitCode(), result.err());
            assertTrue(result.out().contains("OK    link: jv-server is up"), result.out());
            assertTrue(result.out().contains("OK    addresses: 192.0.2.1,fd00:6a:0:0:0:0:0:1"), result.out());
            assertTrue(result.out().contains("WRONG javelin.queues: 7"), result.out());
            assertTrue(result.out().contains("0 to 1 on jv-server (more: ethtool -L jv-server rx 8 tx 8)"),
                result.out());
            assertTrue(result.out().contains("OK    driver: veth: tested"), result.out());
            assertTrue(result.out().contains("OK    MTU: 1500"), result.out());
        }
    }
}
