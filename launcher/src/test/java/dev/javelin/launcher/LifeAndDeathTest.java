package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.RequiresRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What clients see when a process is stopped, hangs, dies or cannot start: the truth, at worst more slowly.
 */
@RequiresRoot
class LifeAndDeathTest {
    private static final int PORT = 11211;
    private static final int REQUESTS = 20;
    private static final String ANSWER = "VALUE key 7 5\r\nvalue\r\nEND\r\n";
    /** Far beyond the heartbeat's limit. */
    private static final long HANG_MS = 200;

    @TempDir
    private Path directory;
    private TestBed testBed;
    private MemcachedUnderTest memcached;
    private UdpClient client;

    @BeforeEach
    void start() throws IOException {
        testBed = TestBed.up(2);
        memcached = MemcachedUnderTest.start(PORT);
        memcached.set("key", 7, "value");
        try (var _ = testBed.enterClient()) {
            client = new UdpClient(new InetSocketAddress("192.0.2.1", PORT));
        }
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        memcached.close();
        testBed.close();
    }

    @Test
    void shouldAnswerHitsWhileMemcachedIsStopped() throws Exception {
        try (JavelinProcessUnderTest javelin = JavelinProcessUnderTest.start(directory)) {
            warm(javelin);
            memcached.signal("STOP");
            long before = javelin.stat("get_hits");
            assertAllAnswered();
            assertEquals(REQUESTS, javelin.stat("get_hits") - before);
            memcached.signal("CONT");
            assertEquals(0, javelin.stat("frames_lost"));
        }
    }

    @Test
    void shouldShowHitsHereAndInMemcachedTogether() throws Exception {
        try (JavelinProcessUnderTest javelin = JavelinProcessUnderTest.start(directory)) {
            warm(javelin);
            assertAllAnswered();
            for (int i = 0; i < REQUESTS; i++) {
                assertEquals("VALUE key 7 5", memcached.command("get key"));
            }
            // Each of the clients' gets found the value: those here, those over TCP, and those before the first fill.
            JavelinProcessUnderTest.await("memcached is sampled", () ->
                javelin.stat("memcached_get_hits") >= REQUESTS + javelin.stat("fills"));
            long merged = javelin.stat("merged_get_hits");
            assertTrue(merged >= javelin.stat("get_hits") + REQUESTS, merged + " merged");
            assertTrue(merged <= javelin.stat("get_hits") + javelin.stat("memcached_get_hits"), merged + " merged");
        }
    }

    @Test
    void shouldLeaveEveryRequestToMemcachedWhileItHangsAndServeAgainAfterwards() throws Exception {
        try (JavelinProcessUnderTest javelin = JavelinProcessUnderTest.start(directory)) {
            warm(javelin);
            javelin.signal("STOP");
            TimeUnit.MILLISECONDS.sleep(HANG_MS);
            assertAllAnswered();
            javelin.signal("CONT");
            warm(javelin);
        }
    }

    @Test
    void shouldLeaveNothingBehindWhenKilled() throws Exception {
        try (JavelinProcessUnderTest javelin = JavelinProcessUnderTest.start(directory)) {
            warm(javelin);
            assertTrue(links().contains("xdp"), "the program is on the interface while it runs");
            assertTrue(links().contains("javelin0"), links());
        }
        assertAllAnswered();
        assertFalse(links().contains("xdp"), links());
        assertFalse(links().contains("javelin"), links());
        try (JavelinProcessUnderTest next = JavelinProcessUnderTest.start(directory)) {
            warm(next);
        }
    }

    @Test
    void shouldEndCleanlyOnSigterm() throws Exception {
        try (JavelinProcessUnderTest javelin = JavelinProcessUnderTest.start(directory)) {
            warm(javelin);
            javelin.signal("TERM");
            assertEquals(0, javelin.exitCode());
            assertAllAnswered();
            assertFalse(links().contains("xdp") || links().contains("javelin"), links());
            assertTrue(CountersSnapshot.all(CountersLayout.DIRECTORY).isEmpty());
        }
    }

