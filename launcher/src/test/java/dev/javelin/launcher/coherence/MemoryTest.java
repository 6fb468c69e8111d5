package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.javelin.afxdp.testing.RequiresRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * memcached at its memory limit: what it has evicted is not served, what Javelin serves often is not evicted, and a
 * change that fails for lack of memory is a change all the same.
 */
@RequiresRoot
class MemoryTest {
    private static final int KEYS = 40_000;
    private static final int MOST_ASKED = 100;
    private static final int VALUE_LENGTH = 600;
    private static final int BATCH = 64;
    private static final int PROBES = 16;
    /** Slow enough that memcached's memory is not turned over within the shortest time between two refreshes. */
    private static final long BATCH_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long WARM_UP_NS = TimeUnit.SECONDS.toNanos(4);
    private static final long RUN_NS = TimeUnit.SECONDS.toNanos(12);

    @TempDir
    private Path directory;

    /**
     * What came of a Zipf load.
     *
     * @param missed       answers that one of the keys asked most is gone, after the warm-up.
     * @param foundEvicted how often one of them was found gone from memcached before it was asked for.
     * @param served       keys served by Javelin.
     * @param refreshes    fetches for memcached's sake.
     */
    private record Load(int missed, int foundEvicted, long served, long refreshes) {
    }

    @Test
    void shouldKeepInMemcachedWhatIsServedMostAndNotServeWhatWasEvicted() throws IOException {
        Load without = load("-Djavelin.heat.refresh=1h");
        Load with = load("-Djavelin.heat.refresh=1s");
        System.out.printf("memory limit: without refresh %s, with refresh %s%n", without, with);
        assertTrue(without.foundEvicted > 0, "nothing was evicted that Javelin had: " + without);
        assertTrue(without.served > 10_000 && with.served > 10_000, "served by Javelin: " + without + with);
        assertTrue(with.refreshes > MOST_ASKED, "refreshes: " + with);
        assertTrue(with.missed < without.missed / 4, "missed with refresh: " + with + ", without: " + without);
    }

