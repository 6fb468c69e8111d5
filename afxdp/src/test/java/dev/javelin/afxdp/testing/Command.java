package dev.javelin.afxdp.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
public final class Command {
    private static final int TIMEOUT_SECONDS = 30;

    private Command() {
    }

    /**
     * Runs a program.
     *
     * @param command program and arguments
     * @return what it printed
     * @throws IllegalStateException with its output if it fails or takes more than 30 seconds
     */
    public static String run(final String... command) {
        try {
            final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(Arrays.toString(command) + " does not end");
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException(
                    Arrays.toString(command) + " ended with " + process.exitValue() + ": " + output);
            }
            return output;
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
