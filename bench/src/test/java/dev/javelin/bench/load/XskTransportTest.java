package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.XdpProgram;
import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * AF_XDP on one end of a veth pair, sockets of the kernel on the other: what the kernel takes has right headers,
 * lengths and checksums, for it throws everything else away.
 */
@RequiresRoot
@Timeout(120)
class XskTransportTest {
    private static final int PORT = 11_211;
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(5);

    /** A pair, a socket of the server's, and the transports of the client's. */
    private static final class Bed implements AutoCloseable {
        final VethPair pair;
        final InetSocketAddress server;
        final DatagramChannel socket;
        List<XskTransport> transports = List.of();

        Bed(String address, int queues) throws IOException {
            pair = VethPair.create(queues);
            server = new InetSocketAddress(InetAddress.getByName(address), PORT);
            try (NetworkNamespace _ = pair.enterServer()) {
                socket = DatagramChannel.open();
                socket.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
                socket.bind(server);
                socket.configureBlocking(false);
            }
        }

        Bed open(int connections, int threads, String... sources) throws IOException {
            try (NetworkNamespace _ = pair.enterClient()) {
                transports = XskTransports.open(server, addresses(sources), connections, threads);
            }
            return this;
        }

        /** The next datagram, at the server. */
        Datagram next() throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(2_048);
            long deadlineNs = System.nanoTime() + WAIT_NS;
            while (System.nanoTime() - deadlineNs < 0) {
                SocketAddress from = socket.receive(bytes);
                if (from != null) {
                    return new Datagram((InetSocketAddress) from, Arrays.copyOf(bytes.array(), bytes.position()));
                }
                Thread.onSpinWait();
            }
            throw new AssertionError("the server has received nothing");
        }

