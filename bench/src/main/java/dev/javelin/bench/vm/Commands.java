package dev.javelin.bench.vm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Short commands of this machine. */
final class Commands {
    private Commands() {
    }

    /**
     * Runs one to its end.
     *
     * @param command program and arguments
     * @throws IOException if it fails; the message has its words
     */
    static void run(final String... command) throws IOException {
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (exitCode(process) != 0) {
            throw new IOException(String.join(" ", List.of(command)) + ": " + output);
        }
    }

    /**
     * Waits for the end of a process.
     *
     * @param process started
     * @return its exit code
     * @throws IOException if this thread is interrupted
     */
    static int exitCode(final Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
