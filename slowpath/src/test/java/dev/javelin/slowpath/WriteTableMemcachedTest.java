package dev.javelin.slowpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.fastpath.WriteTable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What memcached-sr writes into its table, seen from outside.
 */
@RequiresRoot
class WriteTableMemcachedTest {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int SLOTS = 1 << 18;
    private static final int GROUPS = 4_096;
    private static final int GROUPS_OFFSET = 4_096;

    @TempDir
    private Path directory;
    private Path file;
    private MemcachedProcess memcached;
    private WriteTable table;

    @BeforeEach
    void start() throws IOException {
        file = directory.resolve("table");
        memcached = MemcachedProcess.with(List.of("-l", "127.0.0.1", "-o", "write_table=" + file));
        table = open();
    }

    @AfterEach
    void stop() {
        memcached.close();
    }

    private WriteTable open() throws IOException {
        assertEquals(file.toString(), setting("write_table"));
        return WriteTableLink.open(file, setting("write_table_instance"));
    }

    @Test
    void shouldChangeTheSlotThatJavaExpectsForKeysOfAnyLengthAndAnyBytes() throws IOException {
        Random random = new Random(5);
        try (Socket socket = new Socket("127.0.0.1", memcached.port())) {
            for (int length = 1; length <= 250; length++) {
                byte[] key = new byte[length];
                random.nextBytes(key);
                long[] before = words();
                binarySet(socket, key);
                int slot = table.slot(new UnsafeBuffer(key), 0, length);
                long[] after = words();
                for (int i = 0; i < SLOTS; i++) {
                    assertEquals(before[i] + (i == slot ? 1 << 16 : 0), after[i], "slot " + i + ", length " + length);
                }
            }
        }
    }

    private long[] words() {
        long[] words = new long[SLOTS];
        for (int i = 0; i < SLOTS; i++) {
            words[i] = table.slotWord(i);
        }
        return words;
    }

