package dev.javelin.bench.compare;

import java.util.List;

/**
 * Something that is measured.
 *
 * @param id        its name between the parts of this program.
 * @param name      its name for people.
 * @param about     one sentence about it.
 * @param reference whether it is no server beside the others, but shows what they, or the machine, could do.
 * @param serves    what {@code scripts/lib/servers} is to start for it.
 * @param options   of the load generator, for it alone.
 */
record Subject(String id, String name, String about, boolean reference, String serves, String options) {
    static final String STOCK = "stock";
    static final String MEMCACHED_SR = "memcached-sr";
    static final String JAVELIN = "javelin";

    /** In the order in which they take turns. */
    static final List<Subject> SERVERS = List.of(
        server(STOCK, "memcached", "the distribution's source, unchanged"),
        server(MEMCACHED_SR, "memcached-sr",
            "the same source with our lines: a UDP socket for each thread, and the write table"),
        server(JAVELIN, "Javelin", "Javelin in front of memcached-sr, both on the server's CPU"));

    static final List<Subject> REFERENCES = List.of(
        new Subject("echo-xdp", "XDP_TX echo", "an XDP program that sends each request back, without user space", true,
            "echo-xdp", "--echo"),
        new Subject("echo-af_xdp", "AF_XDP echo", "a worker of ours that sends requests back, in user space", true,
            "echo-af_xdp", "--echo"),
        new Subject("javelin-reflect", "Javelin, reflected", "Javelin with the generator in XDP, which costs least",
            true, JAVELIN, "--reflect"),
        new Subject("echo-xdp-reflect", "XDP_TX echo, reflected", "the echo with the generator in XDP", true,
            "echo-xdp", "--echo --reflect"));

    private static Subject server(String id, String name, String about) {
        return new Subject(id, name, about, false, id, "");
    }
}
