package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.launcher.JavelinProcessUnderTest;
import dev.javelin.launcher.MemcachedUnderTest;
import dev.javelin.launcher.ProcessResult;
import dev.javelin.launcher.TestBed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every command that may change an item, over every transport and from every place: while Javelin serves the key the
 * change is made and acknowledged, and from then on nobody is told the old value, and Javelin serves the new one soon.
 *
 * <p>Not in the matrix: a UNIX socket. A memcached that listens on one listens nowhere else (memcached.c, main(): TCP
 * and UDP sockets are opened only if there is no socket path), so Javelin has nothing to serve or to fill from there.
 * {@link UnixSocketTest} shows that the write table witnesses what comes through it.
 */
@RequiresRoot
class MatrixTest {
    private static final String OTHER_ADDRESS = "198.51.100.1";
    private static final int TLS_PORT = 11212;

    @TempDir
    private static Path directory;
    private static CoherenceBed bed;
    private static TestCertificate certificate;
    private static TextPipeline control;
    private static List<UdpGetter> getters;
    private static List<Change> changes;
    private static int cells;

    private final Map<String, Way> ways = new LinkedHashMap<>();

    @BeforeAll
    static void start() throws IOException {
        certificate = TestCertificate.create(directory);
        bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK, MatrixTest::startMemcached);
        control = new TextPipeline(bed.memcached().connect());
        changes = Changes.all(control.ask(Changes.TOMBSTONE_PROBE));
        getters = List.of(
            UdpGetter.inClient(bed, CoherenceBed.ADDRESS), UdpGetter.inClient(bed, CoherenceBed.ADDRESS6));
    }

    private static MemcachedUnderTest startMemcached() throws IOException {
        for (String command : List.of(
            "ip link add name jv-other netns javelin-server type veth peer name jv-other-peer netns javelin-client",
            "ip -n javelin-server address add 198.51.100.1/24 dev jv-other",
            "ip -n javelin-client address add 198.51.100.2/24 dev jv-other-peer",
            "ip -n javelin-server link set dev jv-other up", "ip -n javelin-client link set dev jv-other-peer up")) {
            ProcessResult result = ProcessResult.of(command.split(" "));
            assertEquals(0, result.exitCode(), result.err());
        }
        String plain = "notls:%s:11211";
        String listen = String.join(",", plain.formatted(CoherenceBed.ADDRESS),
            plain.formatted("[" + CoherenceBed.ADDRESS6 + "]"), plain.formatted("127.0.0.1"),
            plain.formatted(OTHER_ADDRESS), CoherenceBed.ADDRESS + ":" + TLS_PORT);
        List<String> options = new ArrayList<>(Changes.itemLimit(CoherenceBed.MEMCACHED));
        options.addAll(List.of("-Z", "-o", certificate.memcachedOption()));
        return MemcachedUnderTest.start(CoherenceBed.MEMCACHED, listen, CoherenceBed.PORT,
            options.toArray(String[]::new));
    }

    @AfterAll
    static void stop() throws IOException {
        System.out.println("matrix: " + cells + " cells");
        List<AutoCloseable> parts = new ArrayList<>(getters);
        parts.addAll(List.of(control, bed));
        CoherenceBed.closeAll(parts);
    }

    MatrixTest() {
        ways.put("TCP from the client", Way.tcp(() -> clientSocket(CoherenceBed.ADDRESS)));
        ways.put("TCP over IPv6", Way.tcp(() -> clientSocket(CoherenceBed.ADDRESS6)));
        ways.put("TCP from the server", Way.tcp(() -> serverSocket(CoherenceBed.ADDRESS)));
        ways.put("TCP over loopback", Way.tcp(() -> serverSocket("127.0.0.1")));
        ways.put("TCP through another interface", Way.tcp(() -> clientSocket(OTHER_ADDRESS)));
        ways.put("TLS from the client",
            Way.tcp(() -> certificate.secure(bed.connectFromClient(CoherenceBed.ADDRESS, TLS_PORT))));
        ways.put("UDP from the client", udp(TestBed.CLIENT, CoherenceBed.ADDRESS));
        ways.put("UDP over IPv6", udp(TestBed.CLIENT, CoherenceBed.ADDRESS6));
        ways.put("UDP from the server", udp(TestBed.SERVER, CoherenceBed.ADDRESS));
        ways.put("UDP over loopback", udp(TestBed.SERVER, "127.0.0.1"));
        ways.put("UDP through another interface", udp(TestBed.CLIENT, OTHER_ADDRESS));
    }

    private static Socket clientSocket(String address) throws IOException {
        return bed.connectFromClient(address, CoherenceBed.PORT);
    }

    private static Socket serverSocket(String address) throws IOException {
        try (var _ = NetworkNamespace.enter(TestBed.SERVER)) {
            Socket socket = new Socket();
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(address, CoherenceBed.PORT), Way.TIMEOUT_MS);
            return socket;
        }
    }

    private static Way udp(String namespace, String address) {
        return Way.udp(() -> {
            try (var _ = NetworkNamespace.enter(namespace)) {
                return new DatagramSocket();
            }
        }, address, CoherenceBed.PORT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCP from the client", "TCP over IPv6", "TCP from the server", "TCP over loopback",
        "TCP through another interface", "TLS from the client", "UDP from the client", "UDP over IPv6",
        "UDP from the server", "UDP over loopback", "UDP through another interface"})
    void shouldNeverServeAnOlderValueAfterAnAcknowledgedChange(String name) throws IOException {
        Way way = ways.get(name);
        List<String> failed = new ArrayList<>();
        for (Change change : changes) {
            String key = "cell-" + cells++;
            String wrong = tryCell(way, change, key, getters.get(cells % getters.size()));
            if (wrong != null) {
                failed.add(name + ", " + change.name() + ": " + wrong);
            }
        }
        assertTrue(failed.isEmpty(), failed.size() + " of " + changes.size() + " failed:\n"
            + String.join("\n", failed));
    }

    /** Returns what is wrong, or null. */
    private static String tryCell(Way way, Change change, String key, UdpGetter getter) throws IOException {
        assertEquals("STORED", control.ask("set " + key + " 7 0 " + Change.BEFORE.length() + "\r\n" + Change.BEFORE));
        String[] gets = control.ask("gets " + key).split(" ");
        control.data(Change.BEFORE.length());
        assertEquals("END", control.line());
        getter.warm(key, Change.UNCHANGED);
        try {
            way.ask(change.request().apply(key, Long.parseLong(gets[4])));
        } catch (IOException e) {
            return "not acknowledged: " + e;
        }
        String found = getter.get(key);
        String inMemcached = get(key);
        if (!same(change.expected(), inMemcached)) {
            return "the change itself left " + inMemcached + " in memcached instead of " + change.expected();
        }
        if (!same(found, inMemcached)) {
            return "a GET over UDP got " + found + ", memcached has " + inMemcached;
        }
        try {
            if (inMemcached == null) {
                assertEquals("STORED", control.ask("set " + key + " 0 0 5\r\nafter"));
                getter.warm(key, "after/0");
            } else if (change.cached()) {
                getter.warm(key, inMemcached);
            } else if (getter.isServed(key, inMemcached)) {
                return "Javelin serves what is stale or a placeholder";
            }
        } catch (AssertionError e) {
            return "afterwards: " + e.getMessage();
        }
        return null;
    }

    /** A number updated in place is padded with spaces, and one of which a reply still held the item is not. */
    static boolean same(String one, String other) {
        return one == null || other == null ? one == other : one.replace(" ", "").equals(other.replace(" ", ""));
    }

    private static String get(String key) throws IOException {
        String line = control.ask("get " + key);
        if (line.equals("END")) {
            return null;
        }
        String[] words = line.split(" ");
        String value = control.data(Integer.parseInt(words[3]));
        assertEquals("END", control.line());
        return value + "/" + words[2];
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCP from the client", "UDP from the client"})
    void shouldNotServeWhatADelayedFlushHasEnded(String name) throws IOException {
        for (Change flush : List.of(Change.text("flush_all 2", null), Change.binary("flush in two seconds",
            BinaryPipeline.FLUSH, BinaryPipeline.exptimeExtras(2), "", false, null))) {
            String key = "cell-" + cells++;
            // To ask memcached for what a flush has ended is to have it removed, so it is asked for another key.
            for (String stored : List.of(key, key + "-witness")) {
                assertEquals("STORED", control.ask("set " + stored + " 7 0 4\r\n" + Change.BEFORE));
            }
            getters.getFirst().warm(key, Change.UNCHANGED);
            ways.get(name).ask(flush.request().apply(key, 0L));
            long startNs = System.nanoTime();
            boolean gone = false;
            while (!gone) {
                gone = get(key + "-witness") == null;
                String found = getters.getFirst().get(key);
                assertTrue(!gone || found == null, "after the flush Javelin has " + found);
                assertTrue(System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(5), "the flush does not come");
            }
            awaitEndOfFlush();
            assertEquals("STORED", control.ask("set " + key + " 0 0 5\r\nafter"));
            getters.getFirst().warm(key, "after/0");
        }
    }

    /** In the second in which a delayed flush comes due memcached drops what is set in it as well. */
    private static void awaitEndOfFlush() {
        JavelinProcessUnderTest.await("memcached keeps what is set", () -> {
            try {
                control.ask("set probe 0 0 1\r\n1");
                return get("probe") != null;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }
}
