package dev.javelin.bench.compare;

import java.util.stream.IntStream;

/**
 * Who runs where.
 *
 * @param server CPU numbers of what serves.
 * @param client CPU numbers of the load generator.
 */
record Cpus(int[] server, int[] client) {
    /** Returns the CPU numbers of both. */
    int[] all() {
        return IntStream.concat(IntStream.of(server), IntStream.of(client)).distinct().sorted().toArray();
    }
}
