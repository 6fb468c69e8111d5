package dev.javelin.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The summary of a recorded comparison in which the generator was the limit for some. */
final class TableTest {
    private static final String REASON = "the generator missed its schedule";

    private static String table(Set<String> limited) throws IOException {
        Comparison recorded = ReportTest.recorded();
        List<Run> runs = MadeUp.limited(recorded.runs(), limited, REASON);
        return Table.of(Comparison.of(Instant.EPOCH, Instant.EPOCH, "compare", recorded.settings(), recorded.cpus(),
            recorded.environment(), List.of(), runs, List.of()));
    }

    @Test
    void withoutMarksThereIsNothingToExplain() throws IOException {
        String table = table(Set.of());
        assertFalse(table.contains("+"), table);
        assertFalse(table.contains("?"), table);
    }

    @Test
    void aLowerBoundIsExplainedByItsReason() throws IOException {
        String table = table(Set.of(Subject.JAVELIN));
        assertTrue(table.lines().anyMatch(("+ at least, for Javelin: " + REASON)::equals), table);
        assertTrue(table.lines().anyMatch(line -> line.startsWith("Javelin / memcached: at least ")), table);
        assertFalse(table.contains("?"), table);
    }

    @Test
    void aRatioOfTwoLowerBoundsIsExplainedOnce() throws IOException {
        String table = table(Set.of(Subject.JAVELIN, Subject.MEMCACHED_SR));
        assertTrue(table.lines().anyMatch(line -> line.startsWith("Javelin / memcached-sr: ? ")), table);
        assertEquals(1, table.lines().filter(line -> line.startsWith("? the load generator was the")).count(),
            table);
    }
}
