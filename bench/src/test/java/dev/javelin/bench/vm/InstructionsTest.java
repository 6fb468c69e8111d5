package dev.javelin.bench.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstructionsTest {
    @TempDir
    private Path directory;

    @Test
    void shouldAllowTwoPercentMoreOrLess() {
        assertFalse(comparison(Map.of("hit", 1000L), Map.of("hit", 1020L)).hasChanged());
        assertFalse(comparison(Map.of("hit", 1000L), Map.of("hit", 980L)).hasChanged());
    }

    @Test
    void shouldFindChangesAboveThatInBothDirections() {
        final InstructionComparison more = comparison(Map.of("hit", 1000L), Map.of("hit", 1021L));
        assertTrue(more.hasChanged());
        assertTrue(more.lines().get(1).endsWith("  +2.1 %  CHANGED"), more.lines().get(1));
        assertTrue(comparison(Map.of("hit", 1000L), Map.of("hit", 979L)).hasChanged());
    }

    @Test
    void shouldTakeAMissingCaseForAChange() {
        final InstructionComparison comparison = comparison(Map.of("hit", 1000L), Map.of());
        assertTrue(comparison.hasChanged());
        assertTrue(comparison.lines().get(1).contains("MISSING"), comparison.lines().get(1));
    }

    @Test
    void shouldTellOfANewCaseAndAllowIt() {
        final InstructionComparison comparison = comparison(Map.of(), Map.of("hit", 1000L));
        assertFalse(comparison.hasChanged());
        assertTrue(comparison.lines().get(1).contains("new"), comparison.lines().get(1));
    }

    @Test
    void shouldTellOfAnotherCompilerAndKernelInOneLineEach() {
        final InstructionComparison comparison = new InstructionComparison(
            new InstructionFigures("clang 14", "7.3.4", new LinkedHashMap<>()),
            new InstructionFigures("clang 19", "7.3.5", new LinkedHashMap<>()));
        assertEquals(List.of(
            "another compiler: kept figures are of clang 14, these of clang 19",
            "another kernel: kept figures are of 7.3.4, these of 7.3.5"), comparison.lines().subList(1, 3));
    }

    @Test
    void shouldReadWhatItHasWritten() throws IOException {
        final SequencedMap<String, Long> counts = new LinkedHashMap<>();
        counts.put("tcp", 154L);
        counts.put("hit-16", 670L);
        final InstructionFigures figures = new InstructionFigures("Debian clang version 14.0.6", "7.3.4-1", counts);
        figures.write(directory.resolve("kept"));
        final InstructionFigures read = InstructionFigures.read(directory.resolve("kept"));
        assertEquals(figures, read);
        assertEquals(List.of("tcp", "hit-16"), List.copyOf(read.counts().keySet()));
    }

    @Test
    void shouldRefuseALineThatIsNone() throws IOException {
        final Path file = Files.writeString(directory.resolve("kept"), "hit-16 many\n");
        final IOException refused = assertThrows(IOException.class, () -> InstructionFigures.read(file));
        assertTrue(refused.getMessage().endsWith("'hit-16 many'"), refused.getMessage());
    }

    @Test
    void shouldSubtractTheMiddleTryOfTheProgramThatDoesNothing() throws IOException {
        final List<Long> marks = List.of(
            0L, 100L, 200L, 450L,
            1_000L, 1_100L, 2_000L, 2_240L,
            // An interrupt meets each.
            3_000L, 9_000L, 10_000L, 20_000L);
        assertEquals(Map.of("hit", 150L), InstructionCount.ofMarks(List.of("hit"), marks, 3));
    }

    @Test
    void shouldRefuseMarksThatAreNotOneForEachPlace() {
        assertThrows(IOException.class, () -> InstructionCount.ofMarks(List.of("hit"), List.of(1L, 2L, 3L), 1));
    }

    private static InstructionComparison comparison(final Map<String, Long> kept, final Map<String, Long> now) {
        return new InstructionComparison(
            new InstructionFigures("clang", "7.3", new LinkedHashMap<>(kept)),
            new InstructionFigures("clang", "7.3", new LinkedHashMap<>(now)));
    }
}
