package dev.javelin.bench.compare;

import java.util.List;

/**
 * Something that is measured.
 *
 * @param id        its name between the parts of this program.
 * @param name      its name for people.
 * @param about     one sentence about it.
 * @param reference whether it only shows what the machine could do: an echo serves nothing.
 */
record Subject(String id, String name, String about, boolean reference) {
    static final String STOCK = "stock";
    static final String MEMCACHED_SR = "memcached-sr";
    static final String JAVELIN = "javelin";

    /** In the order in which they take turns. */
    static final List<Subject> SERVERS = List.of(
        new Subject(STOCK, "memcached", "the distribution's source, unchanged", false),
        new Subject(MEMCACHED_SR, "memcached-sr",
            "the same source with our lines: a UDP socket for each thread, and the write table", false),
        new Subject(JAVELIN, "Javelin", "Javelin in front of memcached-sr, both on the server's CPU", false));

    static final List<Subject> REFERENCES = List.of(
        new Subject("echo-xdp", "XDP_TX echo", "an XDP program that sends each request back, without user space", true),
        new Subject("echo-af_xdp", "AF_XDP echo", "a worker of ours that sends requests back, in user space", true));
}
