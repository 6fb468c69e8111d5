package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.launcher.JavelinProcessUnderTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * memcached ends again and again, asked to or killed, while clients read and write: what the old process had is never
 * served once the new one is there, and Javelin serves again each time.
 */
@RequiresRoot
class RestartTest {
    private static final int RESTARTS = 20;
    private static final int KEYS = 16;
    private static final long REST_NS = 200_000;

    @TempDir
    private Path directory;

    @Test
    void shouldNeverServeWhatAnotherMemcachedHad() throws Exception {
        List<HistoryKey> keys = HistoryKey.keys("restart", KEYS);
        AtomicLong commands = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        Recorder restarts = new Recorder(keys, commands);
        List<HistoryClient> clients = new ArrayList<>();
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK);
            ExecutorService threads = Executors.newCachedThreadPool()) {
            try (var _ = bed.testBed().enterClient()) {
                for (int i = 0; i < 2; i++) {
                    clients.add(new UdpHistoryClient("udp" + i,
                        new InetSocketAddress(CoherenceBed.ADDRESS, CoherenceBed.PORT), keys,
                        new Recorder(keys, commands), new Random(i), 8));
                }
            }
            clients.add(new PersistentWriter(() ->
                bed.connectFromClient(CoherenceBed.ADDRESS, CoherenceBed.PORT), keys, new Recorder(keys, commands)));
            List<Future<?>> running = new ArrayList<>();
            for (HistoryClient client : clients) {
                running.add(threads.submit(() -> {
                    while (!stop.get()) {
                        client.exchange();
                        LockSupport.parkNanos(REST_NS);
                    }
                    return null;
                }));
            }
            try {
                for (int i = 0; i < RESTARTS; i++) {
                    awaitHits(bed, running);
                    long invokedNs = System.nanoTime();
                    bed.memcached().stop(i % 2 == 0 ? "TERM" : "KILL");
                    bed.memcached().start();
                    restarts.goneEverywhere(invokedNs, "restart " + i);
                }
                awaitHits(bed, running);
            } finally {
                stop.set(true);
            }
            for (Future<?> client : running) {
                client.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } finally {
            CoherenceBed.closeAll(clients);
        }
        List<Recorder> recorders = new ArrayList<>(clients.stream().map(HistoryClient::recorder).toList());
        recorders.add(restarts);
        List<String> violations = Recorder.check(keys, recorders);
        System.out.printf("%d restarts: %,d operations, %d violations%n", RESTARTS,
            recorders.stream().mapToLong(Recorder::count).sum(), violations.size());
        assertTrue(violations.isEmpty(),
            () -> String.join("\n", violations.subList(0, Math.min(5, violations.size()))));
    }

    /** Waits until Javelin has served a thousand keys more. */
    private static void awaitHits(CoherenceBed bed, List<Future<?>> running) {
        long before = bed.javelin().stat("get_hits");
        JavelinProcessUnderTest.await("Javelin serves again", () -> {
            assertTrue(running.stream().noneMatch(Future::isDone), "a client has failed");
            LockSupport.parkNanos(1_000_000);
            return bed.javelin().stat("get_hits") > before + 1_000;
        });
    }

    /** Sets keys, and connects anew whenever memcached has gone. A set without an answer may have been done. */
    private static final class PersistentWriter implements HistoryClient {
        private final Way.Connect<Socket> connect;
        private final List<HistoryKey> keys;
        private final Recorder recorder;
        private final Random random = new Random(3);
        private TextPipeline pipeline;

        PersistentWriter(Way.Connect<Socket> connect, List<HistoryKey> keys, Recorder recorder) {
            this.connect = connect;
            this.keys = keys;
            this.recorder = recorder;
        }

        @Override
        public void exchange() throws IOException {
            HistoryKey key = keys.get(random.nextInt(keys.size()));
            long command = recorder.nextCommand();
            String value = key.value(command);
            long invokedNs = System.nanoTime();
            try {
                if (pipeline == null) {
                    pipeline = new TextPipeline(connect.connect());
                }
                String answer = pipeline.ask("set " + key.name() + " 0 0 " + value.length() + "\r\n" + value);
                if (!answer.equals("STORED")) {
                    throw new IllegalStateException(answer);
                }
                recorder.wrote(key, key.version(command), Operation.UNKNOWN, invokedNs, "writer");
            } catch (IOException gone) {
                recorder.mayStillWrite(key, key.version(command), invokedNs, "writer");
                close();
                pipeline = null;
            }
        }

        @Override
        public Recorder recorder() {
            return recorder;
        }

        @Override
        public void close() throws IOException {
            if (pipeline != null) {
                pipeline.close();
            }
        }
    }
}
