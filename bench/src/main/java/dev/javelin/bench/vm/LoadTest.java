package dev.javelin.bench.vm;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether the kernel takes the XDP program, whichever compiler it comes from, and with how much to spare. */
final class LoadTest implements GuestTest {
    /** Half of what the kernel allows, so that the next change does not find out on a user's machine. */
    private static final long MOST_INSTRUCTIONS = 500_000;
    /** The verifier takes half a minute for a program that it gives up on, if the CPU is emulated. */
    private static final Duration TIMEOUT = Duration.ofSeconds(300);
    private static final Pattern VERDICT = Pattern.compile("[;:] ([^;]+); processed (\\d+) insns");

    @Override
    public String name() {
        return "load";
    }

    @Override
    public String description() {
        return "the kernel verifies the XDP program, as every clang of this machine compiles it, and attaches it";
    }

    @Override
    public void run(final VirtualMachine machine, final RunOptions options, final Steps steps) throws IOException {
        final StringBuilder command = new StringBuilder(options.java())
            .append(" -cp /javelin/bench/javelin-bench.jar ").append(LoadObjects.class.getName()).append(" eth0");
        for (final String object : options.objects()) {
            command.append(" /objects/").append(object).append("/xdp_memcached.bpf.o");
        }
        steps.waiting("loading");
        final Guest.Result result = machine.guest().run(command.toString(), TIMEOUT,
            line -> judge(line.split(" ", 3), options, steps));
        if (result.exitCode() != 0) {
            steps.failed("loading ended with " + result.exitCode() + ": " + otherWords(result.output()));
        } else if (options.objects().isEmpty()) {
            steps.failed("no clang-N on this machine: there was only the jar's object to load");
        }
    }

    /** Takes a line of {@link LoadObjects}. */
    static void judge(final String[] words, final RunOptions options, final Steps steps) {
        switch (words[0]) {
            case LoadObjects.VERIFIED -> verified(described(words[1]), Long.parseLong(words[2]), steps);
            case LoadObjects.ATTACHED -> steps.ok("attached, " + words[1]);
            case LoadObjects.REFUSED -> refused(words[1], words[2], options, steps);
            default -> steps.waiting("loading");
        }
    }

    /** Returns the first line that is not of {@link LoadObjects}: why the JVM ended. */
    private static String otherWords(final String output) {
        return output.lines()
            .filter(line -> !List.of(LoadObjects.VERIFIED, LoadObjects.ATTACHED, LoadObjects.REFUSED)
                .contains(line.split(" ", 2)[0]))
            .findFirst()
            .orElse("it said nothing");
    }

    private static void verified(final String what, final long instructions, final Steps steps) {
        final String count = String.format(Locale.ROOT, "%,d", instructions);
        if (instructions > MOST_INSTRUCTIONS) {
            steps.failed(String.format(Locale.ROOT, "%s: verified in %s steps, allowed are %,d", what, count,
                MOST_INSTRUCTIONS));
        } else {
            steps.ok(what + ": verified" + (instructions == 0 ? ", the kernel does not say in how many steps"
                : " in " + count + " steps"));
        }
    }

    private static void refused(final String what, final String reason, final RunOptions options, final Steps steps) {
        if (what.equals("native") && !options.nic().isAlwaysNative()) {
            steps.skipped("not attached, native: " + reason);
            return;
        }
        // The verifier ends with its verdict and the steps until then; before it stand registers.
        final Matcher verdict = VERDICT.matcher(reason);
        steps.failed(described(what) + ": " + (verdict.find()
            ? "the verifier refuses it after " + verdict.group(2) + " steps: " + verdict.group(1) : reason));
    }

    private static String described(final String name) {
        return name.equals(LoadObjects.JAR) ? "the jar's object" : name;
    }
}
