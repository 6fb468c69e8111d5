package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link LinearizabilityChecker} on histories whose verdict is known, and against every order of small random ones. */
class LinearizabilityCheckerTest {
    private static final int RANDOM_HISTORIES = 200_000;

    private record History(String what, List<Operation> operations) {
        History(String what, Operation... operations) {
            this(what, List.of(operations));
        }

        @Override
        public String toString() {
            return what;
        }
    }

    private static Operation write(long version, long from, long to) {
        return Operation.write(version, Operation.UNKNOWN, from, to, "writer");
    }

    private static Operation replace(long parent, long version, long from, long to) {
        return Operation.write(version, parent, from, to, "replacer");
    }

    private static Operation maybe(long version, long from, long to) {
        return Operation.maybeWrite(version, Operation.UNKNOWN, from, to, "quiet writer");
    }

    private static Operation hit(long version, long from, long to) {
        return Operation.hit(version, from, to, "reader");
    }

    private static Operation gone(long from, long to) {
        return Operation.gone(from, to, "deleter");
    }

    static Stream<History> legal() {
        return Stream.of(
            new History("nothing"),
            new History("a read between two writes", write(1, 0, 1), hit(1, 2, 3), write(2, 4, 5), hit(2, 6, 7)),
            new History("either value while a write is on its way",
                write(1, 0, 1), write(2, 2, 9), hit(1, 3, 4), hit(2, 5, 6)),
            new History("a value read before its write was acknowledged", write(1, 0, 9), hit(1, 1, 2), hit(1, 3, 4)),
            new History("a miss at any time, the value being evicted", write(1, 0, 1), hit(1, 2, 3), gone(4, 5)),
            new History("a miss while a write is on its way", write(1, 0, 1), gone(2, 5), write(2, 2, 6), hit(2, 4, 7)),
            new History("no answer, and done",
                write(1, 0, 1), maybe(2, 2, Operation.NEVER), hit(1, 3, 4), hit(2, 8, 9)),
            new History("no answer, and never done", write(1, 0, 1), maybe(2, 2, Operation.NEVER), hit(1, 8, 9)),
            new History("a chain of increments",
                write(1, 0, 1), replace(1, 2, 2, 3), replace(2, 3, 2, 5), hit(3, 4, 6)),
            new History("two writes at once, read in the order that remains",
                write(1, 0, 5), write(2, 0, 5), hit(2, 1, 2), hit(1, 3, 4)),
            new History("touching moments", write(1, 0, 1), write(2, 1, 2), hit(1, 2, 3)));
    }

    static Stream<History> illegal() {
        return Stream.of(
            new History("a stale read after an acknowledged write", write(1, 0, 1), write(2, 2, 3), hit(1, 4, 5)),
            new History("a stale read after a read of the newer value",
                write(1, 0, 1), write(2, 2, 9), hit(2, 3, 4), hit(1, 5, 6)),
            new History("a deleted value", write(1, 0, 1), gone(2, 3), hit(1, 4, 5)),
            new History("a value that came back after a miss", write(1, 0, 1), hit(1, 2, 3), gone(4, 5), hit(1, 6, 7)),
            new History("a value from the future", hit(1, 0, 1), write(1, 2, 3)),
            new History("a value that nobody wrote", write(1, 0, 1), hit(7, 2, 3)),
            new History("new, then old, by two readers",
                write(1, 0, 1), write(2, 2, 20), hit(2, 3, 10), hit(1, 11, 15)),
            new History("old values in turn",
                write(1, 0, 4), write(2, 0, 4), hit(1, 5, 6), hit(2, 7, 8), hit(1, 9, 10)),
            new History("an increment of a value overwritten before",
                write(1, 0, 1), write(9, 2, 3), replace(1, 2, 4, 5)),
            new History("the value before an increment, after it", write(1, 0, 1), replace(1, 2, 2, 3), hit(1, 4, 5)),
            new History("a lost update", write(1, 0, 1), replace(1, 2, 2, 9), replace(1, 3, 2, 9)),
            new History("an unread write inside the life of another",
                write(1, 0, 1), hit(1, 2, 3), write(2, 4, 5), hit(1, 6, 7)),
            new History("a quiet write that came back", write(1, 0, 1), maybe(2, 2, 3), hit(2, 4, 5), hit(1, 6, 7)),
            new History("no answer, done, and undone",
                write(1, 0, 1), maybe(2, 2, Operation.NEVER), hit(2, 3, 4), hit(1, 5, 6)));
    }

