package dev.javelin.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.bench.jmh.Benchmarks.Effort;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The benchmarks run, and each has something to be compared with. How fast they are is not tested.
 */
class BenchmarksTest {
    private static final Effort ONCE = new Effort(1, 0, TimeValue.NONE, 1, TimeValue.milliseconds(1));

    @BeforeAll
    static void allowRunsBesideOthers() {
        // JMH's lock keeps measurements from disturbing each other; nothing is measured here.
        System.setProperty("jmh.ignoreLock", "true");
    }

    static Stream<Subject> everySubject() {
        return Subject.all().stream();
    }

    @ParameterizedTest
    @MethodSource("everySubject")
    void shouldRun(Subject subject) throws RunnerException {
        RunResult result = Benchmarks.run(subject, ONCE.of(subject).forks(0));
        assertEquals(subject.benchmark(), result.getParams().getBenchmark());
        assertEquals("ns/op", result.getPrimaryResult().getScoreUnit());
        assertTrue(result.getPrimaryResult().getScore() > 0);
        assertTrue(Results.cpu(result).getScore() > 0);
    }

    @Test
    void shouldCompareEveryClassWithABaseline() {
        Set<Class<?>> classes = everySubject().map(Subject::type).collect(Collectors.toSet());
        Set<Class<?>> compared = new HashSet<>();
        for (Comparison comparison : Comparison.of(Subject.all(), Pattern.compile(""))) {
            assertFalse(comparison.compared().isEmpty(), comparison.baseline() + " has no baseline, and is none");
            compared.add(comparison.baseline().type());
        }
        assertEquals(classes, compared);
    }

    @Test
    void shouldCompareEveryMethodExactlyOnce() {
        List<Subject> subjects = Comparison.of(Subject.all(), Pattern.compile("")).stream()
            .flatMap(comparison -> comparison.subjects().stream()).toList();
        assertEquals(Set.copyOf(Subject.all()), Set.copyOf(subjects));
        assertEquals(subjects.size(), Set.copyOf(subjects).size());
    }
}
