package dev.javelin.bench.jmh;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A baseline and what is compared with it: they are run one after the other, so that what the machine does meanwhile
 * meets them alike.
 *
 * @param baseline runs first
 * @param compared in the order of their names
 */
record Comparison(Subject baseline, List<Subject> compared) {
    /**
     * All comparisons in which a method matches, without the methods that do not.
     *
     * @param subjects to choose from
     * @param pattern  searched for in {@link Subject#name}; where it finds a baseline, all that is compared with it
     *                 counts
     */
    static List<Comparison> of(List<Subject> subjects, Pattern pattern) {
        List<Comparison> comparisons = new ArrayList<>();
        for (Subject baseline : subjects) {
            if (baseline.baseline() == null) {
                boolean all = pattern.matcher(baseline.name()).find();
                List<Subject> compared = subjects.stream().filter(baseline::isBaselineOf)
                    .filter(subject -> all || pattern.matcher(subject.name()).find()).toList();
                if (all || !compared.isEmpty()) {
                    comparisons.add(new Comparison(baseline, compared));
                }
            }
        }
        comparisons.sort(Comparator.comparing(comparison -> comparison.baseline.name()));
        return comparisons;
    }

    /** Everything that is to be run, the baseline first. */
    List<Subject> subjects() {
        List<Subject> subjects = new ArrayList<>(List.of(baseline));
        subjects.addAll(compared);
        return subjects;
    }
}