    private Load load(String refresh) throws IOException {
        String[] overrides = {CoherenceBed.WITH_CHECK[0], refresh};
        try (CoherenceBed bed = CoherenceBed.up(directory, overrides, "-m", "8");
            TextPipeline memcached = new TextPipeline(bed.memcached().connect());
            UdpBatch reader = UdpBatch.inClient(bed, CoherenceBed.ADDRESS)) {
            Random random = new Random(7);
            double[] cumulated = zipf();
            int missed = 0;
            int foundEvicted = 0;
            long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < RUN_NS) {
                long batchNs = System.nanoTime();
                List<String> keys = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    int rank = Math.abs(Arrays.binarySearch(cumulated, random.nextDouble()) + 1);
                    keys.add("zipf-" + Math.min(rank, KEYS - 1));
                }
                boolean isWarm = batchNs - startNs > WARM_UP_NS;
                int gone = probe(memcached, reader, random);
                foundEvicted += isWarm ? gone : 0;
                String[] values = reader.get(keys);
                for (int i = 0; i < BATCH; i++) {
                    if (values[i] == null) {
                        boolean isMostAsked = Integer.parseInt(keys.get(i).substring(5)) < MOST_ASKED;
                        missed += isMostAsked && isWarm ? 1 : 0;
                        store(memcached, keys.get(i), "v".repeat(VALUE_LENGTH));
                    }
                }
                memcached.exchange();
                LockSupport.parkNanos(BATCH_NS - (System.nanoTime() - batchNs));
            }
            return new Load(missed, foundEvicted, bed.javelin().stat("get_hits"), bed.javelin().stat("heat_refreshes"));
        }
    }

    /** Looks for keys that are gone, without telling memcached's LRU, and asserts that nobody serves them. */
    private static int probe(TextPipeline memcached, UdpBatch reader, Random random) throws IOException {
        List<String> gone = new ArrayList<>();
        for (int i = 0; i < PROBES; i++) {
            String key = "zipf-" + random.nextInt(MOST_ASKED);
            memcached.request("mg " + key + " u", _ -> {
                if (memcached.line().equals("EN")) {
                    gone.add(key);
                }
            });
        }
        memcached.exchange();
        String[] values = reader.get(gone);
        for (int i = 0; i < values.length; i++) {
            assertEquals(null, values[i], gone.get(i) + " was evicted");
        }
        return gone.size();
    }

    private static void store(TextPipeline memcached, String key, String value) {
        memcached.request("set " + key + " 0 0 " + value.length() + "\r\n" + value, _ ->
            assertEquals("STORED", memcached.line()));
    }

    /** The chances of the keys, added up. */
    private static double[] zipf() {
        double[] cumulated = new double[KEYS];
        double sum = 0;
        for (int i = 0; i < KEYS; i++) {
            sum += 1.0 / (i + 1);
            cumulated[i] = sum;
        }
        for (int i = 0; i < KEYS; i++) {
            cumulated[i] /= sum;
        }
        return cumulated;
    }

    @Test
    void shouldNotServeAValueWhoseReplacementFailedForLackOfMemory() throws IOException {
        String large = "x".repeat(1_000);
        byte[] extras = BinaryPipeline.storeExtras(0, 0);
        List<Change> changes = List.of(
            Change.text("set KEY 0 0 1000\n" + large, null), Change.text("set KEY 0 0 1000 noreply\n" + large, null),
            Change.text("replace KEY 0 0 1000\n" + large, null), Change.text("append KEY 0 0 1000\n" + large, null),
            Change.text("cas KEY 0 0 1000 CAS\n" + large, null), Change.text("ms KEY 1000\n" + large, null),
            Change.text("ms KEY 1000 q\n" + large, null), Change.text("ms KEY 1000 MA\n" + large, null),
            Change.binary("set", BinaryPipeline.SET, extras, large, false, null),
            Change.binary("setq", BinaryPipeline.SETQ, extras, large, false, null),
            Change.binary("appendq", BinaryPipeline.APPENDQ, new byte[0], large, false, null));
        int vanished = 0;
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK, "-M", "-m", "8");
            TextPipeline control = new TextPipeline(bed.memcached().connect());
            UdpGetter getter = UdpGetter.inClient(bed, CoherenceBed.ADDRESS)) {
            for (int i = 0; i < changes.size(); i++) {
                assertEquals("STORED", control.ask("set small-" + i + " 7 0 4\r\n" + Change.BEFORE));
            }
            fill(control, large);
            Way way = Way.tcp(() -> bed.connectFromClient(CoherenceBed.ADDRESS, CoherenceBed.PORT));
            for (int i = 0; i < changes.size(); i++) {
                String key = "small-" + i;
                String[] gets = control.ask("gets " + key).split(" ");
                control.data(Change.BEFORE.length());
                control.line();
                getter.warm(key, Change.UNCHANGED);
                String answer = way.ask(changes.get(i).request().apply(key, Long.parseLong(gets[4])));
                String found = getter.get(key);
                String inMemcached = control.get(key);
                assertEquals(inMemcached == null ? null : inMemcached + "/7", found, changes.get(i).name() + answer);
                assertTrue(inMemcached == null || inMemcached.equals(Change.BEFORE), "it failed: " + answer);
                vanished += inMemcached == null ? 1 : 0;
            }
        }
        assertTrue(vanished >= 5, "failed sets have to remove what they were to replace: " + vanished);
    }

    /** Sets values until there is no memory for one more of their size. */
    private static void fill(TextPipeline control, String value) throws IOException {
        String answer = "STORED";
        for (int i = 0; answer.equals("STORED"); i++) {
            assertTrue(i < 100_000, "memory does not run out");
            answer = control.ask("set fill-" + i + " 0 0 " + value.length() + "\r\n" + value);
        }
        assertEquals("SERVER_ERROR out of memory storing object", answer);
    }
}
