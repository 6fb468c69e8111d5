package dev.javelin.bench.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.javelin.afxdp.testing.RequiresRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The shortest rows of the matrix that {@code scripts/test --vm} runs whole: Javelin in virtual machines with other
 * kernels. They are skipped only where QEMU cannot be installed.
 */
@Tag("system")
@RequiresRoot
class VmSystemTest {
    private static final Path ROOT = Path.of(System.getProperty("javelin.root"));
    private static final Pattern VERIFIED = Pattern.compile("(.*): verified in ([\\d,]+) steps");
    private static final int MOST_STEPS = 500_000;

    private record Run(int exitCode, List<String> lines) {
        boolean says(final String words) {
            return lines.stream().anyMatch(line -> line.contains(words));
        }
    }

    private static Run vm(final String... arguments) throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(ROOT.resolve("scripts/vm").toString(), "run"));
        command.addAll(List.of(arguments));
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        final List<String> lines =
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        lines.forEach(System.out::println);
        final Run run = new Run(process.waitFor(), lines);
        assumeFalse(run.says("apt-get could not install: ") && run.says("qemu"), "QEMU cannot be installed");
        return run;
    }

    /** Every clang of this machine, on the kernels of Debian 12 and 13. */
    @ParameterizedTest
    @ValueSource(strings = {"6.1", "6.12"})
    void shouldBeAcceptedByVerifierOfOlderKernel(final String kernel) throws Exception {
        final Run run = vm(kernel, "load");
        assertEquals(0, run.exitCode());
        assertTrue(run.says("attached, native") && run.says("attached, generic"));
        int verified = 0;
        for (final String line : run.lines()) {
            final Matcher matcher = VERIFIED.matcher(line);
            if (matcher.find()) {
                assertTrue(Integer.parseInt(matcher.group(2).replace(",", "")) <= MOST_STEPS, line);
                verified++;
            }
        }
        assertTrue(verified >= 2, "the jar's object and another: " + verified);
    }

    @Test
    void shouldServeZeroCopyWhateverHappens() throws Exception {
        final Run run = vm("newest", "--bind", "zerocopy", "light");
        assertEquals(0, run.exitCode());
        assertTrue(run.says("bind=zerocopy"));
        assertTrue(run.says("hits, IPv6: ") && run.says("kill -9 ") && run.says("all in all, "));
        assertFalse(run.says("FAILED"));
        assertNothingIsLeft();
    }

    @Test
    void shouldSayInOneLineWhatIsWrongWithWhatWasAskedFor() throws Exception {
        final Run run = vm("6.1", "--nic", "token-ring", "light");
        assertEquals(2, run.exitCode());
        assertEquals(1, run.lines().size(), () -> run.lines().toString());
        assertTrue(run.says("token-ring") && run.says("virtio"));
    }

    private static void assertNothingIsLeft() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(Path.of("/run/netns"), "javelin-vm-*")) {
            assertFalse(left.iterator().hasNext(), "a namespace was left");
        }
    }
}
