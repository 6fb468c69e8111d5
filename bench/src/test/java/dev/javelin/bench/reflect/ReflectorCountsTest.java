package dev.javelin.bench.reflect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reflector counts in XDP, against a server that counts itself and misbehaves in one known way. */
@RequiresRoot
@Timeout(120)
class ReflectorCountsTest {
    private static final long RUN_NS = TimeUnit.MILLISECONDS.toNanos(700);
    private static final long SHORT_TIMEOUT_NS = TimeUnit.MILLISECONDS.toNanos(60);
    private static final int WINDOW = 20;
    private static final String HIT = "VALUE k 0 1\r\nx\r\nEND\r\n";

    private long received;
    private long replied;
    private int verifyEvery = Integer.MAX_VALUE;
    private long sampledHits;

    private Totals run(final String address, final long timeoutNs, final IntSupplier sampler,
        final ScriptedServer.Script script) throws Exception {
        try (ReflectLab lab = new ReflectLab(1);
             ScriptedServer server = new ScriptedServer(lab.pair, address, ReflectLab.PORT, script)) {
            final ReflectOptions plain = ReflectLab.options(address, WINDOW, false, verifyEvery);
            final ReflectOptions options = new ReflectOptions(plain.server(), plain.interfaceName(), plain.firstPort(),
                plain.portCount(), WINDOW, false, verifyEvery, timeoutNs, 100);
            final Reflector reflector = lab.open(options, sampler,
                (item, buffer, offset, length) -> sampledHits += buffer.getByte(offset) == 'V' ? 1 : 0);
            final Totals totals = reflector.run(RUN_NS, true, () -> { });
            received = server.received();
            replied = server.replied();
            assertTrue(totals.sent() > 300, "sent " + totals.sent());
            assertEquals(totals.sent(), totals.get(ReflectCounter.ANSWERED) + totals.lost());
            return totals;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VethPair.SERVER_IPV4, VethPair.SERVER_IPV6})
    void shouldCountWhatIsLostAndAskAgain(final String address) throws Exception {
        final Totals totals = run(address, SHORT_TIMEOUT_NS, ReflectLab.uniform(), (number, header, key, reply) -> {
            if (number % 10 != 0) {
                reply.accept(header, HIT);
            }
        });
        assertEquals(received, totals.sent());
        assertEquals(received / 10, totals.lost());
        assertEquals(replied, totals.get(ReflectCounter.ANSWERED));
        assertTrue(totals.seeded() > WINDOW, "seeded again: " + totals.seeded());
        // Every slot loses one request in ten; that they go on shows in more requests than the window's share.
        assertTrue(totals.sent() > 10L * WINDOW, "sent " + totals.sent());
        assertEquals(0, totals.get(ReflectCounter.LATE) + totals.get(ReflectCounter.DUPLICATE));
    }

    @Test
    void shouldTellHitsFromMissesAndLeaveSomeToUserSpace() throws Exception {
        final long[] hits = new long[1];
        verifyEvery = 5;
        final Totals totals = run(VethPair.SERVER_IPV4, ReflectLab.TIMEOUT_NS, ReflectLab.uniform(),
            (number, header, key, reply) -> {
                hits[0] += number % 3 == 0 ? 1 : 0;
                reply.accept(header, number % 3 == 0 ? HIT : "END\r\n");
            });
        assertEquals(hits[0], totals.get(ReflectCounter.HITS) + sampledHits);
        final long sampled = totals.get(ReflectCounter.SAMPLED);
        assertEquals(received - hits[0], totals.get(ReflectCounter.MISSES) + sampled - sampledHits);
        assertEquals(received / (double) verifyEvery, sampled, 10, "sampled");
        assertEquals(received, totals.sent());
        assertEquals(0, totals.get(ReflectCounter.NOT_SENT), "a miss is shorter than a request");
    }

    @Test
    void shouldCountSecondReplies() throws Exception {
        final Totals totals = run(VethPair.SERVER_IPV4, ReflectLab.TIMEOUT_NS, ReflectLab.uniform(),
            (number, header, key, reply) -> {
                reply.accept(header, HIT);
                if (number % 10 == 0) {
                    reply.accept(header, HIT);
                }
            });
        assertEquals(received, totals.sent());
        assertEquals(0, totals.lost());
        assertEquals(replied - received, totals.get(ReflectCounter.DUPLICATE));
        assertEquals(received / 10, totals.get(ReflectCounter.DUPLICATE));
    }

