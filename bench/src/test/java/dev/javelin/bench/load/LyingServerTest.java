package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A UDP server that lies in one known way on every tenth request; each lie has to be counted in its place.
 */
class LyingServerTest {
    private static final int ITEMS = 50;
    private static final int VERSION = 3;
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(1);
    private static final int WINDOW = 8;
    private static final int LEAST_SENT = 60;

    private final Items items = new Items(16, 20, 60);
    private final Versions versions = new Versions(ITEMS);
    private Engine engine;

    /** How a reply is spoilt. */
    private interface Lie {
        /** Returns the text to send instead, or null for none. */
        String tell(int item, String truth);
    }

    @Test
    void shouldCountHitsWhenTheServerIsHonest() throws Exception {
        Counts counts = run((item, truth) -> truth, 1);
        assertEquals(counts.sent, counts.hits);
        assertEquals(counts.sent, engine.latency().getIntervalHistogram().getTotalCount());
        assertEquals(0, counts.bad() + counts.misses + counts.duplicate + counts.lost);
    }

    @Test
    void shouldCountMisses() throws Exception {
        Counts counts = run((item, truth) -> "END\r\n", 1);
        assertLies(counts, counts.misses);
    }

    @Test
    void shouldCountAWrongByteWhereverItStands() throws Exception {
        for (int fromEnd = 8; fromEnd < 8 + 20; fromEnd++) {
            int position = fromEnd;
            Counts counts = run((item, truth) -> {
                StringBuilder changed = new StringBuilder(truth);
                int at = truth.length() - position;
                changed.setCharAt(at, (char) (changed.charAt(at) ^ 1));
                return changed.toString();
            }, 1);
            // A changed digit of the version is another version's number with this version's bytes.
            assertLies(counts, counts.wrong);
        }
    }

    @Test
    void shouldCountAnotherItemsReplyAsWrong() throws Exception {
        Counts counts = run((item, truth) -> reply((item + 1) % ITEMS, VERSION), 1);
        assertLies(counts, counts.wrong);
    }

    @Test
    void shouldCountWrongFlags() throws Exception {
        Counts counts = run((item, truth) -> truth.replaceFirst(" " + items.flags(item) + " ", " 77777 "), 1);
        assertLies(counts, counts.wrong);
    }

    @Test
    void shouldCountATruncatedReplyAsMalformedWhereverItEnds() throws Exception {
        for (int length : new int[] {0, 1, 5, 6, 7, 20, 30, 40}) {
            Counts counts = run((item, truth) -> truth.substring(0, length), 1);
            assertLies(counts, counts.malformed);
        }
        Counts counts = run((item, truth) -> truth.substring(0, truth.length() - 1), 1);
        assertLies(counts, counts.malformed);
    }

    @Test
    void shouldCountAnOlderVersionAsStale() throws Exception {
        Counts counts = run((item, truth) -> reply(item, VERSION - 1), 1);
        assertLies(counts, counts.stale);
    }

    @Test
    void shouldTakeANewerVersion() throws Exception {
        Counts counts = run((item, truth) -> reply(item, VERSION + 1), 1);
        assertEquals(counts.sent, counts.hits);
    }

    @Test
    void shouldCountASecondReplyAsDuplicate() throws Exception {
        Counts counts = run((item, truth) -> truth, 2);
        assertEquals(counts.sent, counts.hits);
        assertTrue(Math.abs(counts.duplicate - counts.sent / 10) <= 1, "duplicate: " + counts.duplicate);
    }

    @Test
    void shouldCountADroppedReplyAsLost() throws Exception {
        Counts counts = run((item, truth) -> null, 1);
        assertTrue(counts.lost >= WINDOW, "lost: " + counts.lost);
        assertTrue(Math.abs(counts.lost - counts.sent / 10) <= 1, "lost: " + counts.lost + " of " + counts.sent);
        assertEquals(counts.sent, counts.answered + counts.lost);
        assertEquals(counts.answered, counts.hits);
    }

    private static void assertLies(Counts counts, long counted) {
        assertTrue(counts.sent >= LEAST_SENT, "sent: " + counts.sent);
        assertTrue(Math.abs(counted - counts.sent / 10) <= 1, "counted " + counted + " of " + counts.sent);
        assertEquals(counts.sent, counts.answered + counts.lost);
        assertEquals(counts.answered, counts.hits + counted);
    }

    /** The liar's socket. */
    DatagramSocket openServer() throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    }

    /** What is to find the liar out. */
    Transport openTransport(InetSocketAddress server, int connections) throws IOException {
        return new SocketTransport(server, connections);
    }

    private Counts run(Lie lie, int copies) throws Exception {
        for (int item = 0; item < ITEMS; item++) {
            versions.acknowledge(item, VERSION);
        }
        DatagramSocket server = openServer();
        Thread thread = Thread.ofPlatform().daemon().start(() -> serve(server, lie, copies));
        try (Transport transport = openTransport((InetSocketAddress) server.getLocalSocketAddress(), 4)) {
            Workload workload = new Workload("uniform", 0, 1, TIMEOUT_NS, true);
            engine = new Engine(transport, Keys.of(items, ITEMS), items, versions, workload, new SplittableRandom(1));
            Counts counts = engine.run(phase(200));
            // On a machine whose CPUs are busy elsewhere that may have been too short.
            return counts.sent >= LEAST_SENT ? counts : engine.run(phase(3_000));
        } finally {
            server.close();
            thread.join();
        }
    }

    private static Phase phase(long durationMs) {
        return new Phase(System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(durationMs), 0, false, WINDOW);
    }

    private void serve(DatagramSocket server, Lie lie, int copies) {
        DatagramPacket packet = new DatagramPacket(new byte[1_500], 1_500);
        try {
            for (int i = 1; ; i++) {
                packet.setLength(1_500);
                server.receive(packet);
                String request = new String(packet.getData(), 8, packet.getLength() - 8, StandardCharsets.ISO_8859_1);
                int item = Integer.parseInt(request.substring(request.indexOf('-') + 1).strip());
                boolean lies = i % 10 == 0;
                String text = lies ? lie.tell(item, reply(item, VERSION)) : reply(item, VERSION);
                for (int copy = 0; text != null && copy < (lies ? copies : 1); copy++) {
                    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length()).put(packet.getData(), 0, 8)
                        .put(text.getBytes(StandardCharsets.ISO_8859_1));
                    server.send(new DatagramPacket(bytes.array(), bytes.capacity(), packet.getSocketAddress()));
                }
            }
        } catch (IOException closed) {
            // The run is over.
        }
    }

    private String reply(int item, int version) {
        ByteBuffer value = ByteBuffer.allocate(items.valueSize(item));
        items.putValue(value, item, version);
        return "VALUE " + new String(items.key(item), StandardCharsets.ISO_8859_1) + " " + items.flags(item) + " "
            + value.capacity() + "\r\n" + new String(value.array(), StandardCharsets.ISO_8859_1) + "\r\nEND\r\n";
    }
}
