package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
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

    @TempDir
    private Path directory;

    @Test
    void shouldWitnessChangesThatComeThroughAUnixSocket() throws Exception {
        Path socket = directory.resolve("memcached.socket");
        Path table = directory.resolve("table");
        Process memcached = new ProcessBuilder(MEMCACHED.toString(), "-u", "root", "-s", socket.toString(),
            "-o", "write_table=" + table).inheritIO().start();
        try {
            JavelinProcessUnderTest.await("memcached listens", () -> Files.exists(socket));
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                String instance = ask(channel, "stats settings\r\n").lines()
                    .filter(line -> line.startsWith("STAT write_table_instance ")).findFirst().orElseThrow()
                    .substring("STAT write_table_instance ".length());
                WriteTable words = WriteTableLink.open(table, instance);
                int slot = words.slot(new UnsafeBuffer("KEY".getBytes(StandardCharsets.US_ASCII)), 0, 3);
                assertTrue(ask(channel, "set KEY 7 0 4\r\n1000\r\n").startsWith("STORED"));
                List<String> unseen = new ArrayList<>();
                for (Change change : Changes.all()) {
                    byte[] request = change.request().apply("KEY", 0L);
                    boolean isText = request[0] > 0 && request.length < Changes.TOO_LARGE;
                    if (isText && change.expected() == null && !change.name().startsWith("flush_all")) {
                        long before = words.slotWord(slot);
                        ask(channel, new String(request, StandardCharsets.ISO_8859_1));
                        if (words.slotWord(slot) == before && !change.name().contains("CAS")) {
                            unseen.add(change.name());
                        }
                        before = words.slotWord(slot);
                        ask(channel, "set KEY 7 0 4\r\n1000\r\n");
                        assertNotEquals(before, words.slotWord(slot), "set");
                    }
                }
                long before = words.globalWord();
                ask(channel, "flush_all\r\n");
                assertNotEquals(before, words.globalWord(), "flush_all");
                assertTrue(unseen.isEmpty(), "not witnessed: " + unseen);
            }
        } finally {
            memcached.destroyForcibly().onExit().join();
        }
    }

    /** Returns the whole answer: a command that is always answered goes behind. */
    private static String ask(SocketChannel channel, String request) throws IOException {
        channel.write(ByteBuffer.wrap((request + "mn\r\n").getBytes(StandardCharsets.ISO_8859_1)));
        StringBuilder answer = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(65_536);
        while (!answer.toString().endsWith("MN\r\n")) {
            buffer.clear();
            if (channel.read(buffer) < 0) {
                throw new IOException("closed after: " + answer);
            }
            answer.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
        }
        return answer.toString();
    }
}
