package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import dev.javelin.afxdp.NetworkNamespace;

/**
 * The namespaces of scripts/testbed, up while it is open. A lock on a file keeps two tests, also of two processes, from
 * having them at once.
 */
public final class TestBed implements AutoCloseable {
    public static final String SERVER = "javelin-server";
    public static final String CLIENT = "javelin-client";
    public static final String SERVER_INTERFACE = "jv-server";

    private static final Path SCRIPT = Path.of(System.getProperty("javelin.root"), "scripts", "testbed");
    private static final Path LOCK = Path.of("/run/lock/javelin-testbed.lock");

    private final FileChannel lock;

    private TestBed(final FileChannel lock) {
        this.lock = lock;
    }

    /** Waits for the lock and makes the namespaces anew. */
    public static TestBed up(final int queues) {
        try {
            final FileChannel lock = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock.lock();
            script("down");
            script("up", "--queues", Integer.toString(queues));
            return new TestBed(lock);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String script(final String... arguments) {
        final ProcessResult result = run(arguments);
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    public static ProcessResult run(final String... arguments) {
        final String[] command = new String[arguments.length + 1];
        command[0] = SCRIPT.toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return ProcessResult.of(command);
    }

    /** Moves the calling thread to the client's namespace: what it opens from then on is there. */
    public NetworkNamespace enterClient() {
        return NetworkNamespace.enter(CLIENT);
    }

    public NetworkNamespace enterServer() {
        return NetworkNamespace.enter(SERVER);
    }

    @Override
    public void close() {
        try (lock) {
            script("down");
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
