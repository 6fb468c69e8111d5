package dev.javelin.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.bench.TestbedLock;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts with all that they start, after the jars are built. */
@Tag("system")
@RequiresRoot
final class CompareSystemTest {
    private static final Path ROOT = Path.of(System.getProperty("javelin.root"));

    @TempDir
    private Path directory;
    private TestbedLock lock;

    @BeforeEach
    void theTestbedIsOurs() throws IOException {
        lock = TestbedLock.take();
    }

    @AfterEach
    void giveItBack() throws IOException {
        if (lock != null) {
            lock.close();
        }
    }

    @Test
    void aShortComparisonEndsInAReportWithPlots() throws Exception {
        Instant started = Instant.now();
        Settings settings = new Settings(1, 1, 1, 1, 16, 500, 2, 0.5, 180);
        Comparison comparison;
        Set<Long> javelin;
        try (Servers servers = new Servers(ROOT)) {
            Measurement measurement = new Measurement(servers, settings, System.out);
            measurement.run();
            javelin = servers.serve(Subject.JAVELIN);
            comparison = Comparison.of(started, Instant.now(), "a test", settings, servers.cpus(),
                measurement.environment(ROOT), measurement.notes(), measurement.runs(), measurement.curve());
        }
        assertEquals(2, javelin.size(), "Javelin and memcached-sr");
        assertTrue(javelin.stream().noneMatch(CompareSystemTest::isAlive), "something still serves");
        assertFalse(Files.exists(Path.of("/run/netns/javelin-server")), "a namespace was left");

        // One round at least, and more only if others used the machine.
        assertEquals(List.of(Subject.STOCK, Subject.MEMCACHED_SR, Subject.JAVELIN, "echo-xdp", "echo-af_xdp",
            "javelin-reflect", "echo-xdp-reflect"), comparison.runs().stream().limit(7).map(Run::subject).toList(),
            () -> comparison.notes().toString());
        for (Run run : comparison.runs()) {
            assertEquals(10, run.windows().size());
            assertEquals(run.load().answered(), run.load().hits(), "whatever is asked for is there");
            assertEquals(0, run.load().bad(), run.subject());
            long inWindows = run.windows().stream().mapToLong(Window::answers).sum();
            // The last answers come after the last window.
            assertTrue(inWindows > 0 && inWindows <= run.load().answered()
                && inWindows >= 0.99 * run.load().answered(), inWindows + " of " + run.load().answered());
        }
        assertTrue(comparison.curve().size() >= 3, () -> "each server has a point: " + comparison.notes());
        assertTrue(comparison.environment().stream().map(pair -> String.join(": ", pair))
            .collect(Collectors.joining("\n")).matches("(?s).*bind=copy.*memcached: memcached 1\\..*"));

        Path page = directory.resolve("report.html");
        Report.write(page, comparison);
        String dom = new Browser(directory).dom(page);
        assertFalse(dom.contains("id=\"script-error\""), "a script failed");
        assertTrue(ReportTest.plot(dom, "plot-windows").contains("#e06b0a"), "no window of Javelin is drawn");
        assertTrue(ReportTest.plot(dom, "plot-curve").contains("#e06b0a"), "no point of Javelin is drawn");
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    @Test
    void anInterruptRemovesAllThatWasMade() throws Exception {
        Process process = compare("--quick", "--report", directory.resolve("report.html").toString());
        try {
            BufferedReader out = process.inputReader();
            assertTrue(out.readLine().contains("round 1"), "no line of progress");
            List<ProcessHandle> started = process.descendants().toList();
            assertTrue(started.size() >= 2, "memcached and its shell must run");
            assertTrue(Files.exists(Path.of("/run/netns/javelin-server")), "there is no testbed");
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
            assertTrue(process.waitFor(40, TimeUnit.SECONDS), "it goes on after an interrupt");
            assertEquals(130, process.exitValue());
            assertEquals(List.of(), started.stream().filter(ProcessHandle::isAlive).toList());
        } finally {
            process.destroyForcibly();
        }
        assertFalse(Files.exists(Path.of("/run/netns/javelin-server")), "a namespace was left");
        assertFalse(Files.exists(Path.of("/run/netns/javelin-client")), "a namespace was left");
    }

    @Test
    void aWrongOptionIsOneLineAndExitCodeTwo() throws Exception {
        for (String[] wrong : new String[][] {{"--qick"}, {"--limit", "3"}, {"--limit", "soon"}, {"extra"},
            {"--report", directory.resolve("none/report.html").toString()}, {"--report"}}) {
            Process process = compare(wrong);
            List<String> lines = process.errorReader().lines().toList();
            assertEquals(2, process.waitFor(), String.join(" ", wrong));
            assertEquals(1, lines.size(), () -> String.join("\n", lines));
            assertTrue(lines.getFirst().contains(wrong[0]), lines.getFirst());
        }
    }

    @Test
    void helpTeaches() throws Exception {
        Process process = compare("--help");
        String text = process.inputReader().lines().collect(Collectors.joining("\n"));
        assertEquals(0, process.waitFor());
        assertTrue(text.contains("--quick") && text.contains("--report") && text.contains("Examples:"), text);
    }

    private static Process compare(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("scripts/compare").toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }
}
