package dev.javelin.bench.vm;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Counts the instructions of the XDP program's runs in a guest, with xdp_instructions.c: those of a system call that
 * runs it less those of one that runs a program that does nothing. Of each the middle one of many tries counts: some
 * are met by an interrupt, and the first sample in an empty ring is cheaper than all others.
 */
final class InstructionCount {
    /** The marks of each try: before and after the program that does nothing, before and after the XDP program. */
    static final int MARKS = 4;

    private static final int TRIES = 50;
    private static final Duration TIMEOUT = Duration.ofSeconds(300);
    private static final String OBJECT = "dev/javelin/afxdp/xdp_memcached.bpf.o";

    private InstructionCount() {
    }

    /**
     * Runs the jar's XDP program.
     *
     * @param machine with {@link Cpus#COUNTED}
     * @return instructions by case
     * @throws IOException if it does not run
     */
    static SequencedMap<String, Long> of(final VirtualMachine machine) throws IOException {
        final Guest.Result result = machine.guest().run("unzip -p /javelin/lib/afxdp-*.jar " + OBJECT
            + " >/tmp/xdp.o && xdp_instructions /tmp/xdp.o " + TRIES, TIMEOUT);
        if (result.exitCode() != 0) {
            throw new IOException("counting ended with " + result.exitCode() + ": " + result.output().strip());
        }
        return ofMarks(result.output().lines().toList(), machine.marks(), TRIES);
    }

    /**
     * What the marks say.
     *
     * @param cases in their order
     * @param marks all that there were
     * @param tries of each case
     * @return instructions by case
     * @throws IOException if there are not as many marks as there must be
     */
    static SequencedMap<String, Long> ofMarks(final List<String> cases, final List<Long> marks, final int tries)
        throws IOException {
        final int marksOfCase = MARKS * tries;
        if (marks.size() != cases.size() * marksOfCase) {
            throw new IOException("the guest has set " + marks.size() + " marks in " + cases.size()
                + " cases, and not " + marksOfCase + " in each");
        }
        final SequencedMap<String, Long> counts = new LinkedHashMap<>();
        for (int i = 0; i < cases.size(); i++) {
            final List<Long> own = marks.subList(i * marksOfCase, (i + 1) * marksOfCase);
            counts.put(cases.get(i), middle(own, 2) - middle(own, 0));
        }
        return counts;
    }

    /** Returns the median count from a mark of each try to the next one. */
    private static long middle(final List<Long> marks, final int first) {
        final long[] counts = IntStream.iterate(first, i -> i < marks.size(), i -> i + MARKS)
            .mapToLong(i -> marks.get(i + 1) - marks.get(i))
            .sorted()
            .toArray();
        return counts[counts.length / 2];
    }
}
