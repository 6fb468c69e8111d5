package dev.javelin.bench.cost;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.BindMode;
import dev.javelin.afxdp.HugePages;
import dev.javelin.afxdp.Interfaces;
import dev.javelin.afxdp.RingSizes;
import dev.javelin.afxdp.TunDevice;
import dev.javelin.afxdp.Umem;
import dev.javelin.afxdp.XdpOptions;
import dev.javelin.afxdp.XdpProgram;
import dev.javelin.afxdp.XskSocket;
import dev.javelin.fastpath.CurrentWriteTable;
import dev.javelin.fastpath.FrameRange;
import dev.javelin.fastpath.KeyHash;
import dev.javelin.fastpath.QueueCounter;
import dev.javelin.fastpath.QueueCounters;
import dev.javelin.fastpath.QueueWorker;
import dev.javelin.fastpath.ReplyBuilder;
import dev.javelin.fastpath.RequestParser;
import dev.javelin.fastpath.ValueCache;
import dev.javelin.fastpath.WorkerIdleStrategy;
import dev.javelin.ringbuffers.HandOffRing;
import dev.javelin.slowpath.Filler;
import dev.javelin.slowpath.QueuePort;
import dev.javelin.slowpath.SlowPathAgent;
import dev.javelin.slowpath.SlowPathCounters;
import dev.javelin.slowpath.WriteTableLink;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Javelin on the first queue of an interface, with all its parts, but with two workers that serve the queue in turns:
 * one compares each entry with the write table, one does not. They share socket, frames and cache, so nothing else
 * differs.
 * <p>
 * Each worker owns half of the frames at first. Those that are on their way when a turn ends come back to the other
 * worker, which does not matter to it: it has room for as many as it began with, and those went to the fill ring before
 * the first packet came.
 * <p>
 * Belongs to one thread, which serves during {@link #turn}; the slow path has a thread of its own.
 */
final class TwinWorkers implements AutoCloseable {
    private static final int QUEUE = 0;
    private static final int FRAMES = RingSizes.DEFAULT.fill();
    private static final int CACHE_BYTES = 64 << 20;
    private static final long HEARTBEAT_LIMIT_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long HEAT_REFRESH_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

    /** The last made is the first. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<QueuePort> ports = new ArrayList<>();
    private final WriteTableLink link = new WriteTableLink(Optional.empty());
    private final String interfaceName;
    private final InetSocketAddress memcached;
    private final KeyHash keyHash;
    private final XdpProgram program;
    private final XskSocket socket;
    private final Umem umem;
    private final ValueCache cache;
    private final Twin unchecked;
    private final Twin checked;
    private volatile Throwable failure;

    private record Twin(QueueWorker worker, QueueCounters counters) {
        long answers() {
            return counters.get(QueueCounter.REPLIES_SENT);
        }
    }

    /** Serves nothing yet; the calling thread is in the interface's namespace. */
    TwinWorkers(String interfaceName, InetSocketAddress memcached) {
        this.interfaceName = interfaceName;
        this.memcached = memcached;
        long seed = new SecureRandom().nextLong();
        keyHash = new KeyHash(seed);
        try {
            program = own(XdpProgram.load(new XdpOptions(memcached.getPort(), 1, ValueCache.bucketsFor(CACHE_BYTES),
                seed, HEARTBEAT_LIMIT_NS, Interfaces.addresses(interfaceName),
                Interfaces.hardwareAddress(interfaceName))));
            umem = own(Umem.allocate(FRAMES));
            socket = own(XskSocket.open(interfaceName, QUEUE, umem, BindMode.AUTO, RingSizes.DEFAULT));
            program.registerSocket(QUEUE, socket);
            HugePages memory = own(HugePages.allocate(CACHE_BYTES));
            cache = new ValueCache(memory.address(), memory.bytes(), program.tags());
            unchecked = twin(0, null);
            checked = twin(1, link.current());
            startSlowPath();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T own(T part) {
        parts.push(part);
        return part;
    }

    private Twin twin(int number, CurrentWriteTable table) {
        HandOffRing toSlowPath = own(HandOffRing.allocate(FRAMES));
        HandOffRing fromSlowPath = own(HandOffRing.allocate(FRAMES));
        ports.add(new QueuePort(umem.buffer(), toSlowPath.consumer(), fromSlowPath.producer()));
        QueueCounters counters = new QueueCounters(new UnsafeBuffer(new byte[QueueCounters.BLOCK_LENGTH]), 0);
        QueueWorker worker = new QueueWorker(QUEUE, socket, umem.buffer(),
            new FrameRange((long) number * FRAMES / 2 * Umem.FRAME_SIZE, FRAMES / 2, Umem.FRAME_SIZE),
            new RequestParser(memcached.getPort()),
            new ReplyBuilder(cache.newReader(table), keyHash, Interfaces.mtu(interfaceName)),
            new QueueWorker.HandOff(toSlowPath, fromSlowPath), counters,
            new QueueWorker.Heartbeat(program.heartbeats(), QUEUE * XdpProgram.HEARTBEAT_BYTES));
        return new Twin(worker, counters);
    }

    private void startSlowPath() {
        SlowPathCounters counters =
            new SlowPathCounters(new UnsafeBuffer(new byte[SlowPathCounters.BLOCK_LENGTH]), 0);
        SlowPathAgent agent = new SlowPathAgent(ports, own(TunDevice.open("javelin%d")), program.misses(),
            new Filler(cache, keyHash, memcached, link, counters), cache, HEAT_REFRESH_NS, memcached.getPort(),
            counters);
        AgentRunner runner = own(new AgentRunner(
            new BackoffIdleStrategy(100, 10, TimeUnit.MICROSECONDS.toNanos(10), TimeUnit.MICROSECONDS.toNanos(100)),
            error -> failure = error, null, agent));
        AgentRunner.startOnThread(runner);
    }

    /** From now on requests are served, during turns. */
    void attach() {
        for (int i = 0; i < FRAMES / 2; i += QueueWorker.BATCH) {
            unchecked.worker.doWork();
            checked.worker.doWork();
        }
        program.attach(interfaceName, AttachMode.AUTO);
    }

    long items() {
        return cache.items();
    }

    /**
     * Serves, waits as Javelin's own workers do, and takes the time.
     *
     * @return nanoseconds for each answer
     */
    double turn(boolean isChecked, int answers) {
        Twin twin = isChecked ? checked : unchecked;
        WorkerIdleStrategy idle = WorkerIdleStrategy.adaptive(socket, WorkerIdleStrategy.DEFAULT_SPINS);
        long startNs = System.nanoTime();
        long before = twin.answers();
        while (twin.answers() - before < answers) {
            idle.idle(twin.worker.doWork());
            if (failure != null) {
                throw new IllegalStateException("the slow path failed: " + failure, failure);
            }
            if (System.nanoTime() - startNs > PATIENCE_NS) {
                throw new IllegalStateException("no " + answers + " requests for cached keys in 20 s, "
                    + (twin.answers() - before) + " answered");
            }
        }
        return (System.nanoTime() - startNs) / (double) (twin.answers() - before);
    }

    @Override
    public void close() {
        if (program != null) {
            program.detach();
        }
        CloseHelper.closeAll(parts);
    }
}
