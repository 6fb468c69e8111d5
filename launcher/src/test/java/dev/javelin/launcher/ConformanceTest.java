package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

import dev.javelin.afxdp.testing.RequiresRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every answer that a client of Javelin sees is the answer that memcached gives: the same requests go to a memcached
 * that holds the same items and is not accelerated, and the answers are compared byte for byte.
 *
 * <p>Only the framing of a multi-get may differ: memcached 1.6 sends a datagram per hit, each marked "0 of 1", and
 * Javelin one datagram for all of them, so there the texts are compared.
 */
@RequiresRoot
class ConformanceTest {
    private static final int PORT = 11211;
    private static final int REFERENCE_PORT = 11311;
    private static final int MULTI_KEYS = 40;
    private static final int SIZE_LIMIT = 1_400;

    @TempDir
    private static Path directory;
    private static TestBed testBed;
    private static MemcachedUnderTest memcached;
    private static MemcachedUnderTest reference;
    private static JavelinProcessUnderTest javelin;
    private static UdpClient client;
    private static UdpClient client6;
    private static UdpClient referenceClient;

    @BeforeAll
    static void start() throws IOException {
        testBed = TestBed.up(2);
        memcached = MemcachedUnderTest.start(PORT);
        reference = MemcachedUnderTest.start(REFERENCE_PORT);
        javelin = JavelinProcessUnderTest.start(directory);
        try (var _ = testBed.enterClient()) {
            client = new UdpClient(new InetSocketAddress("192.0.2.1", PORT));
            client6 = new UdpClient(new InetSocketAddress("fd00:6a::1", PORT));
            referenceClient = new UdpClient(new InetSocketAddress("192.0.2.1", REFERENCE_PORT));
        }
        for (MemcachedUnderTest server : List.of(memcached, reference)) {
            store(server);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        for (AutoCloseable part : new AutoCloseable[] {client, client6, referenceClient, javelin, memcached, reference,
            testBed}) {
            try {
                if (part != null) {
                    part.close();
                }
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }

    private record Item(String key, long flags, String value) {
    }

    /** Items whose bytes a careless parser or copier would trip over. */
    private static List<Item> items() {
        List<Item> items = new ArrayList<>(List.of(
            new Item("plain", 0, "value"), new Item("k", 1, "one byte"), new Item("elevenbytes", 2, "11"),
            new Item("twelve-bytes", 3, "12"), new Item("K".repeat(250), 4, "250"), new Item("flags", 4294967295L, "f"),
            new Item("empty", 0, ""), new Item("newline", 0, "a\nb"), new Item("ending", 0, "x\r\nEND\r\ny"),
            new Item("ends", 0, "x\r\nEND\r\n"), new Item("zero", 0, "\0\0a\0"),
            new Item("high", 0, "\u00ff\u00fe\u0080"),
            new Item("looks", 0, "VALUE plain 0 5\r\nvalue\r\nEND\r\n"), new Item("\u00e4\u00ff!~", 5, "high key")));
        for (int length = 2; length < 24; length++) {
            items.add(new Item("L".repeat(length), length, "length " + length));
        }
        return items;
    }

    private static void store(MemcachedUnderTest server) throws IOException {
        List<Item> all = new ArrayList<>(items());
        for (int i = 0; i < MULTI_KEYS; i++) {
            all.add(new Item("multi" + i, i, "m" + i));
        }
        for (int size = 0; size <= SIZE_LIMIT; size++) {
            all.add(new Item("size" + size, 0, "s".repeat(size)));
        }
        try (Socket socket = server.connect()) {
            OutputStream out = socket.getOutputStream();
            for (Item item : all) {
                out.write(("set " + item.key + " " + item.flags + " 0 " + item.value.length() + "\r\n" + item.value
                    + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                byte[] stored = socket.getInputStream().readNBytes("STORED\r\n".length());
                assertEquals("STORED\r\n", new String(stored, StandardCharsets.ISO_8859_1));
            }
        }
    }

    static Stream<String> keys() {
        return items().stream().map(Item::key);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void shouldAnswerAHitAsMemcachedDoes(String key) throws IOException {
        warm(client, key);
        long before = javelin.stat("get_hits");
        assertSame(client, "get " + key + "\r\n");
        assertSame(client6, "get " + key + "\r\n");
        JavelinProcessUnderTest.await("both hits were served by Javelin", () -> javelin.stat("get_hits") >= before + 2);
    }

    @Test
    void shouldAnswerEveryValueSizeAsMemcachedDoes() throws IOException {
        long before = javelin.stat("get_hits");
        for (int size = 0; size <= SIZE_LIMIT; size++) {
            String request = "get size" + size + "\r\n";
            // The first answer is memcached's and the next ones, once it is filled, Javelin's: all have to be the same.
            assertSame(client, request);
            assertSame(size % 2 == 0 ? client : client6, request);
        }
        long hits = javelin.stat("get_hits") - before;
        assertTrue(hits > SIZE_LIMIT / 2, "hits served by Javelin: " + hits);
        for (int size = 1_360; size <= SIZE_LIMIT; size++) {
            assertSame(client, "get size" + size + "\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 24, 35})
    void shouldAnswerAMultiGetWhateverPartIsCached(int count) throws IOException {
        List<String> cached = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            cached.add("multi" + i);
            absent.add("absent" + i);
            warm(client, "multi" + i);
        }
        List<String> mixed = new ArrayList<>(cached);
        mixed.set(count / 2, "absent");
        List<String> lastMissing = new ArrayList<>(cached);
        lastMissing.set(count - 1, "absent");
        List<String> reversed = new ArrayList<>(cached);
        Collections.reverse(reversed);
        long before = javelin.stat("get_hits");
        assertSameText("get " + String.join(" ", cached) + "\r\n");
        JavelinProcessUnderTest.await("all keys were served by Javelin", () -> javelin.stat("get_hits") > before);
        for (List<String> keys : List.of(reversed, mixed, lastMissing, absent, Collections.nCopies(count, "multi0"))) {
            assertSameText("get " + String.join(" ", keys) + "\r\n");
        }
    }

    @Test
    void shouldFillTheKeysOfAMultiGetThatWereMissing() throws IOException {
        warm(client, "multi36");
        String request = "get multi36 multi37 multi38 multi39\r\n";
        assertSameText(request);
        long before = javelin.stat("get_hits");
        JavelinProcessUnderTest.await("the rest is filled from the hand-back", () -> {
            try {
                assertSameText(request);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return javelin.stat("get_hits") > before;
        });
    }

    static Stream<String> oddRequests() {
        return Stream.of("get absent\r\n", "get plain \r\n", "get  plain\r\n", "get plain\n", "GET plain\r\n",
            "get plain\r\nget k\r\n", "get\r\n", "get \r\n", " get plain\r\n", "get " + "x".repeat(251) + "\r\n",
            "get plain " + "x".repeat(251) + "\r\n", "gets plain\r\n", "gat 0 plain\r\n", "gats 0 plain\r\n",
            "set udp 7 0 3\r\nabc\r\n", "get udp\r\n", "delete udp\r\n", "mg plain v\r\n", "mn\r\n",
            "version\r\n", "bogus\r\n", "get plain\r\r\n", "get pl\tain\r\n", "get plain\0\r\n",
            "get plain k flags\r\n",
            "get plain\r\n\r\n", "get plain  k\r\n", "touch plain 0\r\n", "incr plain 1\r\n");
    }

    @ParameterizedTest
    @MethodSource("oddRequests")
    void shouldLeaveToMemcachedWhatItDoesNotServe(String request) throws IOException {
        warm(client, "plain");
        warm(client, "k");
        assertSameText(request);
        assertSameText(request);
    }

    @Test
    void shouldStaySilentWhenARequestIsOneOfTwoDatagrams() throws IOException {
        warm(client, "plain");
        assertEquals(List.of(), client.expectSilence(UdpClient.datagram(1, 0, 2, 0, "get plain\r\n")));
        assertEquals(List.of(), client.expectSilence(UdpClient.datagram(1, 0, 0, 0, "get plain\r\n")));
    }

    @Test
    void shouldAnswerOddFrameHeadersAsMemcachedDoes() throws IOException {
        warm(client, "plain");
        for (int[] header : new int[][] {{0, 0, 0}, {0xffff, 0, 0}, {5, 1, 0}, {6, 0, 1}, {7, 0xffff, 0xffff}}) {
            byte[] datagram = UdpClient.datagram(header[0], header[1], 1, header[2], "get plain\r\n");
            assertEquals(hex(referenceClient.exchange(datagram)), hex(client.exchange(datagram)));
        }
    }

    @Test
    void shouldLeaveTheBinaryProtocolToMemcached() throws IOException {
        byte[] get = HexFormat.of().parseHex("0001000000010000"
            + "800000050000000000000005000000000000000000000000"
            + HexFormat.of().formatHex("plain".getBytes(StandardCharsets.US_ASCII)));
        List<byte[]> expected = referenceClient.exchange(get);
        List<byte[]> actual = client.exchange(get);
        assertEquals(1, expected.size());
        // Bytes 16 to 23 of a binary reply are the CAS, which two servers count apart.
        assertEquals(hex(expected).getFirst().substring(0, 32), hex(actual).getFirst().substring(0, 32));
        assertEquals(expected.getFirst().length, actual.getFirst().length);
    }

    private static void assertSame(UdpClient asked, String request) throws IOException {
        byte[] datagram = asked.request(request);
        assertEquals(hex(referenceClient.exchange(datagram)), hex(asked.exchange(datagram)), request);
    }

    private static void assertSameText(String request) throws IOException {
        byte[] datagram = client.request(request);
        assertEquals(UdpClient.text(referenceClient.exchange(datagram)), UdpClient.text(client.exchange(datagram)),
            request);
    }

    private static List<String> hex(List<byte[]> answer) {
        return answer.stream().map(HexFormat.of()::formatHex).toList();
    }

    /** Asks for a key until Javelin has it and serves it. */
    private static void warm(UdpClient asked, String key) throws IOException {
        asked.ask("get " + key + "\r\n");
        long before = javelin.stat("get_hits");
        JavelinProcessUnderTest.await("Javelin serves " + key, () -> {
            try {
                asked.ask("get " + key + "\r\n");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return javelin.stat("get_hits") > before;
        });
    }
}
