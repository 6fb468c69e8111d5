package dev.javelin.launcher.coherence;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one client does and sees, key by key. Each client thread has its own; they are put together when all have ended.
 */
final class Recorder {
    private final List<HistoryKey> keys;
    private final AtomicLong commands;
    private final List<List<Operation>> operations = new ArrayList<>();
    private final List<Map<Long, Long>> parents = new ArrayList<>();
    private final List<String> unreadable = new ArrayList<>();
    private volatile long count;

    /**
     * Creates a recorder.
     *
     * @param keys     of the history.
     * @param commands numbers the commands of all clients of the history.
     */
    Recorder(List<HistoryKey> keys, AtomicLong commands) {
        this.keys = keys;
        this.commands = commands;
        for (int i = 0; i < keys.size(); i++) {
            operations.add(new ArrayList<>());
            parents.add(new HashMap<>());
        }
    }

    long nextCommand() {
        return commands.incrementAndGet();
    }

    /** Notes the value that was read; an empty one is the placeholder that {@code mg N} makes of a miss. */
    void read(HistoryKey key, String value, long invokedNs, String source) {
        long nowNs = System.nanoTime();
        if (value.isEmpty()) {
            add(key, Operation.gone(invokedNs, nowNs, source));
            return;
        }
        add(key, Operation.hit(versionOf(key, value, source), invokedNs, nowNs, source));
    }

    /** Returns a value's version, having noted of what it was made. */
    long versionOf(HistoryKey key, String value, String source) {
        long[] last = {Operation.UNKNOWN};
        try {
            key.read(value, version -> {
                if (last[0] != Operation.UNKNOWN) {
                    addParent(key, version, last[0]);
                }
                last[0] = version;
            });
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            unreadable.add(key.name() + ": " + source + " read what nobody wrote: " + value);
        }
        return last[0];
    }

    private void addParent(HistoryKey key, long version, long parent) {
        Long known = parents.get(key.index()).put(version, parent);
        if (known != null && known != parent) {
            unreadable.add(key.name() + ": " + version + " was made of both " + known + " and " + parent);
        }
    }

    void gone(HistoryKey key, long invokedNs, String source) {
        add(key, Operation.gone(invokedNs, System.nanoTime(), source));
    }

    void goneEverywhere(long invokedNs, String source) {
        keys.forEach(key -> gone(key, invokedNs, source));
    }

    void wrote(HistoryKey key, long version, long parent, long invokedNs, String source) {
        add(key, Operation.write(version, parent, invokedNs, System.nanoTime(), source));
    }

    void mayHaveWritten(HistoryKey key, long version, long invokedNs, String source) {
        add(key, Operation.maybeWrite(version, Operation.UNKNOWN, invokedNs, System.nanoTime(), source));
    }

    /** Notes a write whose answer has not come, and that may yet be done. */
    void mayStillWrite(HistoryKey key, long version, long invokedNs, String source) {
        add(key, Operation.maybeWrite(version, Operation.UNKNOWN, invokedNs, Operation.NEVER, source));
    }

    /** Notes a number that the command of this recorder has made. */
    void counted(HistoryKey key, long number, long invokedNs, String source) {
        wrote(key, number, key.parentOfNumber(number), invokedNs, source);
    }

    /** Counts an operation whose answer says nothing, such as a cas that was too late. */
    void learntNothing() {
        count = count + 1;
    }

    private void add(HistoryKey key, Operation operation) {
        operations.get(key.index()).add(operation);
        count = count + 1;
    }

    /** Returns how many operations there are; may be asked while the client runs. */
    long count() {
        return count;
    }

    /** Checks what several clients saw together; returns what is wrong, in words. */
    static List<String> check(List<HistoryKey> keys, List<Recorder> recorders) {
        List<String> violations = new ArrayList<>();
        recorders.forEach(recorder -> violations.addAll(recorder.unreadable));
        for (HistoryKey key : keys) {
            List<Operation> all = new ArrayList<>();
            Map<Long, Long> parents = new HashMap<>();
            for (Recorder recorder : recorders) {
                all.addAll(recorder.operations.get(key.index()));
                recorder.parents.get(key.index()).forEach((version, parent) -> {
                    Long known = parents.put(version, parent);
                    if (known != null && !known.equals(parent)) {
                        violations.add(key.name() + ": " + version + " was made of both " + known + " and " + parent);
                    }
                });
            }
            violations.addAll(LinearizabilityChecker.check(key.name(), all, parents));
        }
        return violations;
    }
}