    @Test
    void shouldEmptyTheCacheWhenMemcachedDiesAndServeTheNextOne() throws Exception {
        try (JavelinProcessUnderTest javelin = JavelinProcessUnderTest.start(directory)) {
            warm(javelin);
            memcached.kill();
            JavelinProcessUnderTest.await("the cache is empty", () -> javelin.stat("cache_items") == 0);
            assertThrows(PortUnreachableException.class, () -> client.ask("get key\r\n"), "the kernel has the request");
            memcached.start();
            memcached.set("key", 7, "other");
            JavelinProcessUnderTest.await("memcached is asked again", () -> javelin.stat("memcached_connected") == 1);
            assertEquals("VALUE key 7 5\r\nother\r\nEND\r\n", client.ask("get key\r\n"));
            memcached.set("key", 7, "value");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "2|-Djavelin.interface=nowhere0|javelin.interface", "2|-Djavelin.queues=7|javelin.queues",
        "2|-Djavelin.port=0|javelin.port", "2|-Djavelin.bogus=1|javelin.bogus",
        "1|-Djavelin.memcached=192.0.2.1:9|192.0.2.1:9", "1|-Djavelin.metrics=192.0.2.1:11999|javelin.metrics"})
    void shouldSayInOneLineWhyItDoesNotStart(int exitCode, String override, String named) throws IOException {
        try (var _ = NetworkNamespace.enter(TestBed.SERVER);
            ServerSocket taken = new ServerSocket(11_999, 1, InetAddress.getByName("192.0.2.1"))) {
            ProcessResult result = run(List.of(), override);
            assertEquals(exitCode, result.exitCode(), result.err());
            assertEquals(1, result.err().lines().count(), result.err());
            assertTrue(result.err().contains(named), result.err() + taken);
        }
    }

    @Test
    void shouldSayWhatItPromises() throws Exception {
        try (JavelinProcessUnderTest javelin = JavelinProcessUnderTest.start(directory)) {
            assertTrue(javelin.readyLine().contains("a hit is never stale"), javelin.readyLine());
        }
        try (JavelinProcessUnderTest javelin =
                 JavelinProcessUnderTest.start(directory, "-Djavelin.coherence=max-age", "-Djavelin.max.age=7s")) {
            assertTrue(javelin.readyLine().contains("a hit may be up to 7 s old"), javelin.readyLine());
            String shown = ProcessResult.of(JavelinCommand.of(List.of(), "stat", "--json")).out();
            assertTrue(shown.contains("\"promise\":\"a hit may be up to 7 s old\""), shown);
        }
    }

    @Test
    void shouldRefuseToStartWithoutAWriteTable() throws IOException {
        assertRefused("-Djavelin.write.table=/nowhere/table", "/nowhere/table is not there");
        assertRefused("-Djavelin.write.table=/etc/hostname", "/etc/hostname cannot be used");
        memcached.close();
        Path stock = Path.of(System.getProperty("javelin.root"), ".build", "memcached", "stock", "memcached");
        memcached = MemcachedUnderTest.start(stock, "192.0.2.1", PORT);
        assertRefused("-Djavelin.write.table=auto", "memcached at 192.0.2.1:11211 has none");
    }

    private void assertRefused(String override, String why) throws IOException {
        ProcessResult result = run(List.of(), override);
        assertEquals(1, result.exitCode(), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("write table") && result.err().contains(why), result.err());
        assertTrue(result.err().contains("javelin.coherence=max-age"), "what else could be done: " + result.err());
    }

    @Test
    void shouldSayInOneLineThatPrivilegesAreMissing() throws IOException {
        ProcessResult result = run(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
        assertEquals(1, result.exitCode(), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("CAP_"), result.err());
    }

    private ProcessResult run(List<String> prefix, String... overrides) throws IOException {
        Path file = Files.writeString(directory.resolve("run.properties"), """
            javelin.interface = jv-server
            javelin.memcached = 192.0.2.1:11211
            """);
        List<String> before = new ArrayList<>(JavelinCommand.inNamespace(TestBed.SERVER));
        before.addAll(prefix);
        List<String> command = JavelinCommand.of(before, "run", "--config", file.toString());
        command.addAll(List.of(overrides));
        return ProcessResult.of(command);
    }

    private void warm(JavelinProcessUnderTest javelin) {
        long before = javelin.stat("get_hits");
        JavelinProcessUnderTest.await("Javelin serves the key", () -> {
            assertEquals(ANSWER, ask());
            return javelin.stat("get_hits") > before;
        });
    }

    private void assertAllAnswered() {
        for (int i = 0; i < REQUESTS; i++) {
            assertEquals(ANSWER, ask(), "request " + i);
        }
    }

    private String ask() {
        try {
            return client.ask("get key\r\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String links() {
        List<String> command = new ArrayList<>(JavelinCommand.inNamespace(TestBed.SERVER));
        command.addAll(List.of("ip", "-o", "link"));
        // The lines of the namespace's veth end may hold its peer's namespace by name.
        return ProcessResult.of(command).out().replace("link-netns javelin-client", "");
    }
}
