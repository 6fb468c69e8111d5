package dev.javelin.bench.vm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** No test: the guest's shell, for looking around. */
final class ShellTest implements GuestTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(120);

    @Override
    public String name() {
        return "shell";
    }

    @Override
    public String description() {
        return "no test: runs the lines of standard input in the guest and prints what they say";
    }

    @Override
    public void run(final VirtualMachine machine, final RunOptions options, final Steps steps) throws IOException {
        final BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.isBlank()) {
                final Guest.Result result = machine.guest().run(line, TIMEOUT, System.out::println);
                if (result.exitCode() != 0) {
                    System.out.println("(exit code " + result.exitCode() + ")");
                }
            }
        }
    }
}
