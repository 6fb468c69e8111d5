package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import dev.javelin.afxdp.testing.RequiresRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several clients at once on a few keys, and a checker that knows what one memcached could have answered them.
 */
@RequiresRoot
class ConcurrentHistoryTest {
    private static final int OPERATIONS = 1_000_000;
    private static final int SEEDS = 4;
    private static final int KEYS = 12;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);
    /** The longest rest of a client that changes things, so that Javelin has something to serve. */
    private static final int REST_NS = 8_000_000;

    @TempDir
    private Path directory;

    private record Result(long operations, long udpReads, long lost, List<String> violations) {
        String first() {
            return violations.size() + " violations:\n"
                + String.join("\n", violations.subList(0, Math.min(5, violations.size())));
        }
    }

    @Test
    void shouldBeLinearizableWhateverTheClientsDo() throws Exception {
        long operations = 0;
        long reads = 0;
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK)) {
            for (int seed = 1; seed <= SEEDS; seed++) {
                Result result = run(bed, seed, OPERATIONS / SEEDS);
                assertTrue(result.violations.isEmpty(), "seed " + seed + ": " + result.first());
                operations += result.operations;
                reads += result.udpReads;
                assertTrue(result.lost < result.udpReads / 1_000, "unanswered: " + result.lost);
            }
            long hits = bed.javelin().stat("get_hits");
            System.out.printf("%,d operations checked, %,d GETs over UDP, %,d served by Javelin%n",
                operations, reads, hits);
            assertTrue(operations >= OPERATIONS, "operations: " + operations);
            assertTrue(hits > reads / 5, "served by Javelin: " + hits + " of " + reads);
        }
    }

    @Test
    void shouldHaveNothingAgainstMemcachedAlone() throws Exception {
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITHOUT_CHECK)) {
            bed.javelin().close();
            Result result = run(bed, 99, OPERATIONS / 10);
            assertTrue(result.violations.isEmpty(), result.first());
        }
    }

    @Test
    void shouldFindStaleAnswersWhenTheCheckIsOff() throws Exception {
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITHOUT_CHECK)) {
            Result result = run(bed, 1, OPERATIONS / 50);
            System.out.printf("without the check: %,d violations in %,d operations%n", result.violations.size(),
                result.operations);
            assertTrue(!result.violations.isEmpty(), "no violation in " + result.operations + " operations");
        }
    }

    private static Result run(CoherenceBed bed, int seed, long operations) throws Exception {
        List<HistoryKey> keys = HistoryKey.keys("seed-" + seed, KEYS);
        AtomicLong commands = new AtomicLong(seed * 10_000_000L);
        List<UdpHistoryClient> readers = new ArrayList<>();
        List<HistoryClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                String address = i == 0 ? CoherenceBed.ADDRESS6 : CoherenceBed.ADDRESS;
                try (var _ = bed.testBed().enterClient()) {
                    readers.add(new UdpHistoryClient("udp" + i, new InetSocketAddress(address, CoherenceBed.PORT),
                        keys, new Recorder(keys, commands), new Random(seed * 100L + i), 8));
                }
            }
            clients.addAll(readers);
            clients.add(new TextHistoryClient("text from server", bed.memcached().connect(), keys,
                new Recorder(keys, commands), new Random(seed * 100L + 50), 6, 0));
            clients.add(new TextHistoryClient("text from client",
                bed.connectFromClient(CoherenceBed.ADDRESS, CoherenceBed.PORT), keys,
                new Recorder(keys, commands), new Random(seed * 100L + 51), 6, 50));
            clients.add(new BinaryHistoryClient("binary",
                bed.connectFromClient(CoherenceBed.ADDRESS6, CoherenceBed.PORT), keys,
                new Recorder(keys, commands), new Random(seed * 100L + 52)));
            clients.add(new TextHistoryClient("tcp reader", bed.memcached().connect(), keys,
                new Recorder(keys, commands), new Random(seed * 100L + 53), 32, 100));
            runAll(clients, readers.size(), operations, seed);
        } finally {
            CoherenceBed.closeAll(clients);
        }
        List<Recorder> recorders = clients.stream().map(HistoryClient::recorder).toList();
        return new Result(recorders.stream().mapToLong(Recorder::count).sum(),
            readers.stream().mapToLong(reader -> reader.recorder().count()).sum(),
            readers.stream().mapToLong(UdpHistoryClient::lost).sum(), Recorder.check(keys, recorders));
    }

    private static void runAll(List<HistoryClient> clients, int restless, long operations, int seed)
        throws InterruptedException, IOException {
        AtomicBoolean stop = new AtomicBoolean();
        long startNs = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(clients.size())) {
            List<Future<Void>> running = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++) {
                running.add(threads.submit(loop(clients.get(i), i < restless ? 0 : REST_NS, stop, seed * 1_000L + i)));
            }
            while (clients.stream().mapToLong(client -> client.recorder().count()).sum() < operations
                && System.nanoTime() - startNs < LIMIT_NS && running.stream().noneMatch(Future::isDone)) {
                Thread.sleep(5);
            }
            stop.set(true);
            for (Future<Void> client : running) {
                client.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private static Callable<Void> loop(HistoryClient client, int restNs, AtomicBoolean stop, long seed) {
        Random random = new Random(seed);
        return () -> {
            while (!stop.get()) {
                client.exchange();
                if (restNs > 0) {
                    LockSupport.parkNanos(random.nextInt(restNs));
                }
            }
            return null;
        };
    }
}
