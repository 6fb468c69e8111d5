package dev.javelin.bench.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestShellTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration MOMENT = Duration.ofMillis(50);

    @TempDir
    private Path directory;
    private SocketChannel init;
    private Guest guest;

    @BeforeEach
    void connect() throws IOException {
        final UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("shell"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            guest = new Guest(SocketChannel.open(address), () -> "\n  last words");
            init = server.accept();
        }
    }

    @AfterEach
    void hangUp() throws IOException {
        guest.close();
        init.close();
    }

    @Test
    void shouldBeReadyWhenTheFirstProcessSaysSo() throws IOException {
        assertFalse(guest.isReady(MOMENT));
        say("\1rea");
        assertFalse(guest.isReady(MOMENT));
        say("dy\n");
        assertTrue(guest.isReady(TIMEOUT));
    }

    @Test
    void shouldSendTheTimeoutAndTheCommandInOneLine() throws IOException {
        say("\0010\n");
        guest.run("ip link", TIMEOUT);
        assertEquals("5 ip link\n", heard());
    }

    @Test
    void shouldReturnOutputAndExitCode() throws IOException {
        say("one\ntwo\n\0013\n");
        final List<String> lines = new ArrayList<>();
        final Guest.Result result = guest.run("x", TIMEOUT, lines::add);
        assertEquals(new Guest.Result(3, "one\ntwo\n"), result);
        assertEquals(List.of("one", "two"), lines);
    }

    @Test
    void shouldTakeOutputThatDoesNotEndItsLastLine() throws IOException {
        say("one\ntwo\0010\n");
        assertEquals(new Guest.Result(0, "one\ntwo\n"), guest.run("x", TIMEOUT));
    }

    @Test
    void shouldReturnNoOutputIfThereIsNone() throws IOException {
        say("\0010\n");
        assertEquals(new Guest.Result(0, ""), guest.run("x", TIMEOUT));
    }

    @Test
    void shouldQuoteWhatItStartsInTheBackground() throws IOException {
        say("42\n\0010\n");
        assertEquals(42, guest.start("echo 'a b'", "/tmp/log"));
        assertEquals("20 setsid sh -c 'exec echo '\\''a b'\\''' >/tmp/log 2>&1 </dev/null & echo $!\n", heard());
    }

    @Test
    void shouldAddTheLastWordsIfTheMachineEnds() throws IOException {
        init.close();
        final IOException ended = assertThrows(IOException.class, () -> guest.run("x", TIMEOUT));
        assertTrue(ended.getMessage().endsWith("\n  last words"), ended.getMessage());
    }

    @Test
    void shouldRefuseACommandOfTwoLines() {
        assertThrows(IllegalArgumentException.class, () -> guest.run("a\nb", TIMEOUT));
    }

    private void say(final String text) throws IOException {
        init.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private String heard() throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(1000);
        init.read(buffer);
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
    }
}
