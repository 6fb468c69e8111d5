package dev.javelin.launcher.coherence;

import java.io.IOException;
import java.net.InetSocketAddress;
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

/**
 * Seven clients at once on a few keys: three read over UDP, from an IPv4 and an IPv6 address, and set now and then; the
 * others change and read over TCP, from the client and from the server itself, in the text, the meta and the binary
 * protocol.
 */
final class ConcurrentHistory {
    private static final int KEYS = 12;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);
    /** The longest rest of a client that changes things, so that Javelin has something to serve. */
    private static final int REST_NS = 8_000_000;

    private ConcurrentHistory() {
    }

    /**
     * What came of it.
     *
     * @param operations of all clients.
     * @param udpReads   of those that read over UDP.
     * @param lost       requests over UDP without an answer.
     * @param violations what no single memcached could have answered, in words.
     */
    record Result(long operations, long udpReads, long lost, List<String> violations) {
        /** Returns the first violations. */
        String first() {
            return violations.size() + " violations:\n"
                + String.join("\n", violations.subList(0, Math.min(5, violations.size())));
        }
    }

    /** Lets the clients run until they have done so many operations together, or a minute has passed. */
    static Result run(CoherenceBed bed, int seed, long operations) throws Exception {
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
