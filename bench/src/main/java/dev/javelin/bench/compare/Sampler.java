package dev.javelin.bench.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes samples in a thread of its own, twice in each window, until it is closed. All methods may be called by any one
 * other thread.
 */
final class Sampler implements AutoCloseable {
    private static final long PERIOD_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Set<Long> serverPids;
    private final ProcReader reader = new ProcReader(Path.of("/proc"), ProcessHandle.current().pid());
    private final List<Sample> samples = new ArrayList<>();
    private final Thread thread = Thread.ofPlatform().daemon().name("compare-sampler").unstarted(this::run);
    private volatile boolean closed;
    private volatile IOException failure;

    /**
     * Starts to take samples; the first one is taken when this returns.
     *
     * @param serverPids the processes that serve, as long as this is open.
     * @throws IOException if /proc/stat cannot be read.
     */
    Sampler(Set<Long> serverPids) throws IOException {
        this.serverPids = Set.copyOf(serverPids);
        samples.add(reader.read(this.serverPids));
        thread.start();
    }

    /**
     * Ends it, after one more sample.
     *
     * @return all samples.
     * @throws IOException if /proc/stat could not be read.
     */
    Timeline end() throws IOException {
        close();
        if (failure != null) {
            throw failure;
        }
        samples.add(reader.read(serverPids));
        return new Timeline(samples);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long dueNs = System.nanoTime();
        try {
            while (!closed) {
                dueNs += PERIOD_NS;
                LockSupport.parkNanos(dueNs - System.nanoTime());
                samples.add(reader.read(serverPids));
            }
        } catch (IOException e) {
            failure = e;
        }
    }
}
