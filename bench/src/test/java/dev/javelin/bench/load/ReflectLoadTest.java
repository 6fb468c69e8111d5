package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import dev.javelin.bench.reflect.ScriptedServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A reflector that looks at every reply whole, against a server that lies in one known way on every tenth request; each
 * lie has to be counted in its place.
 */
@RequiresRoot
@Timeout(120)
class ReflectLoadTest {
    private static final int ITEMS = 50;
    private static final int VERSION = 3;

    private final LoadOptions options = new LoadOptions();
    private Items items;
    private long received;

    /** How a reply is spoilt. */
    private interface Lie {
        /** Returns the text to send instead, or null for none. */
        String tell(int item, String truth);
    }

    @ParameterizedTest
    @ValueSource(strings = {VethPair.SERVER_IPV4, "[" + VethPair.SERVER_IPV6 + "]"})
    void shouldCountHitsWhenTheServerIsHonest(String host) throws Exception {
        Result result = run(host, 1, (item, truth) -> truth);
        Counts counts = result.counts();
        assertEquals(received, counts.sent);
        assertEquals(counts.sent, counts.hits);
        assertEquals(counts.sent, result.latency().getTotalCount());
        assertEquals(0, counts.bad() + counts.misses + counts.duplicate + counts.lost);
        assertEquals("xdp reflect", result.transport());
        assertEquals(5, result.windows().length);
    }

    @Test
    void shouldCountMisses() throws Exception {
        Counts counts = run(1, (item, truth) -> "END\r\n");
        assertLies(counts, counts.misses);
    }

    @Test
    void shouldCountAWrongByte() throws Exception {
        Counts counts = run(1, (item, truth) -> {
            StringBuilder changed = new StringBuilder(truth);
            int at = truth.length() - 8;
            changed.setCharAt(at, (char) (changed.charAt(at) ^ 1));
            return changed.toString();
        });
        assertLies(counts, counts.wrong);
    }

    @Test
    void shouldCountAnotherItemsReplyAsWrong() throws Exception {
        Counts counts = run(1, (item, truth) -> reply((item + 1) % ITEMS, VERSION));
        assertLies(counts, counts.wrong);
    }

    @Test
    void shouldCountWrongFlags() throws Exception {
        Counts counts = run(1, (item, truth) -> truth.replaceFirst(" " + items.flags(item) + " ", " 77777 "));
        assertLies(counts, counts.wrong);
    }

    @Test
    void shouldCountATruncatedReplyAsMalformed() throws Exception {
        for (int length : new int[] {0, 4, 20, 40}) {
            Counts counts = run(1, (item, truth) -> truth.substring(0, length));
            assertLies(counts, counts.malformed);
        }
    }

    @Test
    void shouldCountAnOlderVersionAsStale() throws Exception {
        Counts counts = run(1, (item, truth) -> reply(item, VERSION - 1));
        assertLies(counts, counts.stale);
    }

    /** At the first bytes a wrong value looks like a right one, so only the replies that were looked at whole count. */
    @Test
    void shouldFindALieInTheRepliesItSamples() throws Exception {
        Counts counts = run(7, (item, truth) -> reply((item + 1) % ITEMS, VERSION));
        assertEquals(counts.answered, counts.hits + counts.wrong);
        double expected = received / 70.0;
        assertTrue(counts.wrong > expected / 2 && counts.wrong < expected * 2,
            counts.wrong + " wrong, about " + expected + " were to be found");
    }

    private void assertLies(Counts counts, long counted) {
        assertTrue(counts.sent >= 300, "sent: " + counts.sent);
        assertEquals(received, counts.sent);
        assertEquals(counts.sent / 10, counted);
        assertEquals(0, counts.lost);
        assertEquals(counts.answered, counts.hits + counted);
    }

    private Counts run(int verifyEvery, Lie lie) throws Exception {
        return run(VethPair.SERVER_IPV4, verifyEvery, lie).counts();
    }

    private Result run(String host, int verifyEvery, Lie lie) throws Exception {
        options.server = host + ":11211";
        options.keys = ITEMS;
        options.window = 16;
        options.connections = 8;
        options.valueSize = "20-60";
        options.timeoutMs = 5_000;
        options.verifyEvery = verifyEvery;
        items = options.items();
        Keys keys = Keys.of(items, ITEMS);
        Versions versions = new Versions(ITEMS);
        for (int item = 0; item < ITEMS; item++) {
            versions.acknowledge(item, VERSION);
        }
        try (VethPair pair = VethPair.create(1)) {
            Command.run("ip", "netns", "exec", pair.serverNamespace(), "ethtool", "-K", VethPair.SERVER, "gro", "on");
            String address = host.replaceAll("[\\[\\]]", "");
            try (ScriptedServer server = new ScriptedServer(pair, address, 11211, (number, header, key, reply) -> {
                int item = Integer.parseInt(key.substring(key.indexOf('-') + 1));
                String truth = reply(item, VERSION);
                String text = number % 10 == 0 ? lie.tell(item, truth) : truth;
                reply.accept(header, text);
            })) {
                return measure(pair, server, keys, versions);
            }
        }
    }

    private Result measure(VethPair pair, ScriptedServer server, Keys keys, Versions versions) throws Exception {
        Phase phase = options.phase(0.5, 0);
        Sampler sampler = options.workload().sampler(new SplittableRandom(1), ITEMS);
        try (NetworkNamespace _ = pair.enterClient();
             ReflectLoad load = new ReflectLoad(options, keys, items, versions, sampler, phase)) {
            Result result = load.run(phase, true, Generator.Progress.NONE);
            received = server.received();
            return result;
        }
    }

    private String reply(int item, int version) {
        ByteBuffer value = ByteBuffer.allocate(items.valueSize(item));
        items.putValue(value, item, version);
        return "VALUE " + new String(items.key(item), StandardCharsets.ISO_8859_1) + " " + items.flags(item) + " "
            + value.capacity() + "\r\n" + new String(value.array(), StandardCharsets.ISO_8859_1) + "\r\nEND\r\n";
    }
}
