package dev.javelin.launcher.coherence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;

/**
 * A key of a concurrent history, and how the values it may have tell their versions.
 *
 * <p>A text value is a list of marks, each with the number of the command that put it there: {@code w17:.;a21;a30;}
 * was set by 17 and appended to by 21 and 30, so its version is 30, made of 21, made of 17. The dots vary the length.
 * Where a key is prepended to, the list is the other way round. A number is {@code base + 500,000} plus or minus the
 * count of increments since it was set, with a base of its own for every command, so every number is a version too.
 *
 * @param index of the key among the keys of its history.
 * @param name  as memcached knows it.
 * @param kind  what may be done to it.
 */
record HistoryKey(int index, String name, Kind kind) {
    private static final long NUMBER_BASE = 1_000_000_000_000_000L;
    private static final long NUMBER_RANGE = 1_000_000;
    private static final int LONGEST = 300;

    /** Which commands the key takes besides those that all keys take. */
    enum Kind { APPENDED, PREPENDED, INCREMENTED, DECREMENTED }

    /** Keys of all kinds and lengths. A history begins with keys that nobody has set yet: its name sets it apart. */
    static List<HistoryKey> keys(String history, int count) {
        List<HistoryKey> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            keys.add(new HistoryKey(
                i, history + "-" + i + "-".repeat(i * i * 3 / 4), Kind.values()[i % Kind.values().length]));
        }
        return keys;
    }

    /** Chooses a key to change: the later in the list the more seldom, so that some are read often in between. */
    static HistoryKey toChange(List<HistoryKey> keys, Random random) {
        return keys.get(Math.min(random.nextInt(keys.size()), random.nextInt(keys.size())));
    }

    boolean isNumber() {
        return kind == Kind.INCREMENTED || kind == Kind.DECREMENTED;
    }

    /** Returns the value that the command of this number sets. */
    String value(long command) {
        return isNumber() ? Long.toString(version(command)) : "w" + command + ":" + ".".repeat(dots(command)) + ";";
    }

    /** Returns the version that the command of this number sets, or makes by appending. */
    long version(long command) {
        return isNumber() ? NUMBER_BASE + command * NUMBER_RANGE + NUMBER_RANGE / 2 : command;
    }

    /** Returns what the command of this number appends or prepends. */
    String mark(long command) {
        return "a" + command + ";";
    }

    /** Returns the number of which a number is the next; UNKNOWN if it was set. */
    long parentOfNumber(long number) {
        boolean wasSet = number % NUMBER_RANGE == NUMBER_RANGE / 2;
        return wasSet ? Operation.UNKNOWN : kind == Kind.INCREMENTED ? number - 1 : number + 1;
    }

    private static int dots(long command) {
        return (int) ((command * 0x9E3779B97F4A7C15L >>> 33) % LONGEST);
    }

    /**
     * Reads a value.
     *
     * @param value    as it came; not empty.
     * @param versions is given the versions of which the value was made, the oldest first, its own last.
     * @throws IllegalArgumentException if nobody can have written this.
     */
    void read(String value, LongConsumer versions) {
        if (isNumber()) {
            versions.accept(Long.parseLong(value.strip()));
            return;
        }
        List<String> marks = new ArrayList<>(List.of(value.split(";", -1)));
        if (!marks.removeLast().isEmpty()) {
            throw new IllegalArgumentException("no mark at its end");
        }
        if (kind == Kind.PREPENDED) {
            Collections.reverse(marks);
        }
        for (int i = 0; i < marks.size(); i++) {
            versions.accept(command(marks.get(i), i == 0));
        }
    }

    private static long command(String mark, boolean first) {
        if (mark.startsWith("a")) {
            return Long.parseLong(mark.substring(1));
        }
        int colon = mark.indexOf(':');
        long command = first && mark.startsWith("w") ? Long.parseLong(mark.substring(1, colon)) : -1;
        if (command < 0 || !mark.substring(colon + 1).equals(".".repeat(dots(command)))) {
            throw new IllegalArgumentException("not what was written: " + mark);
        }
        return command;
    }
}