    @ParameterizedTest
    @MethodSource("legal")
    void shouldAcceptWhatOneMemcachedCouldHaveAnswered(History history) {
        assertTrue(BruteForce.isLegal(history.operations), "brute force");
        assertEquals(List.of(), LinearizabilityChecker.check("key", history.operations, Map.of()));
    }

    @ParameterizedTest
    @MethodSource("illegal")
    void shouldFindWhatNoMemcachedCouldHaveAnswered(History history) {
        assertTrue(!BruteForce.isLegal(history.operations), "brute force");
        assertTrue(!LinearizabilityChecker.check("key", history.operations, Map.of()).isEmpty(), "the checker");
    }

    @Test
    void shouldUseWhatALaterValueTellsOfAnAppend() {
        List<Operation> operations =
            List.of(write(1, 0, 1), write(2, 2, 3), write(3, 4, 5), hit(3, 6, 7), hit(2, 8, 9));
        assertTrue(!LinearizabilityChecker.check("key", operations, Map.of(3L, 2L)).isEmpty());
        List<Operation> ordered = List.of(write(1, 0, 1), write(2, 2, 3), write(3, 4, 5), hit(2, 2, 4), hit(3, 6, 7));
        assertEquals(List.of(), LinearizabilityChecker.check("key", ordered, Map.of(3L, 2L)));
        assertTrue(!LinearizabilityChecker.check("key", ordered, Map.of(3L, 1L)).isEmpty());
    }

    @Test
    void shouldNameTheOperationsThatCannotBeOrdered() {
        String violation = LinearizabilityChecker.check("colour",
            List.of(write(1, 0, 1_000), write(2, 2_000, 3_000), hit(1, 4_000, 5_000)), Map.of()).getFirst();
        assertTrue(violation.startsWith("colour: "), violation);
        assertTrue(violation.contains("HIT 1 by reader [4.0, 5.0] us"), violation);
        assertTrue(violation.contains("WRITE 2 by writer [2.0, 3.0] us"), violation);
    }

    @Test
    void shouldAgreeWithTryingEveryOrderOfRandomHistories() {
        Random random = new Random(20_260_101);
        int[] verdicts = new int[2];
        for (int i = 0; i < RANDOM_HISTORIES; i++) {
            List<Operation> operations = randomHistory(random);
            boolean legal = BruteForce.isLegal(operations);
            verdicts[legal ? 1 : 0]++;
            List<String> violations = LinearizabilityChecker.check("key", operations, Map.of());
            assertEquals(legal, violations.isEmpty(), () -> operations + "\n" + violations);
        }
        assertTrue(verdicts[0] > RANDOM_HISTORIES / 10, "illegal: " + verdicts[0]);
        assertTrue(verdicts[1] > RANDOM_HISTORIES / 10, "legal: " + verdicts[1]);
    }

    private static List<Operation> randomHistory(Random random) {
        List<Operation> operations = new ArrayList<>();
        int writes = 1 + random.nextInt(4);
        int range = 4 + random.nextInt(12);
        for (int version = 1; version <= writes; version++) {
            long[] times = times(random, range);
            long parent = random.nextInt(3) == 0 ? random.nextInt(version) : Operation.UNKNOWN;
            operations.add(switch (random.nextInt(6)) {
                case 0 -> Operation.maybeWrite(version, parent, times[0], times[1], "");
                case 1 -> Operation.maybeWrite(version, parent, times[0], Operation.NEVER, "");
                default -> Operation.write(version, parent, times[0], times[1], "");
            });
        }
        int others = random.nextInt(5);
        for (int i = 0; i < others; i++) {
            long[] times = times(random, range);
            operations.add(random.nextInt(4) == 0
                ? gone(times[0], times[1])
                : hit(1 + random.nextInt(writes), times[0], times[1]));
        }
        return operations;
    }

    private static long[] times(Random random, int range) {
        long[] times = {random.nextInt(range), random.nextInt(range)};
        Arrays.sort(times);
        return times;
    }
}
