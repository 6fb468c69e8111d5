package dev.javelin.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;

/** A real browser without a screen: Chromium, in a network namespace without a network; needs root. */
final class Browser {
    private static final String PROGRAM = "/usr/bin/chromium";
    private static final long TIMEOUT_S = 120;

    private final Path directory;

    /** Uses {@code directory} for its profile and its logs. */
    Browser(Path directory) {
        this.directory = directory;
    }

    /** Returns the document as it is after its scripts ran. */
    String dom(Path page) throws IOException, InterruptedException {
        return run(page, "--dump-dom");
    }

    /** Writes what a reader sees to {@code png}. */
    void screenshot(Path page, Path png, int width, int height, boolean dark) throws IOException, InterruptedException {
        run(page, "--screenshot=" + png, "--window-size=" + width + "," + height, "--hide-scrollbars",
            "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1));
    }

    private String run(Path page, String... options) throws IOException, InterruptedException {
        Path out = Files.createTempFile(directory, "out", ".txt");
        Path errors = Files.createTempFile(directory, "errors", ".txt");
        Assertions.assertTrue(Files.isExecutable(Path.of(PROGRAM)), "no chromium: sudo scripts/test installs it");
        // A network namespace of its own has no network.
        List<String> command = new ArrayList<>(List.of("unshare", "--net", "--", PROGRAM, "--headless", "--no-sandbox",
            "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--virtual-time-budget=5000",
            "--enable-logging=stderr", "--v=0", "--user-data-dir=" + Files.createTempDirectory(directory, "profile")));
        command.addAll(List.of(options));
        command.add(page.toUri().toString());
        Process process = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(errors.toFile())
            .start();
        try {
            Assertions.assertTrue(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS), "chromium did not end");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        String console = Files.readAllLines(errors).stream().filter(line -> line.contains("CONSOLE"))
            // The browser's own pages have their complaints.
            .filter(line -> !line.contains("source: chrome://"))
            .reduce("", (a, b) -> a + b + "\n");
        Assertions.assertEquals("", console, "the page complained");
        Assertions.assertEquals(0, process.exitValue(), () -> "chromium failed, see " + errors);
        return Files.readString(out);
    }
}
