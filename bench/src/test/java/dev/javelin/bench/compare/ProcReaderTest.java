package dev.javelin.bench.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A made-up /proc, and this machine's own. */
final class ProcReaderTest {
    private static final double TICK_NS = 1e7;
    private static final int US = 500;

    @TempDir
    private Path proc;

    @BeforeEach
    void aMachineOfTwoCpus() throws IOException {
        Files.writeString(proc.resolve("stat"), """
            cpu  11 22 33 44 55 66 77 88 0 0
            cpu0 10 1 20 9999 7777 3 40 5 10 0
            cpu2 100 0 200 9999 7777 0 400 50 0 0
            intr 1 2 3
            """);
        process(1, "init", 0, 0, 10, 20, 100, 200);
        process(US, "java", 1, 0, 1, 2, 50, 60);
        process(501, "bash", US, 0, 3, 4, 0, 0);
        process(502, "mem) cached (S 1", 501, 0, 30, 40, 0, 0);
        process(700, "javac", 1, 0, 5, 6, 7, 8);
        process(9, "ksoftirqd/0", 2, 0x0020_8040, 1_000, 1_000, 0, 0);
    }

    private void process(long pid, String name, long parent, long flags, long user, long system, long childrenUser,
                         long childrenSystem) throws IOException {
        Path directory = Files.createDirectories(proc.resolve(Long.toString(pid)));
        Files.writeString(directory.resolve("stat"), pid + " (" + name + ") S " + parent + " 1 1 0 -1 " + flags
            + " 11 12 13 14 " + user + " " + system + " " + childrenUser + " " + childrenSystem
            + " 20 0 1 0 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 17 1 0 0 0 0 0\n");
    }

    @Test
    void busyAndStolenTimeOfEachCpuByItsNumber() throws IOException {
        Sample sample = new ProcReader(proc, US).read(Set.of());
        assertArrayEquals(new double[] {74 * TICK_NS, 0, 700 * TICK_NS}, sample.busyNs());
        assertArrayEquals(new double[] {5 * TICK_NS, 0, 50 * TICK_NS}, sample.stealNs());
    }

    @Test
    void oursAreOurDescendantsAndTheKernelsThreadsAreNobodys() throws IOException {
        Sample sample = new ProcReader(proc, US).read(Set.of(502L));
        assertEquals(70 * TICK_NS, sample.serverNs());
        assertEquals((3 + 7 + 70) * TICK_NS, sample.oursNs());
        assertEquals((10 + 20 + 100 + 200 + 5 + 6 + 7 + 8) * TICK_NS, sample.foreignNs());
    }

    @Test
    void aProcessThatEndsTakesNothingWithIt() throws IOException {
        ProcReader reader = new ProcReader(proc, US);
        double before = reader.read(Set.of()).foreignNs();
        Files.delete(proc.resolve("700/stat"));
        Files.delete(proc.resolve("700"));
        process(1, "init", 0, 0, 10, 20, 100 + 5 + 7, 200 + 6 + 8);
        assertEquals(before, reader.read(Set.of()).foreignNs());
    }

    @Test
    void thisMachineAndThisProcess() throws IOException {
        ProcReader reader = new ProcReader(Path.of("/proc"), ProcessHandle.current().pid());
        Sample before = reader.read(Set.of(ProcessHandle.current().pid()));
        long untilNs = System.nanoTime() + 300_000_000;
        while (System.nanoTime() - untilNs < 0) {
            Thread.onSpinWait();
        }
        Sample after = reader.read(Set.of(ProcessHandle.current().pid()));
        double usedNs = after.serverNs() - before.serverNs();
        assertTrue(usedNs > 0 && usedNs == after.oursNs() - before.oursNs(), "used " + usedNs);
        double busyNs = 0;
        for (int cpu = 0; cpu < after.busyNs().length; cpu++) {
            busyNs += after.busyNs()[cpu] - before.busyNs()[cpu];
        }
        assertTrue(busyNs > 0 && after.atNs() - before.atNs() >= 300_000_000, "busy " + busyNs);
    }
}
