package dev.javelin.bench.vm;

import java.io.IOException;
import java.util.Set;

/** The part of {@link LightTest} that asks for what is known, one thing after the other. */
final class LightAnswers {
    /** As often each question is asked, and at least half of the hits must be Javelin's. */
    private static final int ROUNDS = 20;
    private static final int WARMING_ROUNDS = 400;
    private static final int BULK_BYTES = 900_000;
    /** Javelin looks at the XDP program's counters now and then. */
    private static final long SAMPLED_MS = 300;
    private static final String END = "END\r\n";

    private final Client client;
    private final GuestServer server;
    private final Steps steps;

    /**
     * Of a Javelin that has just become ready.
     *
     * @param client in its network
     * @param server behind it
     * @param steps  told of each answer
     */
    LightAnswers(final Client client, final GuestServer server, final Steps steps) {
        this.client = client;
        this.server = server;
        this.steps = steps;
    }

    void run() throws IOException {
        for (int i = 1; i <= 3; i++) {
            client.set("light" + i, "value" + i);
            warm(client, "light" + i, "value" + i);
        }
        hits("IPv4", ClientNetwork.SERVER_IPV4, "light1", value(1) + END, 1);
        hits("IPv6", ClientNetwork.SERVER_IPV6, "light2", value(2) + END, 1);
        hits("multi-get", ClientNetwork.SERVER_IPV4, "light1 light2 light3", value(1) + value(2) + value(3) + END, 3);
        misses();
        handBack();
        writes();
        otherTraffic();
    }

    private static String value(final int number) {
        return "VALUE light" + number + " 0 6\r\nvalue" + number + "\r\n";
    }

    /**
     * Asks until the answer comes from the cache.
     *
     * @param client in the network
     * @param key    of an item
     * @param value  of it
     * @throws IOException if it never does, or if it is another one
     */
    static void warm(final Client client, final String key, final String value) throws IOException {
        final String right = "VALUE " + key + " 0 " + value.length() + "\r\n" + value + "\r\n" + END;
        final long before = client.metric("javelin_get_hits_total");
        for (int i = 1; i <= WARMING_ROUNDS; i++) {
            final String answer = client.get(ClientNetwork.SERVER_IPV4, key);
            if (!right.equals(answer)) {
                throw new IOException("get " + key + " was answered '" + answer + "'");
            }
            if (i % 20 == 0 && client.metric("javelin_get_hits_total") > before) {
                return;
            }
        }
        throw new IOException("no hit in " + WARMING_ROUNDS + " gets of one key");
    }

    private void hits(final String what, final String address, final String keys, final String right,
        final int hitsEach) throws IOException {
        final long before = client.metric("javelin_get_hits_total");
        for (int i = 0; i < ROUNDS; i++) {
            expect(what, right, client.get(address, keys));
        }
        final long hits = client.metric("javelin_get_hits_total") - before;
        verdict(hits >= ROUNDS * hitsEach / 2,
            "hits, " + what + ": " + hits + " of " + ROUNDS * hitsEach + " from the cache");
    }

    private void misses() throws IOException {
        final long before = client.metric("javelin_xdp_misses_total");
        for (int i = 0; i < ROUNDS; i++) {
            expect("miss", END, client.get(ClientNetwork.SERVER_IPV4, "absent" + i));
        }
        Pause.ofMs(SAMPLED_MS);
        final long misses = client.metric("javelin_xdp_misses_total") - before;
        verdict(misses == ROUNDS, "misses: " + misses + " of " + ROUNDS + " known for such in XDP");
    }

    private void handBack() throws IOException {
        final long before = client.metric("javelin_handed_back_total");
        for (int i = 0; i < ROUNDS; i++) {
            expect("hand-back", value(1) + END, client.get(ClientNetwork.SERVER_IPV4, "light1 absent" + i));
        }
        final long back = client.metric("javelin_handed_back_total") - before;
        verdict(back >= ROUNDS / 2, "hand-back: " + back + " of " + ROUNDS + " through user space to memcached");
    }

    private void writes() throws IOException {
        for (int i = 0; i < ROUNDS; i++) {
            final String value = "fresh" + i;
            client.set("light1", value);
            expect("write", "VALUE light1 0 " + value.length() + "\r\n" + value + "\r\n" + END,
                client.get(ClientNetwork.SERVER_IPV4, "light1"));
        }
        steps.ok("writes: each seen by the next get");
    }

    /** What the XDP program passes must arrive, also where it has to leave a driver's zero-copy ring. */
    private void otherTraffic() throws IOException {
        final String bulk = "bulk".repeat(BULK_BYTES / 4);
        client.set("bulk", bulk);
        verdict(bulk.equals(client.getOverTcp("bulk")), "TCP: " + BULK_BYTES + " bytes there and back");
        verdict(server.succeeds("ping -c 3 -W 2 192.0.2.2"), "ping from the guest");
    }

    private void expect(final String what, final String right, final String answer) throws IOException {
        if (!sameLines(right, answer)) {
            throw new IOException(what + ": '" + answer + "' instead of '" + right + "'");
        }
    }

    /** The values of a multi-get may come in any order. */
    private static boolean sameLines(final String right, final String answer) {
        return right.length() == answer.length() && answer.endsWith(END)
            && Set.of(right.split("(?=VALUE |END)")).equals(Set.of(answer.split("(?=VALUE |END)")));
    }

    private void verdict(final boolean isRight, final String what) {
        if (isRight) {
            steps.ok(what);
        } else {
            steps.failed(what);
        }
    }
}