    /** A server that stops for longer than the time-out answers everything in the end, but some of it too late. */
    @Test
    void shouldCountRepliesThatComeAfterTheirTime() throws Exception {
        final Totals totals = run(VethPair.SERVER_IPV4, SHORT_TIMEOUT_NS, ReflectLab.uniform(),
            (number, header, key, reply) -> {
                if (number == 200) {
                    LockSupport.parkNanos(2 * SHORT_TIMEOUT_NS);
                }
                reply.accept(header, HIT);
            });
        assertEquals(received, totals.sent());
        assertEquals(received, replied);
        assertTrue(totals.lost() >= WINDOW, "lost " + totals.lost());
        assertEquals(totals.lost(), totals.get(ReflectCounter.LATE));
        assertEquals(0, totals.get(ReflectCounter.DUPLICATE));
    }

    @Test
    void shouldCountWhatIsNoReply() throws Exception {
        final long[] lies = new long[1];
        final long[] answers = new long[1];
        final byte[] secondOfTwo = {0, 0, 0, 1, 0, 2, 0, 0};
        final Totals totals = run(VethPair.SERVER_IPV4, SHORT_TIMEOUT_NS, ReflectLab.uniform(),
            (number, header, key, reply) -> {
                final byte[] head = header.clone();
                switch ((int) (number % 50)) {
                    // Too short for a frame header: nothing says which request it answers.
                    case 10 -> reply.accept(Arrays.copyOf(header, 5), "");
                    case 20 -> {
                        System.arraycopy(secondOfTwo, 2, head, 2, 6);
                        answers[0]++;
                        reply.accept(head, HIT);
                    }
                    case 30 -> {
                        answers[0]++;
                        reply.accept(header, "ERROR\r\n");
                    }
                    case 40 -> {
                        answers[0]++;
                        reply.accept(header, "");
                    }
                    // A request id that this port does not wait for, and that was never given to anybody.
                    case 45 -> {
                        head[0] = (byte) (head[0] ^ 0x55);
                        reply.accept(head, HIT);
                    }
                    default -> {
                        answers[0]++;
                        reply.accept(header, HIT);
                        return;
                    }
                }
                lies[0]++;
            });
        assertEquals(received, totals.sent());
        assertEquals(answers[0], totals.get(ReflectCounter.ANSWERED));
        assertEquals(received - answers[0], totals.lost());
        // What was asked for long ago on the same port may look like a second reply, as ids come round again.
        assertEquals(lies[0], totals.get(ReflectCounter.MALFORMED) + totals.get(ReflectCounter.DUPLICATE)
            + totals.get(ReflectCounter.LATE));
        assertTrue(totals.get(ReflectCounter.MALFORMED) >= received / 50 * 4, Arrays.toString(totals.counters()));
    }

    @Test
    void shouldAskForKeysAsOftenAsTheOrderHasThem() throws Exception {
        final AtomicLongArray asked = new AtomicLongArray(ReflectLab.ITEMS);
        final Map<String, Integer> items = new HashMap<>();
        IntStream.range(0, ReflectLab.ITEMS).forEach(item ->
            items.put(new String(ReflectLab.key(item), StandardCharsets.US_ASCII), item));
        final SplittableRandom random = new SplittableRandom(9);
        // Item i with a probability proportional to 1 / (i + 1).
        final double[] sums = new double[ReflectLab.ITEMS];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (i == 0 ? 0 : sums[i - 1]) + 1.0 / (i + 1);
        }
        final IntSupplier zipf = () -> {
            final int found = Arrays.binarySearch(sums, random.nextDouble() * sums[sums.length - 1]);
            return found < 0 ? -found - 1 : found;
        };
        final Totals totals = run(VethPair.SERVER_IPV4, ReflectLab.TIMEOUT_NS, zipf, (number, header, key, reply) -> {
            asked.incrementAndGet(items.get(key));
            reply.accept(header, HIT);
        });
        double share = 0;
        for (int i = 0; i < sums.length; i++) {
            share += asked.get(i) / (double) totals.sent();
            assertEquals(sums[i] / sums[sums.length - 1], share, 0.05, "share of the first " + (i + 1) + " items");
        }
        assertEquals(1, share, 1e-9);
    }
}
