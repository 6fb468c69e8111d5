package dev.javelin.launcher;

import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import dev.javelin.afxdp.Affinity;
import dev.javelin.afxdp.HugePages;
import dev.javelin.afxdp.Interfaces;
import dev.javelin.afxdp.TunDevice;
import dev.javelin.afxdp.Umem;
import dev.javelin.afxdp.XdpOptions;
import dev.javelin.afxdp.XdpProgram;
import dev.javelin.fastpath.CurrentWriteTable;
import dev.javelin.fastpath.FrameRange;
import dev.javelin.fastpath.HandBackReason;
import dev.javelin.fastpath.KeyHash;
import dev.javelin.fastpath.QueueCounter;
import dev.javelin.fastpath.QueueCounters;
import dev.javelin.fastpath.QueueWorker;
import dev.javelin.fastpath.ReplyBuilder;
import dev.javelin.fastpath.RequestParser;
import dev.javelin.fastpath.ValueCache;
import dev.javelin.fastpath.WorkerIdleStrategy;
import dev.javelin.slowpath.Filler;
import dev.javelin.slowpath.MemcachedSampler;
import dev.javelin.slowpath.SlowPathAgent;
import dev.javelin.slowpath.SlowPathCounter;
import dev.javelin.slowpath.SlowPathCounters;
import dev.javelin.slowpath.WriteTableLink;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/**
 * All parts of a running Javelin, wired together. What was made last is closed first, but for the XDP program's link,
 * which is attached last and taken off before anything else: from then on the kernel gets every packet.
 * <p>
 * Made, waited for and closed by one thread.
 */
final class JavelinProcess implements AutoCloseable {
    /**
     * Longer than an idle worker sleeps, a collection takes, and a busy host keeps a thread waiting; short, so that a
     * hung JVM keeps few requests.
     */
    private static final long HEARTBEAT_LIMIT_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long DRAIN_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int SAMPLE_PERIOD_MS = 20;
    private static final int MEMCACHED_SAMPLE_PERIOD_MS = 1_000;
    private static final long SLOW_PATH_MIN_PARK_NS = TimeUnit.MICROSECONDS.toNanos(10);
    private static final long SLOW_PATH_MAX_PARK_NS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final int REASONS_SLOT = 32;

    private final Configuration configuration;
    private final PrintWriter err;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    /** Null with max-age. */
    private final WriteTableLink writeTable;
    private volatile Throwable failure;
    private XdpProgram program;
    private List<QueueParts> queues;
    private HugePages cacheMemory;
    private CountersFile counters;
    private Map<String, String> description;

    private JavelinProcess(final Configuration configuration, final PrintWriter err) {
        this.configuration = configuration;
        this.err = err;
        this.writeTable = configuration.coherence() == Coherence.WRITE_TABLE
            ? new WriteTableLink(configuration.writeTable()) : null;
    }

    /**
     * Starts everything; when it returns, requests are served.
     *
     * @param configuration checked against the machine already
     * @param err           where a thread that fails says so
     * @return to be closed by the calling thread
     */
    static JavelinProcess launch(final Configuration configuration, final PrintWriter err) {
        final JavelinProcess process = new JavelinProcess(configuration, err);
        try {
            process.start();
            return process;
        } catch (final RuntimeException e) {
            process.close();
            throw e;
        }
    }

