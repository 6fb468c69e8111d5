package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

import dev.javelin.afxdp.testing.RequiresRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The race that leaves other caches stale for good: a GET of an uncached key and a SET of it on their way at the same
 * time, so that the cache may be filled with what the GET found after the SET has been acknowledged.
 */
@RequiresRoot
class RaceTest {
    private static final int ROUNDS = 100_000;
    /** Rounds that run at the same time, each on a key of its own. */
    private static final int KEYS = 50;

    /** When nothing more is expected of a connection: memcached waits for the rest of a value. */
    private static final int SILENCE_MS = 30;

    @TempDir
    private Path directory;

    private record Outcome(int stale, long served) {
    }

    @Test
    void shouldNeverBeStaleWhenGetAndSetRace() throws IOException {
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK)) {
            Outcome outcome = race(bed, 0, ROUNDS);
            System.out.printf("race: %,d rounds, %d stale, %,d answers by Javelin%n", ROUNDS, outcome.stale,
                outcome.served);
            assertEquals(0, outcome.stale, "stale answers");
            assertTrue(outcome.served > ROUNDS / 10, "served by Javelin: " + outcome.served);
        }
    }

    @Test
    void shouldFindStaleAnswersWhenTheCheckIsOff() throws IOException {
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITHOUT_CHECK)) {
            int stale = 0;
            int rounds = 0;
            // Most thousands have hundreds; on a machine that is busy with something else, some have none.
            while (stale == 0 && rounds < ROUNDS) {
                stale = race(bed, rounds, ROUNDS / 50).stale;
                rounds += ROUNDS / 50;
            }
            System.out.printf("race without the check: %,d rounds, %d stale%n", rounds, stale);
            assertTrue(stale > 0, "no stale answers in " + rounds + " rounds");
        }
    }

    private static Outcome race(CoherenceBed bed, int from, int rounds) throws IOException {
        int stale = 0;
        long before = bed.javelin().stat("get_hits");
        try (TextPipeline writer = new TextPipeline(bed.connectFromClient(CoherenceBed.ADDRESS, CoherenceBed.PORT));
            UdpBatch reader = UdpBatch.inClient(bed, CoherenceBed.ADDRESS)) {
            for (int round = from; round < from + rounds; round += KEYS) {
                int first = round;
                List<String> keys = IntStream.range(0, KEYS).mapToObj(i -> "race-" + (first + i)).toList();
                keys.forEach(key -> writer.request(set(key, "old"), _ -> assertEquals("STORED", writer.line())));
                writer.exchange();
                reader.begin(KEYS);
                for (int i = 0; i < KEYS; i++) {
                    // Which of the two gets ahead is left to chance, but both orders have to occur.
                    if (i % 2 == 0) {
                        reader.send(i, keys.get(i));
                    }
                    writer.send(bytes(set(keys.get(i), "new") + "\r\n"));
                    if (i % 2 != 0) {
                        reader.send(i, keys.get(i));
                    }
                }
                for (int i = 0; i < KEYS; i++) {
                    assertEquals("STORED", writer.line());
                }
                reader.answers();
                for (int again = 0; again < 3; again++) {
                    stale += (int) Arrays.stream(reader.get(keys)).filter(value -> !"new".equals(value)).count();
                }
            }
        }
        return new Outcome(stale, bed.javelin().stat("get_hits") - before);
    }

    private static String set(String key, String value) {
        return "set " + key + " 0 0 " + value.length() + "\r\n" + value;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void shouldSeeTheNewValueHoweverTheWritesAreSent() throws IOException {
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK);
            TextPipeline writer = new TextPipeline(bed.connectFromClient(CoherenceBed.ADDRESS, CoherenceBed.PORT));
            UdpBatch reader = UdpBatch.inClient(bed, CoherenceBed.ADDRESS);
            UdpGetter getter = UdpGetter.inClient(bed, CoherenceBed.ADDRESS)) {
            setByteByByte(writer, getter);
            setManyAtOnce(bed, writer, reader);
            setOneKeyOften(writer, getter);
        }
    }

    private static void setByteByByte(TextPipeline writer, UdpGetter getter) throws IOException {
        assertEquals("STORED", writer.ask(set("slow", "value-00")));
        for (int i = 1; i <= 50; i++) {
            String before = "value-%02d/0".formatted(i - 1);
            getter.warm("slow", before);
            byte[] request = bytes(set("slow", "value-%02d".formatted(i)) + "\r\n");
            for (int at = 0; at < request.length; at++) {
                if (at % 8 == 0) {
                    assertEquals(before, getter.get("slow"), "before the last byte was sent");
                }
                writer.send(new byte[] {request[at]});
            }
            assertEquals("STORED", writer.line());
            assertEquals("value-%02d/0".formatted(i), getter.get("slow"));
        }
    }

    private static void setManyAtOnce(CoherenceBed bed, TextPipeline writer, UdpBatch reader) throws IOException {
        List<String> keys = IntStream.range(0, 1_000).mapToObj(i -> "many-" + i).toList();
        keys.forEach(key -> writer.request(set(key, "0"), _ -> assertEquals("STORED", writer.line())));
        writer.exchange();
        for (int i = 1; i <= 10; i++) {
            String value = Integer.toString(i);
            boolean quiet = i % 2 == 0;
            warm(bed, reader, keys, Integer.toString(i - 1));
            for (String key : keys) {
                String request = quiet ? "set " + key + " 0 0 " + value.length() + " noreply\r\n" + value
                    : set(key, value);
                writer.request(request, _ -> {
                    if (!quiet) {
                        assertEquals("STORED", writer.line());
                    }
                });
            }
            writer.request("mn", _ -> assertEquals("MN", writer.line()));
            writer.exchange();
            assertEquals(List.of(value), Arrays.stream(reader.get(keys)).distinct().toList());
        }
    }

    /** Asks until Javelin serves nearly all of the keys. */
    private static void warm(CoherenceBed bed, UdpBatch reader, List<String> keys, String value) throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            long before = bed.javelin().stat("get_hits");
            assertEquals(List.of(value), Arrays.stream(reader.get(keys)).distinct().toList());
            if (bed.javelin().stat("get_hits") - before > keys.size() * 9L / 10) {
                return;
            }
        }
        throw new AssertionError("Javelin does not serve " + keys.getFirst() + " and the others");
    }

    private static void setOneKeyOften(TextPipeline writer, UdpGetter getter) throws IOException {
        assertEquals("STORED", writer.ask(set("often", "first")));
        String before = "first/0";
        for (int round = 0; round < 20; round++) {
            getter.warm("often", before);
            for (int i = 0; i < 1_000; i++) {
                writer.request(set("often", round + "-" + i), _ -> assertEquals("STORED", writer.line()));
            }
            writer.exchange();
            before = round + "-999/0";
            assertEquals(before, getter.get("often"));
        }
    }

    /** What may stand before a write, on the same connection, to confuse who tries to follow it. */
    private static List<String> confusions() {
        String tooLong = "k".repeat(251);
        List<String> all = new ArrayList<>(List.of("", "\r\n", "\n", "\r\n\r\n", " ", "\0\0\0\0\r\n", "bogus\r\n",
            "SET KEY 0 0 3\r\n", "get\r\n", "set\r\n", "set KEY\r\n", "set KEY 0 0\r\n", "get " + tooLong + "\r\n",
            "set " + tooLong + " 0 0 3\r\nabc\r\n", "delete " + tooLong + "\r\n", "get KEY\n", "get KEY KEY KEY\r\n",
            "set other 0 0 -1\r\n", "set other 0 0 -2147483648\r\n", "set other 0 0 abc\r\n",
            "set other 0 0 99999999999999999999\r\n", "set other 0 0 2147483647\r\n", "set other 0 0 2147483646\r\n",
            "set KEY 0 0 1048577\r\n", "set KEY 0 0 2000000000\r\n", "set other -1 0 1\r\nx\r\n",
            "set other 0 abc 1\r\nx\r\n", "set other 0 0 3\r\nabcdefgh\r\n", "set other 0 0 3\r\nab\r\n\r\n",
            "set other 0 0 0\r\n\r\n", "set other 0 0 0\r\n", "set other 0 0 1\r\n", "set other 0 0 8\r\n",
            "append other 0 0 3\r\nabc\r\n", "cas other 0 0 3\r\nabc\r\n", "incr KEY abc\r\n", "incr other 1 2 3\r\n",
            "touch KEY abc\r\n", "flush_all abc\r\n", "md\r\n", "ms KEY abc\r\n", "ms KEY 3 S3 T\r\nabc\r\n",
            "ms KEY 3 b\r\nabc\r\n", "mg KEY zzz\r\n", "ma KEY Dabc\r\n", "mn\r\n", "mg miss v q\r\nmn\r\n",
            "verbosity 0\r\n", "stats\r\n", "version\r\n", "lru mode flat extra\r\n"));
        // A write that a reader of the lines sees, and memcached takes for a value.
        String hidden = "set KEY 0 0 6\r\nhidden\r\n";
        all.add("set other 0 0 " + (hidden.length() - 2) + "\r\n" + hidden);
        all.add("set other 0 0 " + hidden.length() + "\r\n" + hidden + "\r\n");
        // And one that memcached carries out, and a reader of the lengths takes for a value.
        all.add("set other 0 0 -" + hidden.length() + "\r\n" + hidden);
        all.add("set " + tooLong + " 0 0 " + (hidden.length() - 2) + "\r\n" + hidden);
        all.add("set other 0 0 3 extra words here\r\n" + hidden);
        all.add("set other 0 0 5\r\n" + hidden);
        all.add("bogus other 0 0 " + (hidden.length() - 2) + "\r\n" + hidden);
        return all;
    }

    @Test
    void shouldAgreeWithMemcachedWhateverStandsBeforeAWrite() throws IOException {
        List<String> wrong = new ArrayList<>();
        int changed = 0;
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK);
            TextPipeline control = new TextPipeline(bed.memcached().connect());
            UdpGetter getter = UdpGetter.inClient(bed, CoherenceBed.ADDRESS)) {
            List<String> writes = List.of("set KEY 0 0 3\r\nnew\r\n", "set KEY 0 0 3\nnew\r\n",
                "set  KEY  0  0  3 \r\nnew\r\n", "delete KEY\r\n", "delete KEY 0\r\n", "md KEY\n", "incr KEY 1\r\n",
                "set KEY 0 0 3 noreply\r\nnew\r\n");
            int number = 0;
            assertEquals("STORED", control.ask(set("end", "x")));
            for (String confusion : confusions()) {
                for (String write : writes) {
                    String key = "odd-" + number++;
                    assertEquals("STORED", control.ask(set(key, "1000")));
                    getter.warm(key, "1000/0");
                    TextPipeline odd = new TextPipeline(bed.connectFromClient(CoherenceBed.ADDRESS, CoherenceBed.PORT));
                    try (odd) {
                        odd.send(bytes((confusion + write).replace("KEY", key) + "get end\r\n"));
                        odd.awaitEnd("VALUE end 0 1", SILENCE_MS);
                    }
                    String found = getter.get(key);
                    String inMemcached = control.get(key);
                    changed += "1000".equals(inMemcached) ? 0 : 1;
                    if (!(inMemcached == null ? "null" : inMemcached + "/0").equals(String.valueOf(found))) {
                        wrong.add((confusion + write).replace("\r\n", "\\r\\n") + " left " + inMemcached
                            + ", and a GET over UDP got " + found);
                    }
                }
            }
        }
        assertTrue(wrong.isEmpty(), String.join("\n", wrong));
        assertTrue(changed > 200, "most of the writes have to get through: " + changed);
    }
}
