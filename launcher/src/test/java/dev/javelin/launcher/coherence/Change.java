package dev.javelin.launcher.coherence;

import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;

/**
 * One command that may change an item, sent to a key that holds {@link #BEFORE} with flags 7.
 *
 * @param name     for messages.
 * @param request  makes the request of a key and its CAS.
 * @param expected what {@code get} finds afterwards: value, a slash and the flags; null if nothing.
 * @param cached   whether Javelin serves it afterwards: not while the item is marked stale or a placeholder of mg N.
 */
record Change(String name, BiFunction<String, Long, byte[]> request, String expected, boolean cached) {
    /** The value before the change. */
    static final String BEFORE = "1000";
    /** The same as {@link #expected()} would have it. */
    static final String UNCHANGED = BEFORE + "/7";

    /** A command of the text or meta protocol: KEY and CAS stand for the key's name and CAS. */
    static Change text(String command, String expected) {
        return new Change(command.lines().findFirst().orElseThrow(), (key, cas) ->
            (command.replace("KEY", key).replace("CAS", Long.toString(cas)).replace("\n", "\r\n") + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1), expected, true);
    }

    /** A command of the binary protocol. */
    static Change binary(String name, int opcode, byte[] extras, String value, boolean withCas, String expected) {
        return new Change("binary " + name, (key, cas) ->
            BinaryPipeline.encode(opcode, opcode == BinaryPipeline.FLUSH || opcode == BinaryPipeline.FLUSHQ ? "" : key,
                extras, value, withCas ? cas : 0), expected, true);
    }

    Change notCached() {
        return new Change(name, request, expected, false);
    }

    /** The same change under another name. */
    Change named(String other) {
        return new Change(other, request, expected, cached);
    }
}
