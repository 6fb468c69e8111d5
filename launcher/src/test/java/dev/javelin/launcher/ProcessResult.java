package dev.javelin.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a process that ran to its end left behind.
 *
 * @param exitCode of the process
 * @param out      its standard output
 * @param err      its standard error
 */
public record ProcessResult(int exitCode, String out, String err) {
    private static final int TIMEOUT_SECONDS = 60;

    /** Runs a command to its end; fails if that does not come within a minute. */
    public static ProcessResult of(final List<String> command) {
        try {
            final Path out = Files.createTempFile("javelin-out", ".txt");
            final Path err = Files.createTempFile("javelin-err", ".txt");
            try {
                final Process process = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
                if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("still running after " + TIMEOUT_SECONDS + " s: " + command);
                }
                return new ProcessResult(process.exitValue(), read(out), read(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted: " + command, e);
        }
    }

    public static ProcessResult of(final String... command) {
        return of(List.of(command));
    }

    private static String read(final Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }
}
