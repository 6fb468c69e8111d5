package dev.javelin.bench.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * The engines of a load, each on a thread of its own, and what they have measured together. Used by one thread, which
 * waits for the others.
 */
final class Generator implements AutoCloseable {
    private static final double BUSY = 0.97;
    private static final double BEHIND = 0.01;
    private static final long PERIOD_NS = TimeUnit.SECONDS.toNanos(1);

    private final List<? extends Transport> transports;
    private final List<Engine> engines = new ArrayList<>();
    private final String name;

    /**
     * A generator.
     *
     * @param transports one for each thread; closed with this.
     * @param name       of the transport, as in {@link Result#transport()}.
     * @param keys       of all items.
     * @param items      what they are; null if the server is an echo.
     * @param random     for all random choices.
     */
    Generator(List<? extends Transport> transports, String name, Keys keys, Items items, Versions versions,
        Workload workload, SplittableRandom random) {
        this.transports = transports;
        this.name = name;
        for (Transport transport : transports) {
            engines.add(new Engine(transport, keys, items, versions, workload, random.split()));
        }
    }

    /** Is told what happened in each second. */
    @FunctionalInterface
    interface Progress {
        /** Tells nobody. */
        Progress NONE = (elapsedNs, counts, interval) -> { };

        /**
         * A second has gone by, or what was left of the phase.
         *
         * @param elapsedNs since the phase's start.
         * @param counts    since then; other threads go on counting, so they may be a moment old.
         * @param interval  latencies of this second, with its time stamps; valid during the call only.
         */
        void second(long elapsedNs, Counts counts, Histogram interval);
    }

    /** A thread at work. */
    private static final class Runner {
        private final Engine engine;
        private final Phase phase;
        private final AtomicInteger busy;
        private final Thread thread;
        private Exception failure;
        private double busyShare;

        /** Starts it; {@code busy} counts the threads of the phase that still have requests of their own. */
        Runner(Engine engine, Phase phase, int number, AtomicInteger busy) {
            this.engine = engine;
            this.phase = phase;
            this.busy = busy;
            thread = Thread.ofPlatform().daemon().name("load-" + number).start(this::run);
        }

        private void run() {
            long cpuBeforeNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            long startNs = System.nanoTime();
            try {
                try {
                    engine.run(phase);
                } finally {
                    busyShare = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpuBeforeNs)
                        / (double) (System.nanoTime() - startNs);
                    busy.decrementAndGet();
                }
                engine.relayWhile(() -> busy.get() > 0);
            } catch (IOException | RuntimeException e) {
                failure = e;
            }
        }
    }

    /** Returns requests that all engines have sent in this phase; a moment old. */
    long sent() {
        return counts().sent;
    }

    private Counts counts() {
        Counts counts = new Counts();
        engines.forEach(engine -> counts.add(engine.counts()));
        return counts;
    }

    /**
     * Runs one phase on all engines.
     *
     * @param shape    of the phase as a whole; it begins now, whatever its start says.
     * @param progress told each second.
     */
    Result run(Phase shape, Progress progress) throws IOException, InterruptedException {
        Phase whole =
            new Phase(System.nanoTime(), shape.durationNs(), shape.rate(), shape.poisson(), shape.window());
        AtomicInteger busy = new AtomicInteger(engines.size());
        List<Runner> runners = new ArrayList<>();
        for (int i = 0; i < engines.size(); i++) {
            runners.add(new Runner(engines.get(i), whole.share(engines.size()), i, busy));
        }
        Histogram latency = collect(whole, runners, progress);
        for (Runner runner : runners) {
            if (runner.failure != null) {
                throw new IOException(runner.failure.getMessage(), runner.failure);
            }
        }
        long[] windows = new long[(int) (whole.durationNs() / Engine.WINDOW_NS)];
        for (Engine engine : engines) {
            for (int i = 0; i < windows.length; i++) {
                windows[i] += engine.windows()[i];
            }
        }
        Counts counts = counts();
        return new Result(counts, latency, whole.startNs(), whole.durationNs(), windows, name, engines.size(),
            bottleneck(whole, counts, runners));
    }

    private Histogram collect(Phase whole, List<Runner> runners, Progress progress) throws InterruptedException {
        List<SingleWriterRecorder> recorders = engines.stream().map(Engine::latency).toList();
        Histogram total = new Histogram(Engine.HIGHEST_LATENCY_NS, Engine.LATENCY_DIGITS);
        boolean isRunning = true;
        for (long second = 1; isRunning; second++) {
            long untilNs = whole.startNs() + second * PERIOD_NS;
            for (Runner runner : runners) {
                runner.thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(untilNs - System.nanoTime())));
            }
            isRunning = runners.stream().anyMatch(runner -> runner.thread.isAlive());
            Histogram interval = merge(recorders.stream().map(SingleWriterRecorder::getIntervalHistogram));
            total.add(interval);
            progress.second(System.nanoTime() - whole.startNs(), counts(), interval);
        }
        return total;
    }

    private static Histogram merge(Stream<Histogram> parts) {
        return parts.reduce((a, b) -> {
            a.add(b);
            return a;
        }).orElseThrow();
    }

    private static String bottleneck(Phase whole, Counts counts, List<Runner> runners) {
        if (whole.rate() > 0) {
            double share = counts.sent == 0 ? 0 : counts.behind / (double) counts.sent;
            return share < BEHIND ? null : String.format(Locale.ROOT,
                "the generator sent %.1f %% of the requests more than 1 ms after their time", 100 * share);
        }
        double busiest = runners.stream().mapToDouble(runner -> runner.busyShare).max().orElse(0);
        return busiest < BUSY ? null : String.format(Locale.ROOT,
            "the generator's busiest thread used %.0f %% of a CPU", 100 * busiest);
    }

    @Override
    public void close() throws IOException {
        for (Transport transport : transports) {
            transport.close();
        }
    }
}
