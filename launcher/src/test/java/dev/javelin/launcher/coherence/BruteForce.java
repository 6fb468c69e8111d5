package dev.javelin.launcher.coherence;

import java.util.List;

/**
 * Decides what {@link LinearizabilityChecker} decides by trying every order. For histories of a few operations.
 */
final class BruteForce {
    private static final long NONE = 0;

    private final List<Operation> operations;

    private BruteForce(List<Operation> operations) {
        this.operations = operations;
    }

    /** Returns whether some order of the operations explains all of them. */
    static boolean isLegal(List<Operation> operations) {
        return new BruteForce(operations).search(0, NONE);
    }

    private boolean search(int done, long value) {
        if (done == (1 << operations.size()) - 1) {
            return true;
        }
        for (int i = 0; i < operations.size(); i++) {
            if ((done & 1 << i) == 0 && mayBeNext(done, i) && tryNext(done | 1 << i, operations.get(i), value)) {
                return true;
            }
        }
        return false;
    }

    private boolean mayBeNext(int done, int next) {
        for (int i = 0; i < operations.size(); i++) {
            if ((done & 1 << i) == 0 && operations.get(i).answeredNs() < operations.get(next).invokedNs()) {
                return false;
            }
        }
        return true;
    }

    private boolean tryNext(int done, Operation next, long value) {
        boolean fits = next.parent() == Operation.UNKNOWN || next.parent() == value;
        return switch (next.kind()) {
            case HIT -> next.version() == value && search(done, value);
            case GONE -> search(done, NONE);
            case WRITE -> fits && search(done, next.version());
            case MAYBE_WRITE -> fits && search(done, next.version()) || search(done, value);
        };
    }
}
