package dev.javelin.bench.jmh;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.results.Result;

/**
 * The results in lines of text.
 */
final class Table {
    private static final String LINE = "%-22s %-34s %9s %9s   %s%n";

    private Table() {
    }

    /**
     * Formats.
     *
     * @param comparisons in the order in which they are shown
     * @param results     of all of them
     * @return lines, the last one ended too
     */
    static String of(List<Comparison> comparisons, Results results) {
        StringBuilder text = new StringBuilder(LINE.formatted("benchmark", "parameters", "ns", "± 99.9 %",
            "ratio to its baseline (rounds)"));
        Class<?> type = null;
        for (Comparison comparison : comparisons) {
            if (comparison.baseline().type() != type) {
                type = comparison.baseline().type();
                text.append('\n').append(type.getSimpleName()).append('\n');
            }
            List<Subject> subjects = new ArrayList<>(comparison.compared());
            subjects.add(comparison.baseline());
            for (Subject subject : subjects) {
                Result<?> result = Results.cpu(results.whole(subject));
                String ratio = subject == comparison.baseline() ? "" : ratio(subject.baseline(),
                    results.ratios(subject, comparison.baseline()));
                String line = LINE.formatted("  " + subject.method(), subject.parameters(),
                    "%.2f".formatted(result.getScore()), "%.2f".formatted(result.getScoreError()), ratio);
                text.append(line.stripTrailing()).append('\n');
            }
        }
        return text.toString();
    }

    private static String ratio(String baseline, double[] ratios) {
        double median = (ratios[(ratios.length - 1) / 2] + ratios[ratios.length / 2]) / 2;
        String spread = ratios.length == 1 ? "" : " (%.2f to %.2f)".formatted(ratios[0], ratios[ratios.length - 1]);
        return "%.2f x %s%s".formatted(median, baseline, spread);
    }
}