    private static void binarySet(Socket socket, byte[] key) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(24 + 8 + key.length + 1);
        packet.put((byte) 0x80).put((byte) 1).putShort((short) key.length).put((byte) 8).put((byte) 0)
            .putShort((short) 0).putInt(8 + key.length + 1).putInt(0).putLong(0).putLong(0).put(key).put((byte) 'v');
        binaryRequest(socket, packet);
    }

    private static void binaryRequest(Socket socket, ByteBuffer packet) throws IOException {
        socket.getOutputStream().write(packet.array());
        byte[] reply = new byte[24];
        new DataInputStream(socket.getInputStream()).readFully(reply);
        assertEquals(0, reply[6] << 8 | reply[7], "status");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
        "set key 0 0 1~x, STORED", "replace key 0 0 1~x, STORED", "append key 0 0 1~1, STORED",
        "prepend key 0 0 1~1, STORED", "incr key 1, 6", "incr key 10, 15", "decr key 1, 4", "delete key, DELETED",
        "touch key 100, TOUCHED", "gat 100 key, VALUE key 0 1", "gats 100 key, VALUE key 0 1", "ms key 1~x, HD",
        "ms key 1 MA~1, HD", "ms key 1 MP~1, HD", "ms key 1 MR~x, HD", "ms key 1 C1 I~x, HD", "md key, HD",
        "md key I, HD", "md key I T30, HD", "ma key, HD", "ma key T30, HD", "mg key T30, HD"})
    void shouldWitnessEveryChange(String command, String reply) throws IOException {
        memcached.set("key", 0, 0, "5");
        long before = word("key");
        long groupBefore = table.groupWord(slot("key"));
        assertTrue(memcached.command(command.replace("~", "\r\n")).startsWith(reply), command);
        assertTrue(changes("key") > before >>> 16);
        assertNotEquals(groupBefore, table.groupWord(slot("key")));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
        "get key, VALUE key 0 1", "gets key, VALUE key 0 1", "mg key v t, VA 1 t-1",
        "add key 0 0 1~x, NOT_STORED", "cas key 0 0 1 1~x, EXISTS", "ms key 1 C1~x, EX", "mn, MN",
        "incr key abc, CLIENT_ERROR"})
    void shouldNotDisturbHitsWhenNothingChanges(String command, String reply) throws IOException {
        memcached.set("other", 0, 0, "1");
        memcached.set("key", 0, 0, "5");
        long before = word("key");
        String answer = memcached.command(command.replace("~", "\r\n"));
        assertTrue(answer.startsWith(reply), answer);
        assertEquals(before, word("key"));
    }

    @Test
    void shouldWitnessThatASetWhichFailsTakesTheOldValueAway() throws IOException {
        memcached.set("key", 0, 0, "5");
        long before = changes("key");
        assertEquals("SERVER_ERROR object too large for cache", memcached.set("key", 0, 0, "x".repeat(2_000_000)));
        assertTrue(changes("key") > before);
    }

    @Test
    void shouldCountTheItemsThatAreMarkedStale() throws IOException {
        memcached.set("key", 0, 0, "5");
        assertEquals(0, stale("key"));
        memcached.command("md key I T30");
        assertEquals(1, stale("key"));
        memcached.command("md key I");
        assertEquals(1, stale("key"), "marked twice, but one item");
        assertTrue(memcached.command("mg key v").contains("W"));
        assertEquals(1, stale("key"), "a client may renew it now, but has not");
        memcached.set("key", 0, 0, "6");
        assertEquals(0, stale("key"), "renewed");
        memcached.command("ms key 1 C1 I\r\nx");
        assertEquals(1, stale("key"), "stored as stale, its CAS being too low");
        memcached.command("delete key");
        assertEquals(0, stale("key"), "gone");
    }

    @Test
    void shouldWitnessAFlushAtOnceAndADelayedOneWhenItComesDue() throws IOException {
        long before = table.globalWord();
        assertEquals(0, before & 1);
        long[] groups = groupWords();
        assertEquals("OK", memcached.command("flush_all"));
        assertEquals(before + 2, table.globalWord());
        assertAllDiffer(groups, groupWords());
        assertEquals("OK", memcached.command("flush_all 2"));
        assertEquals(before + 4, table.globalWord());
        await(() -> table.globalWord() == before + 6);
    }

    @Test
    void shouldWitnessABinaryFlush() throws IOException {
        long before = table.globalWord();
        try (Socket socket = new Socket("127.0.0.1", memcached.port())) {
            binaryRequest(socket, ByteBuffer.allocate(24).put((byte) 0x80).put((byte) 8));
        }
        assertEquals(before + 2, table.globalWord());
    }

    @Test
    void shouldWitnessWhatTheLruCrawlerTakesAway() throws IOException {
        memcached.set("key", 0, 1, "5");
        long before = changes("key");
        int tick = table.tickEnd();
        await(() -> table.tickEnd() >= tick + 2);
        assertEquals("OK", memcached.command("lru_crawler crawl all"));
        await(() -> changes("key") > before);
    }

    @Test
    void shouldPublishMemcachedsClock() {
        int tick = table.tickEnd();
        assertTrue(tick > 0);
        long[] groups = groupWords();
        await(() -> table.tickEnd() > tick);
        assertAllDiffer(groups, groupWords());
    }

    private long[] groupWords() {
        return IntStream.range(0, GROUPS).mapToLong(table::groupWord).toArray();
    }

    private static void assertAllDiffer(long[] before, long[] after) {
        for (int i = 0; i < GROUPS; i++) {
            assertNotEquals(before[i], after[i], "group " + i);
        }
    }

    @Test
    void shouldBeginEachGroupWithAnotherWord() {
        assertEquals(GROUPS, Arrays.stream(groupWords()).distinct().count());
    }

    @Test
    void shouldStartAFreshTableAndMakeTheDeadOnesWorthless() throws IOException {
        memcached.set("key", 0, 0, "5");
        int slot = slot("key");
        MappedByteBuffer mapped;
        try (FileChannel channel = FileChannel.open(file)) {
            mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, GROUPS_OFFSET + GROUPS * Long.BYTES);
        }
        assertNotEquals(0, mapped.getLong(64));
        memcached.kill();
        memcached.start();
        assertThrows(IOException.class, () -> WriteTableLink.open(file, Long.toHexString(table.instance())),
            "the old instance is not to be had any more");
        WriteTable next = open();
        assertNotEquals(table.instance(), next.instance());
        assertEquals(0, next.slotWord(slot));
        assertNotEquals(0, table.slotWord(slot), "the old file is another, still mapped here");
        assertEquals(0, mapped.getLong(64), "its instance");
        assertEquals(-1, mapped.getLong(72), "its global word, odd for good: nothing is served");
        for (int i = 0; i < GROUPS; i++) {
            assertEquals(0, mapped.getLong(GROUPS_OFFSET + i * Long.BYTES), "what was verified is so no longer");
        }
    }

    @Test
    void shouldRefuseAFileThatIsInUseOrNoTable() throws IOException {
        assertThrows(IOException.class,
            () -> MemcachedProcess.with(List.of("-l", "127.0.0.1", "-o", "write_table=" + file)));
        Path precious = Files.writeString(directory.resolve("precious"), "not a table, but long enough to be one");
        assertThrows(IOException.class,
            () -> MemcachedProcess.with(List.of("-l", "127.0.0.1", "-o", "write_table=" + precious)));
        assertTrue(Files.readString(precious).startsWith("not a table"));
        memcached.set("key", 0, 0, "still witnessed");
        assertNotEquals(0, word("key"));
    }

    @Test
    void shouldKeepTheTableFromOthers() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("root", Files.getOwner(file).getName(), "made before memcached became nobody");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw--w----"));
        assertThrows(IOException.class, this::open);
    }

    @Test
    void shouldKeepWitnessingAsADaemon() throws Exception {
        Path pidFile = directory.resolve("pid");
        Path other = directory.resolve("daemon-table");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        int port = MemcachedProcess.freePort();
        new ProcessBuilder(MemcachedProcess.source().resolve("memcached").toString(), "-d", "-u", "nobody", "-P",
            pidFile.toString(), "-l", "127.0.0.1", "-p", Integer.toString(port), "-o", "write_table=" + other)
            .inheritIO().start().waitFor(5, TimeUnit.SECONDS);
        await(() -> read(pidFile).endsWith("\n"));
        ProcessHandle daemon = ProcessHandle.of(Long.parseLong(read(pidFile).strip())).orElseThrow();
        try {
            assertThrows(IOException.class,
                () -> MemcachedProcess.with(List.of("-l", "127.0.0.1", "-o", "write_table=" + other)),
                "the child holds the lock that its parent took");
        } finally {
            daemon.destroyForcibly();
        }
    }

    @Test
    void shouldRemoveTheTablesOfTheDeadFromItsOwnDirectory() throws IOException {
        memcached.close();
        memcached = MemcachedProcess.with(List.of("-l", "127.0.0.1", "-o", "write_table"));
        Path first = Path.of(setting("write_table"));
        memcached.kill();
        assertTrue(Files.exists(first));
        memcached.start();
        assertFalse(Files.exists(first));
        assertTrue(Files.exists(Path.of(setting("write_table"))));
    }

    @Test
    void shouldKeepATableWithoutANameInMemory() throws IOException {
        memcached.close();
        memcached = MemcachedProcess.with(List.of("-l", "127.0.0.1", "-o", "write_table"));
        Path unnamed = Path.of(setting("write_table"));
        assertEquals("tmpfs", Files.getFileStore(unnamed).type(), unnamed.toString());
    }

    @Test
    void shouldRefuseADirectoryInWhichOthersMayPutTables() throws IOException {
        memcached.close();
        memcached = MemcachedProcess.with(List.of("-l", "127.0.0.1", "-o", "write_table"));
        Path unnamed = Path.of(setting("write_table")).getParent();
        Files.setPosixFilePermissions(unnamed, PosixFilePermissions.fromString("rwxr-xrwx"));
        try {
            assertThrows(IOException.class,
                () -> MemcachedProcess.with(List.of("-l", "127.0.0.1", "-o", "write_table")));
        } finally {
            Files.setPosixFilePermissions(unnamed, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private int slot(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
        return table.slot(new UnsafeBuffer(bytes), 0, bytes.length);
    }

    private long word(String key) {
        return table.slotWord(slot(key));
    }

    private long changes(String key) {
        return word(key) >>> 16;
    }

    private long stale(String key) {
        return word(key) & 0xffff;
    }

    private String setting(String name) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Socket socket = new Socket("127.0.0.1", memcached.port())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write("stats settings\r\nquit\r\n".getBytes(StandardCharsets.US_ASCII));
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).lines().forEach(lines::add);
        }
        return lines.stream().filter(line -> line.startsWith("STAT " + name + " "))
            .map(line -> line.substring(name.length() + 6)).findFirst().orElse("");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException notYet) {
            return "";
        }
    }

    private static void await(BooleanSupplier condition) {
        long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - startNs < TIMEOUT_NS, "waited too long");
            Thread.onSpinWait();
        }
    }
}
