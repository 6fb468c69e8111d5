package dev.javelin.launcher.coherence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.launcher.MemcachedUnderTest;
import dev.javelin.launcher.ProcessResult;
import dev.javelin.slowpath.sr.SourceApplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The histories are sharp enough to find a witness that is late: a memcached-sr, made for this test, that adds to the
 * write table two milliseconds after it has released the item's lock, yet before it acknowledges the change. Nobody's
 * own write is stale then; what can be seen is that a reader over TCP has the new value and one over UDP, later, the
 * old.
 */
@RequiresRoot
class LateWitnessTest {
    private static final Path SOURCE = Path.of(System.getProperty("javelin.root"), ".build", "memcached", "sr");
    private static final int OPERATIONS = 50_000;
    private static final int MOST_SEEDS = 6;
    private static final String EDITS = """
        @@ change-later write_table.c replace
            __atomic_fetch_add(slot, amount, __ATOMIC_SEQ_CST);
            write_table_renew(write_table_group(slot));
        @@
            if (late_count < LATE_MOST) {
                late[late_count].slot = slot;
                late[late_count++].amount = amount;
            }
        @@ remember-changes write_table.c before
        static void write_table_add(uint64_t *slot, uint64_t amount) {
        @@
        #define LATE_MOST 64
        static __thread struct { uint64_t *slot; uint64_t amount; } late[LATE_MOST];
        static __thread int late_count;

        void write_table_add_late(void);
        void write_table_add_late(void) {
            if (late_count > 0) {
                usleep(2000);
            }
            while (late_count > 0) {
                late_count--;
                __atomic_fetch_add(late[late_count].slot, late[late_count].amount, __ATOMIC_SEQ_CST);
                write_table_renew(write_table_group(late[late_count].slot));
            }
        }

        @@ change-after-unlock thread.c replace
        void item_unlock(uint32_t hv) {
            mutex_unlock(&item_locks[hv & hashmask(item_lock_hashpower)]);
        @@
        extern void write_table_add_late(void);
        void item_unlock(uint32_t hv) {
            mutex_unlock(&item_locks[hv & hashmask(item_lock_hashpower)]);
            write_table_add_late();
        """;

    @TempDir
    private Path directory;

    @Test
    void shouldFindThatTheWriteTableChangesAfterTheLockIsReleased() throws Exception {
        Path late = buildLate();
        List<String> violations = new ArrayList<>();
        long operations = 0;
        try (CoherenceBed bed = CoherenceBed.up(directory, CoherenceBed.WITH_CHECK, () -> MemcachedUnderTest.start(
            late, CoherenceBed.ADDRESS + "," + CoherenceBed.ADDRESS6, CoherenceBed.PORT, "-o", "write_table"))) {
            for (int seed = 1; violations.isEmpty() && seed <= MOST_SEEDS; seed++) {
                ConcurrentHistory.Result result = ConcurrentHistory.run(bed, seed, OPERATIONS);
                violations.addAll(result.violations());
                operations += result.operations();
            }
        }
        System.out.printf("with a late witness: %,d violations in %,d operations%n", violations.size(), operations);
        assertTrue(!violations.isEmpty(), "no violation in " + operations + " operations");
    }

    private Path buildLate() throws IOException {
        Path source = directory.resolve("late");
        run("cp", "-a", SOURCE.toString(), source.toString());
        Path edits = Files.writeString(directory.resolve("late.edits"), EDITS);
        SourceApplier.main(new String[] {source.toString(), edits.toString()});
        run("make", "-C", source.toString(), "memcached");
        return source.resolve("memcached");
    }

    private static void run(String... command) {
        ProcessResult result = ProcessResult.of(command);
        assertEquals(0, result.exitCode(), result.err());
    }
}
