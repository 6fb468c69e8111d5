package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.launcher.JavelinProcessUnderTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing is served at or after the moment in which memcached stops serving it.
 *
 * <p>memcached notices that an item has ended when somebody asks for it, and then removes it. So each key has a
 * witness, which ends in the same way and not before it, and memcached is asked for the witness only, over TCP, every
 * ten milliseconds around the second. Once the witness is gone the key must be gone over UDP.
 */
@RequiresRoot
class ExpiryTest {
    private static final String WITNESS = "-witness";
    private static final int STEP_MS = 10;
    private static final int STOPPED_MS = 4_000;
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(10);

    @TempDir
    private Path directory;
    private CoherenceBed bed;
    private TextPipeline control;
    private UdpGetter getter;
    private UdpBatch reader;

    @BeforeEach
    void start() throws IOException {
        bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK);
        control = new TextPipeline(bed.memcached().connect());
        getter = UdpGetter.inClient(bed, CoherenceBed.ADDRESS);
        reader = UdpBatch.inClient(bed, CoherenceBed.ADDRESS);
    }

    @AfterEach
    void stop() throws IOException {
        CoherenceBed.closeAll(List.of(control, getter, reader, bed));
    }

    /** Makes items that live for so many seconds, each in another way, and their witnesses; returns the keys. */
    private List<String> mortals(int seconds) throws IOException {
        long absolute = System.currentTimeMillis() / 1_000 + seconds;
        Map<String, String> commands = new HashMap<>();
        commands.put("set-relative", "set KEY 0 " + seconds + " 3\r\nnew");
        commands.put("set-absolute", "set KEY 0 " + absolute + " 3\r\nnew");
        commands.put("add", "delete KEY\r\nadd KEY 0 " + seconds + " 3\r\nnew");
        commands.put("touch", "touch KEY " + seconds);
        commands.put("touch-absolute", "touch KEY " + absolute);
        commands.put("gat", "gat " + seconds + " KEY");
        commands.put("gats-absolute", "gats " + absolute + " KEY");
        commands.put("ms", "ms KEY 3 T" + seconds + "\r\nnew");
        commands.put("mg", "mg KEY T" + seconds);
        commands.put("mg-absolute", "mg KEY T" + absolute);
        commands.put("mg-vivified", "md KEY\r\nmg KEY N" + seconds);
        commands.put("ma", "ma KEY T" + seconds);
        commands.put("ma-created", "md KEY\r\nma KEY J5 N" + seconds);
        commands.put("touch-back", "touch KEY -1\r\nset KEY 0 " + seconds + " 3\r\nnew");
        Way way = Way.tcp(() -> bed.connectFromClient(CoherenceBed.ADDRESS, CoherenceBed.PORT));
        List<String> keys = new ArrayList<>();
        for (Map.Entry<String, String> command : commands.entrySet()) {
            for (int i = 0; i < 3; i++) {
                String key = command.getKey() + "-" + seconds + "-" + i;
                makeMortal(way, key, name -> (command.getValue().replace("KEY", name) + "\r\n").getBytes());
                keys.add(key);
            }
        }
        for (int opcode : new int[] {BinaryPipeline.SET, BinaryPipeline.TOUCH, BinaryPipeline.GATQ}) {
            String key = "binary-" + opcode + "-" + seconds;
            boolean isSet = opcode == BinaryPipeline.SET;
            byte[] extras = isSet ? BinaryPipeline.storeExtras(0, seconds) : BinaryPipeline.exptimeExtras(seconds);
            makeMortal(way, key, name -> BinaryPipeline.encode(opcode, name, extras, isSet ? "new" : "", 0));
            keys.add(key);
        }
        return keys;
    }

    /** Stores key and witness, lets Javelin have the key, and then sets the end of both, the witness's last. */
    private void makeMortal(Way way, String key, Function<String, byte[]> request) throws IOException {
        for (String name : List.of(key, key + WITNESS)) {
            assertEquals("STORED", control.ask("set " + name + " 0 0 4\r\n1000"));
        }
        getter.get(key);
        askUntilMortal(way, key, request);
        askUntilMortal(way, key + WITNESS, request);
    }

    /**
     * Asks until the item has an end. {@code ma} with {@code T} gives it to the item that it has just replaced, and not
     * to the new one, if anybody was reading the item at that moment: an oddity of memcached's own.
     */
    private void askUntilMortal(Way way, String name, Function<String, byte[]> request) throws IOException {
        do {
            way.ask(request.apply(name));
        } while (control.ask("mg " + name + " t").equals("HD t-1"));
    }

    /** Returns of which keys memcached still has the witness. */
    private List<Boolean> witnesses(List<String> keys) throws IOException {
        List<Boolean> found = new ArrayList<>();
        for (String key : keys) {
            control.request("mg " + key + WITNESS + " u", _ -> found.add(!control.line().equals("EN")));
        }
        control.exchange();
        return found;
    }

    /** Asks for witnesses and then for keys until all have gone; returns how many answers Javelin gave before. */
    private long watchUntilGone(List<String> keys) throws IOException {
        long hitsBefore = bed.javelin().stat("get_hits");
        long startNs = System.nanoTime();
        List<Boolean> found;
        do {
            found = witnesses(keys);
            String[] values = reader.get(keys);
            for (int i = 0; i < values.length; i++) {
                assertTrue(found.get(i) || values[i] == null,
                    keys.get(i) + " has ended in memcached, and a GET over UDP got " + values[i]);
            }
            assertTrue(System.nanoTime() - startNs < LIMIT_NS, "still there after ten seconds: " + keys);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(STEP_MS));
        } while (found.contains(true));
        return bed.javelin().stat("get_hits") - hitsBefore;
    }

    @Test
    void shouldEndEveryItemWhenMemcachedDoes() throws IOException {
        for (int seconds = 1; seconds <= 3; seconds++) {
            List<String> keys = mortals(seconds);
            long hits = watchUntilGone(keys);
            System.out.printf("expiry after %d s: %d items, %d answers by Javelin%n", seconds, keys.size(), hits);
            assertTrue(seconds == 1 || hits > keys.size(), "answers by Javelin: " + hits);
        }
    }

    @Test
    void shouldEndEveryItemWhenADelayedFlushComesDue() throws IOException {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            keys.add("flushed-" + i);
            assertEquals("STORED", control.ask("set flushed-" + i + " 0 0 3\r\nold"));
            assertEquals("STORED", control.ask("set flushed-" + i + WITNESS + " 0 0 3\r\nold"));
        }
        assertEquals("OK", control.ask("flush_all 3"));
        long hits = watchUntilGone(keys);
        assertTrue(hits > keys.size(), "answers by Javelin: " + hits);
    }

    @Test
    void shouldEndEveryItemWhenMemcachedWasStopped() throws IOException {
        List<String> keys = mortals(3);
        List<String> flushed = new ArrayList<>();
        for (String key : keys) {
            flushed.add(key + "-flushed");
            assertEquals("STORED", control.ask("set " + key + "-flushed 0 0 3\r\nold"));
            assertEquals("STORED", control.ask("set " + key + "-flushed" + WITNESS + " 0 0 3\r\nold"));
        }
        assertEquals("OK", control.ask("flush_all 4"));
        keys.addAll(flushed);
        long before = bed.javelin().stat("get_hits");
        JavelinProcessUnderTest.await("Javelin serves many of them", () -> {
            ask(keys);
            return bed.javelin().stat("get_hits") > before + keys.size();
        });
        bed.memcached().signal("STOP");
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(STOPPED_MS));
        bed.memcached().signal("CONT");
        watchUntilGone(keys);
    }

    private void ask(List<String> keys) {
        try {
            reader.get(keys);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldNotServeWhatHasEndedBeforeItWasStored() throws IOException {
        long absolute = System.currentTimeMillis() / 1_000 - 1;
        for (String exptime : List.of("-1", "-100", Long.toString(absolute), "2592001", "-2147483648")) {
            String key = "ended" + exptime;
            assertEquals("STORED", control.ask("set " + key + " 0 0 3\r\nold"));
            getter.warm(key, "old/0");
            assertEquals("STORED", control.ask("set " + key + " 0 " + exptime + " 3\r\nnew"));
            String found = getter.get(key);
            assertEquals(control.get(key), found == null ? null : found.replace("/0", ""), exptime);
            assertEquals("STORED", control.ask("set " + key + " 0 0 3\r\nold"));
            getter.warm(key, "old/0");
            assertEquals("TOUCHED", control.ask("touch " + key + " " + exptime));
            found = getter.get(key);
            assertEquals(control.get(key), found == null ? null : found.replace("/0", ""), exptime);
        }
    }
}
