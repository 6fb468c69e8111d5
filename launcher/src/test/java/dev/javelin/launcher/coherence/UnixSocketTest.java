package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.fastpath.WriteTable;
import dev.javelin.launcher.JavelinProcessUnderTest;
import dev.javelin.slowpath.WriteTableLink;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A memcached with a UNIX socket listens nowhere else, so Javelin cannot stand before it; what can be seen is that its
 * write table witnesses what comes through the socket like anything else.
 */
@RequiresRoot
class UnixSocketTest {
    private static final Path MEMCACHED =
        Path.of(System.getProperty("javelin.root"), ".build", "memcached", "sr", "memcached");
    private static final String KEY = "key";

    @TempDir
    private Path directory;

    @Test
    void shouldWitnessChangesThatComeThroughAUnixSocket() throws Exception {
        Path socket = directory.resolve("memcached.socket");
        Path table = directory.resolve("table");
        List<String> command = new ArrayList<>(List.of(MEMCACHED.toString(), "-u", "root", "-s", socket.toString(),
            "-o", "write_table=" + table));
        command.addAll(Changes.itemLimit(MEMCACHED));
        Process memcached = new ProcessBuilder(command).inheritIO().start();
        try {
            JavelinProcessUnderTest.await("memcached listens", () -> Files.exists(socket));
            Way way = Way.unix(socket);
            WriteTable words = WriteTableLink.open(table, setting(way, "write_table_instance"));
            int slot = words.slot(new UnsafeBuffer(KEY.getBytes(StandardCharsets.US_ASCII)), 0, KEY.length());
            List<String> wrong = new ArrayList<>();
            for (Change change : Changes.all(ask(way, Changes.TOMBSTONE_PROBE))) {
                long cas = store(way);
                long slotWord = words.slotWord(slot);
                long globalWord = words.globalWord();
                way.ask(change.request().apply(KEY, cas));
                boolean isWitnessed = words.slotWord(slot) != slotWord || words.globalWord() != globalWord;
                String found = get(way);
                if (!MatrixTest.same(change.expected(), found)) {
                    wrong.add(change.name() + " left " + found + " instead of " + change.expected());
                } else if (!isWitnessed && !MatrixTest.same(found, Change.UNCHANGED)) {
                    wrong.add(change.name() + " was not witnessed");
                }
            }
            assertTrue(wrong.isEmpty(), () -> String.join("\n", wrong));
        } finally {
            memcached.destroyForcibly().onExit().join();
        }
    }

    private static String setting(Way way, String name) throws IOException {
        return ask(way, "stats settings").lines().map(line -> line.split(" "))
            .filter(words -> words.length == 3 && words[1].equals(name)).findFirst().orElseThrow()[2];
    }

    /** Stores what all changes begin with, and returns its CAS. */
    private static long store(Way way) throws IOException {
        String answer = ask(way, "set " + KEY + " 7 0 " + Change.BEFORE.length() + "\r\n" + Change.BEFORE + "\r\ngets "
            + KEY);
        assertTrue(answer.startsWith("STORED\r\nVALUE "), answer);
        return Long.parseLong(answer.lines().toList().get(1).split(" ")[4]);
    }

    /** Returns value and flags, or null. */
    private static String get(Way way) throws IOException {
        List<String> lines = ask(way, "get " + KEY).lines().toList();
        return lines.getFirst().startsWith("VALUE ") ? lines.get(1) + "/" + lines.getFirst().split(" ")[2] : null;
    }

    private static String ask(Way way, String command) throws IOException {
        return way.ask((command + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }
}
