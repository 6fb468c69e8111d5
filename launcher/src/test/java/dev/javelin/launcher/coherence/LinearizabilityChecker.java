package dev.javelin.launcher.coherence;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides whether a history of one key could have come from one memcached that does one operation at a time, each at
 * some moment between its request and its answer.
 *
 * <p><b>The model.</b> A key has a value or none. A write gives it a value that no other write of the key gives. A
 * value may vanish at any time (memcached evicts, expires, flushes), but once gone it does not come back. A miss and a
 * delete therefore say the same: at some moment within the operation there was no value
 * ({@link Operation.Kind#GONE}). A write whose {@code parent} is known (a cas, an incr, an append whose result was
 * seen) replaces exactly that value.
 *
 * <p><b>The argument</b> (after P. Gibbons, E. Korach: Testing Shared Memories, SIAM J. Comput. 26(4), 1997, whose
 * condition for registers with a read mapping is extended here by chains). Operation x precedes y if x was answered
 * before y was asked for. Call a <i>chain</i> a write of unknown parent, its hits, the write that has it as parent,
 * the hits of that one, and so on; an operation that is GONE, and a write that nobody saw, are chains of their own. In
 * a legal order every chain is contiguous: from its first write to its last hit the key holds the chain's values
 * without a break, and a known parent is replaced directly. Hence a history is legal if and only if
 * <ol>
 * <li>every hit and every known parent has its write, and no version is the parent of two writes;
 * <li>in each chain no operation precedes one that must stand before it (its version's write, or anything of an
 *     earlier version);
 * <li>the chains can be ordered. Let a chain's {@code earliestAnswer} be the least of its answers and its
 *     {@code latestCall} the greatest of its calls. Chain c must stand before d if some operation of c precedes one of
 *     d, that is if {@code c.earliestAnswer < d.latestCall}. The chains can be ordered if and only if no two of them
 *     must each stand before the other. For suppose a longer circle in which each must stand before the next: take the
 *     c with the greatest earliestAnswer, and let d be the next. Then every other chain's earliestAnswer is below
 *     d.latestCall as well, so d's successor must stand before d, and d before it: a circle of two.
 * </ol>
 * Within a chain that passes 2 the operations can be laid out one after the other, since each moment that is needed,
 * the greatest call so far, is no later than any answer still to come; and an order of the chains that respects 3
 * respects every precedence between operations of different chains.
 *
 * <p>For 3 only chains with {@code earliestAnswer < latestCall}, those that own a stretch of time, can be in conflict:
 * with each other if the stretches overlap, and with any other chain that lies inside the stretch. Sorted by time both
 * are found in O(n log n).
 *
 * <p>A write that only may have happened counts if its version was seen and is left out otherwise. A write that a later
 * answer never reports on has {@link Operation#NEVER} as its answer. What the checker does not ask: that a failed
 * {@code add} found a value, or that an append whose result nobody saw did.
 */
final class LinearizabilityChecker {
    private static final Comparator<Chain> BY_EARLIEST_ANSWER =
        Comparator.comparingLong(chain -> chain.first.answeredNs());

    private final List<String> violations = new ArrayList<>();
    private final Map<Long, Version> versions = new HashMap<>();
    private final List<Chain> chains = new ArrayList<>();
    private final String key;
    private final long epochNs;

    private LinearizabilityChecker(String key, long epochNs) {
        this.key = key;
        this.epochNs = epochNs;
    }

    /** A version: its write and what was seen of it. */
    private static final class Version {
        private final Operation write;
        private final List<Operation> hits = new ArrayList<>();
        private final long parent;
        private Version child;
        private boolean happened;

        Version(Operation write, long parent) {
            this.write = write;
            this.parent = parent;
        }
    }

    /** Operations that must stand together; {@code first} has the earliest answer and {@code last} the latest call. */
    private static final class Chain {
        private Operation first;
        private Operation last;

        void add(Operation operation) {
            if (first == null || operation.answeredNs() < first.answeredNs()) {
                first = operation;
            }
            if (last == null || operation.invokedNs() > last.invokedNs()) {
                last = operation;
            }
        }

        boolean ownsTime() {
            return first.answeredNs() < last.invokedNs();
        }

        boolean mustPrecede(Chain other) {
            return first.answeredNs() < other.last.invokedNs();
        }
    }

    /**
     * Checks one key's history.
     *
     * @param key        for messages.
     * @param operations in any order.
     * @param parents    version to the version it was made of, where that was learnt from a value seen later.
     * @return what is wrong, in words; empty if the history is legal.
     */
    static List<String> check(String key, Collection<Operation> operations, Map<Long, Long> parents) {
        long epochNs = operations.stream().mapToLong(Operation::invokedNs).min().orElse(0);
        LinearizabilityChecker checker = new LinearizabilityChecker(key, epochNs);
        checker.collect(operations, parents);
        checker.markWhatHappened();
        checker.link();
        checker.buildChains(operations);
        checker.order();
        return checker.violations;
    }

    private void collect(Collection<Operation> operations, Map<Long, Long> parents) {
        for (Operation operation : operations) {
            if (operation.isWrite()) {
                long parent = operation.parent() == Operation.UNKNOWN
                    ? parents.getOrDefault(operation.version(), Operation.UNKNOWN)
                    : operation.parent();
                Version twin = versions.put(operation.version(), new Version(operation, parent));
                if (twin != null) {
                    report("written twice", operation, twin.write);
                }
            }
        }
        for (Operation operation : operations) {
            if (operation.kind() == Operation.Kind.HIT) {
                Version version = versions.get(operation.version());
                if (version == null) {
                    report("nobody wrote what was read", operation);
                } else {
                    version.hits.add(operation);
                }
            }
        }
    }

    /** What was acknowledged or seen has happened, and so has everything that it was made of. */
    private void markWhatHappened() {
        for (Version version : versions.values()) {
            if (version.write.kind() == Operation.Kind.WRITE || !version.hits.isEmpty()) {
                for (Version v = version; v != null && !v.happened; v = versions.get(v.parent)) {
                    v.happened = true;
                }
            }
        }
    }

    private void link() {
        for (Version version : versions.values()) {
            if (version.parent == Operation.UNKNOWN || !version.happened) {
                continue;
            }
            Version parent = versions.get(version.parent);
            if (parent == null) {
                report("nobody wrote what was replaced", version.write);
            } else if (parent.child != null) {
                report("both replaced the same value", version.write, parent.child.write);
            } else {
                parent.child = version;
            }
        }
    }

    private void buildChains(Collection<Operation> operations) {
        for (Version version : versions.values()) {
            Version parent = versions.get(version.parent);
            boolean isRoot = parent == null || parent.child != version;
            if (isRoot && version.happened) {
                chains.add(chainFrom(version));
            }
        }
        for (Operation operation : operations) {
            if (operation.kind() == Operation.Kind.GONE) {
                Chain chain = new Chain();
                chain.add(operation);
                chains.add(chain);
            }
        }
    }

    private Chain chainFrom(Version root) {
        Chain chain = new Chain();
        for (Version version = root; version != null; version = version.child) {
            addInOrder(chain, version.write);
            chain.add(version.write);
            for (Operation hit : version.hits) {
                addInOrder(chain, hit);
            }
            version.hits.forEach(chain::add);
        }
        return chain;
    }

    /** What is added next must not precede anything of the versions before it. */
    private void addInOrder(Chain chain, Operation next) {
        if (chain.last != null && next.answeredNs() < chain.last.invokedNs()) {
            report(next.version() == chain.last.version() ? "read before it was written" : "an older value came back",
                next, chain.last);
        }
    }

    private void order() {
        List<Chain> owners = chains.stream().filter(Chain::ownsTime).sorted(BY_EARLIEST_ANSWER).toList();
        Chain latest = null;
        List<Chain> disjoint = new ArrayList<>();
        for (Chain chain : owners) {
            if (latest != null && chain.mustPrecede(latest)) {
                report("each must come before the other", latest, chain);
            }
            if (latest == null || chain.last.invokedNs() > latest.last.invokedNs()) {
                latest = chain;
                disjoint.add(chain);
            }
        }
        for (Chain chain : chains) {
            if (!chain.ownsTime()) {
                Chain owner = lastOwnerBefore(disjoint, chain.last.invokedNs());
                if (owner != null && chain.mustPrecede(owner)) {
                    report("lies inside the time that another owns", owner, chain);
                }
            }
        }
    }

    /** Returns the last of the sorted owners whose earliest answer lies before a time, or null. */
    private static Chain lastOwnerBefore(List<Chain> owners, long timeNs) {
        int low = 0;
        int high = owners.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (owners.get(middle).first.answeredNs() < timeNs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? null : owners.get(low - 1);
    }

    private void report(String what, Chain one, Chain other) {
        Map<Operation, Boolean> distinct = new LinkedHashMap<>();
        for (Operation operation : List.of(one.first, one.last, other.first, other.last)) {
            distinct.put(operation, true);
        }
        report(what, distinct.keySet().toArray(Operation[]::new));
    }

    private void report(String what, Operation... operations) {
        StringBuilder text = new StringBuilder(key).append(": ").append(what);
        for (Operation operation : operations) {
            text.append("\n    ").append(operation.describe(epochNs));
        }
        violations.add(text.toString());
    }
}