        @Override
        public void close() throws IOException {
            for (XskTransport transport : transports) {
                transport.close();
            }
            socket.close();
            pair.close();
        }
    }

    private record Datagram(InetSocketAddress from, byte[] bytes) {
    }

    private static List<InetAddress> addresses(String... texts) throws IOException {
        InetAddress[] addresses = new InetAddress[texts.length];
        for (int i = 0; i < texts.length; i++) {
            addresses[i] = InetAddress.getByName(texts[i]);
        }
        return List.of(addresses);
    }

    private static byte[] random(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void shouldSendWhatTheKernelTakesOverIpv4() throws Exception {
        shouldSendWhatTheKernelTakes(VethPair.SERVER_IPV4, VethPair.CLIENT_IPV4);
    }

    @Test
    void shouldSendWhatTheKernelTakesOverIpv6() throws Exception {
        shouldSendWhatTheKernelTakes(VethPair.SERVER_IPV6, VethPair.CLIENT_IPV6);
    }

    /** Every payload length up to 300, and the longest, with random bytes: a wrong checksum would be dropped. */
    private void shouldSendWhatTheKernelTakes(String address, String client) throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        try (Bed bed = new Bed(address, 1).open(5, 1)) {
            XskTransport transport = bed.transports.get(0);
            Set<Integer> ports = new HashSet<>();
            int longest = 1_500 - (client.contains(":") ? 40 : 20) - 8;
            for (int length = 0; length <= 301; length++) {
                byte[] sent = random(random, length <= 300 ? length : longest);
                // A place in the buffer that is aligned to nothing.
                UnsafeBuffer buffer = new UnsafeBuffer(new byte[sent.length + 3]);
                buffer.putBytes(3, sent);
                assertTrue(transport.send(length % 5, buffer, 3, sent.length));
                transport.flush();
                Datagram received = bed.next();
                assertEquals(ByteBuffer.wrap(sent), ByteBuffer.wrap(received.bytes()), "length " + sent.length);
                assertEquals(InetAddress.getByName(client), received.from().getAddress());
                ports.add(received.from().getPort());
            }
            assertEquals(5, ports.size(), ports.toString());
            UnsafeBuffer tooLong = new UnsafeBuffer(new byte[longest + 1]);
            assertThrows(IllegalArgumentException.class, () -> transport.send(0, tooLong, 0, longest + 1));
        }
    }

    /** A payload whose sum makes the checksum 0, which must be sent as 0xffff: 0 means none, and IPv6 drops it. */
    @Test
    void shouldSendAllOnesWhenTheChecksumIsZero() throws Exception {
        try (Bed bed = new Bed(VethPair.SERVER_IPV6, 1).open(1, 1)) {
            XskTransport transport = bed.transports.get(0);
            UnsafeBuffer buffer = new UnsafeBuffer(new byte[2]);
            for (int word = 0; word < 65_536; word++) {
                buffer.putShort(0, (short) word);
                while (!transport.send(0, buffer, 0, 2)) {
                    transport.flush();
                }
                if (word % 32 == 31) {
                    transport.flush();
                    for (int i = 31; i >= 0; i--) {
                        assertEquals((short) (word - i), new UnsafeBuffer(bed.next().bytes()).getShort(0));
                    }
                }
            }
        }
    }

    @Test
    void shouldHandEveryReplyToItsThreadAndConnection() throws Exception {
        for (String address : List.of(VethPair.SERVER_IPV4, VethPair.SERVER_IPV6)) {
            for (int threads = 1; threads <= 3; threads++) {
                shouldHandEveryReplyToItsThreadAndConnection(address, threads);
            }
        }
    }

    private void shouldHandEveryReplyToItsThreadAndConnection(String address, int threads) throws Exception {
        int connections = 10;
        int each = 2_000;
        try (Bed bed = new Bed(address, 3).open(connections, threads)) {
            Thread.ofPlatform().daemon().start(() -> echo(bed.socket));
            AtomicIntegerArray received = new AtomicIntegerArray(connections);
            AtomicInteger busy = new AtomicInteger(threads);
            Thread[] clients = new Thread[threads];
            int first = 0;
            for (int i = 0; i < threads; i++) {
                XskTransport transport = bed.transports.get(i);
                int base = first;
                clients[i] = Thread.ofPlatform().start(() -> converse(transport, base, each, received, busy));
                first += transport.connections();
            }
            assertEquals(connections, first);
            for (Thread client : clients) {
                client.join();
            }
            for (int i = 0; i < connections; i++) {
                assertEquals(each, received.get(i),
                    "connection " + i + " over " + address + " with " + threads + " threads: " + received);
            }
            for (XskTransport transport : bed.transports) {
                assertEquals(0, transport.ignored() + transport.overflowed());
            }
        }
    }

    /**
     * Sends numbered requests, 32 at a time, and takes the replies, which must name the connection they came from. A
     * thread that is done goes on for the others, whose replies may arrive at its queues.
     */
    private static void converse(XskTransport transport, int base, int each, AtomicIntegerArray received,
        AtomicInteger busy) {
        UnsafeBuffer request = new UnsafeBuffer(new byte[8]);
        int[] total = new int[1];
        Transport.Receiver receiver = (connection, buffer, offset, length) -> {
            if (length == 8 && buffer.getInt(offset) == base + connection) {
                received.incrementAndGet(base + connection);
            }
            total[0]++;
        };
        int wanted = each * transport.connections();
        long deadlineNs = System.nanoTime() + 4 * WAIT_NS;
        for (int sent = 0; total[0] < wanted && System.nanoTime() - deadlineNs < 0; ) {
            while (sent < wanted && sent - total[0] < 32) {
                int connection = sent % transport.connections();
                request.putInt(0, base + connection);
                request.putInt(4, sent);
                assertTrue(transport.send(connection, request, 0, 8));
                sent++;
            }
            transport.flush();
            transport.receive(receiver, 1);
        }
        busy.decrementAndGet();
        while (busy.get() > 0) {
            transport.receive(receiver, 1);
        }
    }

    private static void echo(DatagramChannel socket) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(2_048);
        try {
            while (true) {
                bytes.clear();
                SocketAddress from = socket.receive(bytes);
                if (from != null) {
                    socket.send(bytes.flip(), from);
                } else {
                    Thread.yield();
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void shouldSendFromEverySourceAddress() throws Exception {
        try (Bed bed = new Bed(VethPair.SERVER_IPV4, 1)) {
            Command.run("ip", "-n", bed.pair.clientNamespace(), "address", "add", "192.0.2.77/24", "dev",
                VethPair.CLIENT);
            bed.open(4, 1, VethPair.CLIENT_IPV4, "192.0.2.77");
            Map<String, Integer> seen = new HashMap<>();
            for (int connection = 0; connection < 4; connection++) {
                assertTrue(bed.transports.get(0).send(connection, new UnsafeBuffer(new byte[9]), 0, 9));
                bed.transports.get(0).flush();
                seen.merge(bed.next().from().getAddress().getHostAddress(), 1, Integer::sum);
            }
            assertEquals(Map.of(VethPair.CLIENT_IPV4, 2, "192.0.2.77", 2), seen);
        }
    }

    @Test
    void shouldKeepItsPortsFromOthers() throws Exception {
        try (Bed bed = new Bed(VethPair.SERVER_IPV4, 1)) {
            try (NetworkNamespace _ = bed.pair.enterClient();
                DatagramSocket taken = new DatagramSocket(new InetSocketAddress(VethPair.CLIENT_IPV4, 32_766))) {
                bed.open(4, 1);
                assertTrue(bed.transports.get(0).send(3, new UnsafeBuffer(new byte[9]), 0, 9));
                bed.transports.get(0).flush();
                int port = bed.next().from().getPort();
                assertEquals(taken.getLocalPort() - 1, port);
                assertThrows(IOException.class, () -> new DatagramSocket(
                    new InetSocketAddress(VethPair.CLIENT_IPV4, port)).close());
            }
        }
    }

    @Test
    void shouldLeaveOtherDatagramsToTheKernel() throws Exception {
        try (Bed bed = new Bed(VethPair.SERVER_IPV4, 1).open(1, 1);
            NetworkNamespace _ = bed.pair.enterClient();
            DatagramSocket other = new DatagramSocket(new InetSocketAddress(VethPair.CLIENT_IPV4, 0))) {
            other.setSoTimeout(5_000);
            bed.socket.send(ByteBuffer.wrap(new byte[] {1, 2, 3}), other.getLocalSocketAddress());
            DatagramPacket packet = new DatagramPacket(new byte[10], 10);
            other.receive(packet);
            assertEquals(3, packet.getLength());
            assertEquals(0, bed.transports.get(0).receive((connection, buffer, offset, length) -> { }, 0));
        }
    }

    @Test
    void shouldLeaveNothingBehind() throws Exception {
        try (Bed bed = new Bed(VethPair.SERVER_IPV4, 2)) {
            for (int i = 0; i < 3; i++) {
                bed.open(8, 2);
                try (NetworkNamespace _ = bed.pair.enterClient()) {
                    assertTrue(XdpProgram.attachedProgram(VethPair.CLIENT) > 0);
                    bed.transports.get(1).close();
                    assertEquals(0, XdpProgram.attachedProgram(VethPair.CLIENT));
                    bed.transports.get(0).close();
                    bed.transports = List.of();
                    assertEquals("", Command.run("ss", "-Hlun"));
                }
            }
        }
    }

    @Test
    void shouldSayInOneLineWhatIsMissing() throws Exception {
        try (Bed bed = new Bed(VethPair.SERVER_IPV4, 1)) {
            assertRefused(bed, "203.0.113.1", 1, "no route to 203.0.113.1");
            assertRefused(bed, VethPair.CLIENT_IPV4, 1, "address of this host");
            assertRefused(bed, "192.0.2.99", 1, "nobody on jv-client answers for 192.0.2.99");
            assertRefused(bed, VethPair.SERVER_IPV4, 2, "ethtool -L jv-client combined 2");
            assertRefused(bed, VethPair.SERVER_IPV4, 1, "ip address add 192.0.2.123", "192.0.2.123");
            bed.open(1, 1);
            assertRefused(bed, VethPair.SERVER_IPV4, 1, "queue 0 of jv-client is held");
        }
    }

    private static void assertRefused(Bed bed, String server, int threads, String words, String... sources)
        throws IOException {
        try (NetworkNamespace _ = bed.pair.enterClient()) {
            IOException e = assertThrows(IOException.class, () -> XskTransports.open(
                new InetSocketAddress(server, PORT), addresses(sources), 2, threads));
            assertTrue(e.getMessage().contains(words), e.getMessage());
            assertTrue(e.getMessage().endsWith("(--sockets uses the kernel's UDP sockets instead)"), e.getMessage());
            assertEquals(1, e.getMessage().lines().count());
        }
    }
}
