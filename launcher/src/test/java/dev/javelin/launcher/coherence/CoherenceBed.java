package dev.javelin.launcher.coherence;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.javelin.launcher.JavelinProcessUnderTest;
import dev.javelin.launcher.MemcachedUnderTest;
import dev.javelin.launcher.TestBed;

/**
 * The test bed with memcached-sr and Javelin running in it, and ways to reach them.
 */
final class CoherenceBed implements AutoCloseable {
    static final int PORT = 11211;
    static final Path MEMCACHED = Path.of(System.getProperty("javelin.root"), "scripts", "memcached-sr");
    static final String ADDRESS = "192.0.2.1";
    static final String ADDRESS6 = "fd00:6a::1";
    /** What switches the check of the write table off: an entry is served for a minute, whatever happens to it. */
    static final String[] WITHOUT_CHECK = {"-Djavelin.coherence=max-age", "-Djavelin.max.age=60s"};
    static final String[] WITH_CHECK = {"-Djavelin.coherence=write-table"};

    private final TestBed testBed;
    private final MemcachedUnderTest memcached;
    private final JavelinProcessUnderTest javelin;

    private CoherenceBed(TestBed testBed, MemcachedUnderTest memcached, JavelinProcessUnderTest javelin) {
        this.testBed = testBed;
        this.memcached = memcached;
        this.javelin = javelin;
    }

    /** Starts the parts. */
    @FunctionalInterface
    interface Start<T> {
        T start() throws IOException;
    }

    static CoherenceBed up(Path directory, String[] overrides, String... memcachedOptions) throws IOException {
        return up(directory, overrides, () -> MemcachedUnderTest.start(PORT, memcachedOptions));
    }

    static CoherenceBed up(Path directory, String[] overrides, Start<MemcachedUnderTest> memcachedStart)
        throws IOException {
        List<AutoCloseable> started = new ArrayList<>();
        try {
            TestBed testBed = TestBed.up(2);
            started.addFirst(testBed);
            MemcachedUnderTest memcached = memcachedStart.start();
            started.addFirst(memcached);
            return new CoherenceBed(testBed, memcached, JavelinProcessUnderTest.start(directory, overrides));
        } catch (IOException | RuntimeException | AssertionError e) {
            closeAll(started);
            throw e;
        }
    }

    MemcachedUnderTest memcached() {
        return memcached;
    }

    JavelinProcessUnderTest javelin() {
        return javelin;
    }

    TestBed testBed() {
        return testBed;
    }

    /** Opens a TCP connection from the client's namespace. */
    Socket connectFromClient(String address, int port) throws IOException {
        try (var _ = testBed.enterClient()) {
            Socket socket = new Socket();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(10_000);
            socket.connect(new InetSocketAddress(address, port), 5_000);
            return socket;
        }
    }

    static void closeAll(List<? extends AutoCloseable> parts) throws IOException {
        IOException failed = null;
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                failed = new IOException(e);
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    @Override
    public void close() throws IOException {
        closeAll(List.of(javelin, memcached, testBed));
    }
}
