package dev.javelin.bench.vm;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;

/**
 * The figures of a run beside those that are kept.
 *
 * @param kept earlier
 * @param now  measured
 */
record InstructionComparison(InstructionFigures kept, InstructionFigures now) {
    /** Ten times what two boots differ by; less is not worth a reason. */
    private static final int ALLOWED_PERCENT = 2;
    private static final String ROW = "%-24s %7s %7s  %s";

    /**
     * Whether somebody must say why.
     *
     * @return true if a case has changed too much or is gone; a new case is none
     */
    boolean hasChanged() {
        return kept.counts().keySet().stream().anyMatch(name -> !now.counts().containsKey(name) || hasChanged(name));
    }

    /**
     * A table, and what else differs.
     *
     * @return one line each
     */
    List<String> lines() {
        final SequencedSet<String> names = new LinkedHashSet<>(now.counts().keySet());
        names.addAll(kept.counts().keySet());
        final List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, ROW, "case", "kept", "now", " change"));
        names.forEach(name -> lines.add(
            String.format(Locale.ROOT, ROW, name, count(kept, name), count(now, name), verdict(name))));
        addIfOther(lines, "compiler", kept.compiler(), now.compiler());
        addIfOther(lines, "kernel", kept.kernel(), now.kernel());
        return lines;
    }

    private static void addIfOther(final List<String> lines, final String what, final String kept, final String now) {
        if (!kept.equals(now)) {
            lines.add("another " + what + ": kept figures are of " + kept + ", these of " + now);
        }
    }

    private static String count(final InstructionFigures figures, final String name) {
        final Long count = figures.counts().get(name);
        return count == null ? "-" : count.toString();
    }

    private String verdict(final String name) {
        if (!kept.counts().containsKey(name)) {
            return "new: --update keeps it";
        }
        if (!now.counts().containsKey(name)) {
            return "MISSING: it is not measured any more";
        }
        final long before = kept.counts().get(name);
        final double percent = 100.0 * (now.counts().get(name) - before) / before;
        return String.format(Locale.ROOT, "%+6.1f %%%s", percent, hasChanged(name) ? "  CHANGED" : "");
    }

    private boolean hasChanged(final String name) {
        final long before = kept.counts().get(name);
        return 100 * Math.abs(now.counts().get(name) - before) > ALLOWED_PERCENT * before;
    }
}
