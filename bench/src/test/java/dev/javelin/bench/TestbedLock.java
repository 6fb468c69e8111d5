package dev.javelin.bench;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Held by one test at a time, of whatever checkout: there is one testbed on a machine.
 */
public final class TestbedLock implements AutoCloseable {
    private final FileChannel file;

    private TestbedLock(FileChannel file) {
        this.file = file;
    }

    /** Waits for it. */
    public static TestbedLock take() throws IOException {
        FileChannel file = FileChannel.open(Path.of("/run/lock/javelin-testbed.lock"), StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
        file.lock();
        return new TestbedLock(file);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
