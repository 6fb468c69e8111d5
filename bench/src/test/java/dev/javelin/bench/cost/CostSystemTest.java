package dev.javelin.bench.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.bench.TestbedLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What {@code scripts/bench} measures with a real memcached, in its shortest form. */
@Tag("system")
@RequiresRoot
final class CostSystemTest {
    private static final Path ROOT = Path.of(System.getProperty("javelin.root"));
    private static final Pattern ANSWERS = Pattern.compile("(uniform|zipf) +([0-9]+) keys: an answer takes ([0-9]+) ns,"
        + " with the check ([0-9.]+) times that .*of ([0-9]+) pairs\\)");
    private static final Pattern RATIOS = Pattern.compile("([sg]et, [0-9]+ at once) +([0-9]+) +([0-9.]+) \\(.*");

    @Test
    void coherenceComparesTwoWorkersThatBothServe() throws Exception {
        List<String> lines;
        try (TestbedLock _ = TestbedLock.take()) {
            lines = bench("coherence", "1");
        }
        assertEquals(3, lines.size(), () -> String.join("\n", lines));
        for (int i = 0; i < lines.size(); i++) {
            Matcher line = ANSWERS.matcher(lines.get(i));
            assertTrue(line.matches(), lines.get(i));
            assertEquals(List.of("256", "10000", "16384").get(i), line.group(2));
            assertTrue(Integer.parseInt(line.group(3)) > 200, "faster than user space alone: " + line.group());
            double ratio = Double.parseDouble(line.group(4));
            assertTrue(ratio > 0.7 && ratio < 1.4, "a cache line more or less: " + line.group());
            assertTrue(Integer.parseInt(line.group(5)) >= 5, line.group());
        }
        assertFalse(Files.exists(Path.of("/run/netns/javelin-server")), "a namespace was left");
    }

    @Test
    void writeTableComparesSetsAndGetsOneByOneAndInBatches() throws Exception {
        List<String> lines = bench("write-table", "--seconds", "2");
        List<String> kinds = new ArrayList<>();
        for (String text : lines.subList(2, lines.size())) {
            Matcher line = RATIOS.matcher(text);
            assertTrue(line.matches(), text);
            kinds.add(line.group(1));
            assertTrue(Integer.parseInt(line.group(2)) >= 6, text);
            double ratio = Double.parseDouble(line.group(3));
            assertTrue(ratio > 0.5 && ratio < 2, "some tens of nanoseconds of a microsecond: " + text);
        }
        assertEquals(List.of("set, 1 at once", "get, 1 at once", "set, 32 at once", "get, 32 at once"), kinds);
    }

    private static List<String> bench(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("scripts/bench").toString()));
        command.addAll(List.of(arguments));
        Path errors = Files.createTempFile("javelin-bench", ".err");
        try {
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            List<String> lines = process.inputReader().readAllLines();
            int status = process.waitFor();
            String said = String.join("\n", lines) + "\n" + Files.readString(errors);
            assertEquals(0, status, said);
            return lines;
        } finally {
            Files.delete(errors);
        }
    }
}
