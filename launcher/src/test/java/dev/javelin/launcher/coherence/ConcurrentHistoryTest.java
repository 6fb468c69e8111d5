package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;

import dev.javelin.afxdp.testing.RequiresRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@link ConcurrentHistory Several clients at once on a few keys}, and a checker that knows what one memcached could
 * have answered them.
 */
@RequiresRoot
class ConcurrentHistoryTest {
    private static final int OPERATIONS = 1_000_000;
    private static final int SEEDS = 4;

    @TempDir
    private Path directory;

    @Test
    void shouldBeLinearizableWhateverTheClientsDo() throws Exception {
        long operations = 0;
        long reads = 0;
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK)) {
            for (int seed = 1; seed <= SEEDS; seed++) {
                ConcurrentHistory.Result result = ConcurrentHistory.run(bed, seed, OPERATIONS / SEEDS);
                assertTrue(result.violations().isEmpty(), "seed " + seed + ": " + result.first());
                operations += result.operations();
                reads += result.udpReads();
                assertTrue(result.lost() < result.udpReads() / 1_000, "unanswered: " + result.lost());
            }
            long hits = bed.javelin().stat("get_hits");
            System.out.printf("%,d operations checked, %,d GETs over UDP, %,d served by Javelin%n",
                operations, reads, hits);
            assertTrue(operations >= OPERATIONS, "operations: " + operations);
            assertTrue(hits > reads / 5, "served by Javelin: " + hits + " of " + reads);
        }
    }

    @Test
    void shouldHaveNothingAgainstMemcachedAlone() throws Exception {
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITHOUT_CHECK)) {
            bed.javelin().close();
            ConcurrentHistory.Result result = ConcurrentHistory.run(bed, 99, OPERATIONS / 10);
            assertTrue(result.violations().isEmpty(), result.first());
        }
    }

    @Test
    void shouldFindStaleAnswersWhenTheCheckIsOff() throws Exception {
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITHOUT_CHECK)) {
            ConcurrentHistory.Result result = ConcurrentHistory.run(bed, 1, OPERATIONS / 50);
            System.out.printf("without the check: %,d violations in %,d operations%n", result.violations().size(),
                result.operations());
            assertTrue(!result.violations().isEmpty(), "no violation in " + result.operations() + " operations");
        }
    }
}