    private void start() {
        final String name = configuration.interfaceName();
        final List<Integer> numbers = Preflight.queues(configuration);
        counters = own(CountersFile.create(CountersLayout.DIRECTORY, name, numbers.size()));
        final long seed = new SecureRandom().nextLong();
        program = own(XdpProgram.load(new XdpOptions(
            configuration.port(),
            numbers.stream().mapToInt(Integer::intValue).max().orElseThrow() + 1,
            ValueCache.bucketsFor(configuration.cacheBytes()),
            seed,
            HEARTBEAT_LIMIT_NS,
            Preflight.served(name),
            Interfaces.hardwareAddress(name))));
        openQueues(name, numbers);
        cacheMemory = own(HugePages.allocate(configuration.cacheBytes()));
        final ValueCache cache = new ValueCache(cacheMemory.address(), cacheMemory.bytes(), program.tags());
        final KeyHash keyHash = new KeyHash(seed);
        final SlowPathCounters slowPathCounters = new SlowPathCounters(counters.slowPathBlock(), 0);
        startSlowPath(cache, keyHash, slowPathCounters);
        startWorkers(cache, keyHash);
        run(new KernelSampler(program, queues), new SleepingMillisIdleStrategy(SAMPLE_PERIOD_MS), -1);
        run(new MemcachedSampler(configuration.memcached(), slowPathCounters),
            new SleepingMillisIdleStrategy(MEMCACHED_SAMPLE_PERIOD_MS), -1);
        await("memcached at " + Text.endpoint(configuration.memcached()) + " did not accept a connection"
                + (writeTable == null ? "" : ", or had no write table,"),
            () -> slowPathCounters.get(SlowPathCounter.MEMCACHED_CONNECTED) == 1);
        await("the workers did not start", this::isAlive);
        program.attach(name, configuration.attachMode());
        // Some drivers reset the link for it.
        await(name + " lost its link when the XDP program was attached", () -> Interfaces.carrier(name));
        describe(numbers);
        counters.publish(description);
        configuration.metrics().ifPresent(address ->
            own(Metrics.serve(address, () -> CountersSnapshot.read(counters))));
    }

    private <T extends AutoCloseable> T own(final T part) {
        parts.push(part);
        return part;
    }

    private void openQueues(final String name, final List<Integer> numbers) {
        queues = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            final QueueParts queue = own(
                QueueParts.open(name, numbers.get(i), configuration.bindMode(), counters.kernelBlock(i)));
            program.registerSocket(queue.queue(), queue.socket());
            queues.add(queue);
        }
    }

    private void startSlowPath(final ValueCache cache, final KeyHash keyHash, final SlowPathCounters slowPathCounters) {
        final TunDevice tun = own(TunDevice.open("javelin%d"));
        final Filler filler = writeTable == null
            ? new Filler(cache, keyHash, configuration.memcached(), configuration.maxAgeNs(), slowPathCounters)
            : new Filler(cache, keyHash, configuration.memcached(), writeTable, slowPathCounters);
        run(new SlowPathAgent(
                queues.stream().map(QueueParts::port).toList(), tun, program.misses(), filler, cache,
                configuration.heatRefreshNs(), configuration.port(), slowPathCounters),
            new BackoffIdleStrategy(100, 10, SLOW_PATH_MIN_PARK_NS, SLOW_PATH_MAX_PARK_NS), -1);
    }

    private void startWorkers(final ValueCache cache, final KeyHash keyHash) {
        final List<Integer> cpus = Preflight.cpus(configuration, queues.size());
        final int mtu = Interfaces.mtu(configuration.interfaceName());
        final CurrentWriteTable table = writeTable == null ? null : writeTable.current();
        for (int i = 0; i < queues.size(); i++) {
            final QueueParts queue = queues.get(i);
            final QueueWorker worker = new QueueWorker(
                queue.queue(),
                queue.socket(),
                queue.umem().buffer(),
                new FrameRange(0, QueueParts.FRAMES, Umem.FRAME_SIZE),
                new RequestParser(configuration.port()),
                new ReplyBuilder(cache.newReader(table), keyHash, mtu),
                queue.handOff(),
                new QueueCounters(counters.workerBlock(i), 0),
                new QueueWorker.Heartbeat(program.heartbeats(), queue.queue() * XdpProgram.HEARTBEAT_BYTES));
            final IdleStrategy idle = configuration.idleMode() == IdleMode.SPIN
                ? WorkerIdleStrategy.spin(queue.socket())
                : WorkerIdleStrategy.adaptive(queue.socket(), WorkerIdleStrategy.DEFAULT_SPINS);
            run(worker, idle, cpus.get(i));
        }
    }

    /** Runs an agent on a thread of its own, on one CPU unless it is negative. */
    private void run(final Agent agent, final IdleStrategy idle, final int cpu) {
        final AgentRunner runner = own(new AgentRunner(idle, this::onError, null, agent));
        AgentRunner.startOnThread(runner, loop -> new Thread(() -> {
            if (cpu >= 0) {
                Affinity.pin(cpu);
            }
            loop.run();
        }));
    }

    /** A mistake of ours: nothing is served with a part that fails; the kernel and memcached take over. */
    private void onError(final Throwable error) {
        if (failure == null) {
            failure = error;
            error.printStackTrace(err);
            err.flush();
            stop.countDown();
        }
    }

    private boolean isAlive() {
        return queues.stream().allMatch(queue ->
            program.heartbeats().getLongAcquire(queue.queue() * XdpProgram.HEARTBEAT_BYTES) != 0);
    }

    private void await(final String otherwise, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + START_TIMEOUT_NS;
        while (!condition.getAsBoolean()) {
            if (failure != null) {
                throw new RunException("a thread failed while starting: " + failure);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new RunException(otherwise + " within 10 s");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RunException("interrupted while starting");
            }
        }
    }

    private void describe(final List<Integer> numbers) {
        description = new LinkedHashMap<>();
        description.put("interface", configuration.interfaceName());
        description.put("port", Integer.toString(configuration.port()));
        description.put("queues", Text.list(numbers));
        description.put("bind", queues.getFirst().socket().granted()
            + " (asked: " + Configuration.spelling(configuration.bindMode()) + ")");
        description.put("attach", program.granted()
            + " (asked: " + Configuration.spelling(configuration.attachMode()) + ")");
        description.put("coherence", Configuration.spelling(configuration.coherence()));
        description.put("promise", configuration.coherence().promise(configuration));
        description.put("worker", CountersFile.labels(workerLabels()));
        description.put("kernel", CountersFile.labels(KernelSampler.labels()));
        description.put("slow", CountersFile.labels(
            Arrays.stream(SlowPathCounter.values()).map(SlowPathCounter::label).toList()));
    }

    /** The layout of {@link QueueCounters}: counters, a gap, reasons. */
    private static List<String> workerLabels() {
        final List<String> labels = new ArrayList<>();
        for (final QueueCounter counter : QueueCounter.values()) {
            labels.add(counter.name().toLowerCase(Locale.ROOT));
        }
        while (labels.size() < REASONS_SLOT) {
            labels.add("");
        }
        for (final HandBackReason reason : HandBackReason.values()) {
            labels.add("handed_back_reasons." + reason.name().toLowerCase(Locale.ROOT));
        }
        return labels;
    }

    /** What was granted and what it promises, on one line. */
    String banner() {
        return "ready interface=%s port=%d queues=%s bind=%s attach=%s coherence=%s memory=%s".formatted(
            configuration.interfaceName(),
            configuration.port(),
            description.get("queues"),
            description.get("bind"),
            description.get("attach"),
            description.get("coherence") + " (" + description.get("promise") + ")",
            cacheMemory.pages());
    }

    /** Waits until the process is to end; throws if a thread has failed. */
    void await(final CountDownLatch signal) throws InterruptedException {
        while (stop.getCount() > 0 && !signal.await(100, TimeUnit.MILLISECONDS)) {
            Thread.onSpinWait();
        }
        if (failure != null) {
            throw new RunException("a thread failed: " + failure);
        }
    }

    /** Detaches first, lets the workers finish what they have, then closes everything in reverse order. */
    @Override
    public void close() {
        if (program != null) {
            program.detach();
            try {
                TimeUnit.NANOSECONDS.sleep(DRAIN_NS);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (final Exception e) {
                err.println("javelin: while closing: " + e);
                err.flush();
            }
        }
    }
}
