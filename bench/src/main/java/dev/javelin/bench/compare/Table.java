package dev.javelin.bench.compare;

import java.util.Locale;

/** The summary of a comparison for a terminal. */
final class Table {
    private Table() {
    }

    /** Returns it, 110 columns wide at most, with a line end at its end. */
    static String of(Comparison comparison) {
        StringBuilder text = new StringBuilder(String.format("%n%-22s %29s %14s %10s %10s %9s%n", "",
            "answers/s: median, range", "CPU us/answer", "p50 us", "p99 us", "windows"));
        for (Subject subject : comparison.subjects()) {
            Summary summary = comparison.summary(subject.id());
            int counted = summary.windows() - summary.windowsStolen() - summary.windowsForeign();
            if (summary.rate() == null) {
                text.append(String.format("%-22s no run counts: %d of %d windows do%n", subject.name(), counted,
                    summary.windows()));
            } else {
                text.append(String.format(Locale.ROOT, "%-22s %,9.0f%s (%,7.0f to %,7.0f) %14.2f %10.0f %10.0f %9s%n",
                    subject.name(), summary.rate().median(), summary.bottleneck() == null ? " " : "+",
                    summary.rate().min(), summary.rate().max(), summary.serverCpuNs().median() / 1e3,
                    summary.p50Us().median(), summary.p99Us().median(), counted + "/" + summary.windows()));
            }
        }
        for (Ratio ratio : comparison.ratios()) {
            if (ratio.spread() != null) {
                text.append(String.format(Locale.ROOT, "%n%s / %s: %s%.2f (%.2f to %.2f in %d rounds)",
                    name(comparison, ratio.subject()), name(comparison, ratio.against()), bound(ratio),
                    ratio.spread().median(), ratio.spread().min(), ratio.spread().max(), ratio.spread().count()));
            }
        }
        explainMarks(comparison, text);
        long bad = comparison.summaries().stream().mapToLong(Summary::bad).sum();
        long lost = comparison.summaries().stream().mapToLong(Summary::lost).sum();
        text.append(String.format("%n%nwrong answers %d, lost %d of %d requests%n", bad, lost,
            comparison.summaries().stream().mapToLong(Summary::requests).sum()));
        comparison.notes().forEach(note -> text.append("note: ").append(note).append(System.lineSeparator()));
        return text.toString();
    }

    private static void explainMarks(Comparison comparison, StringBuilder text) {
        for (Summary summary : comparison.summaries()) {
            if (summary.bottleneck() != null) {
                text.append(String.format("%n+ at least, for %s: %s", name(comparison, summary.subject()),
                    summary.bottleneck()));
            }
        }
        if (comparison.ratios().stream().anyMatch(ratio -> ratio.bound().equals(Ratio.UNKNOWN))) {
            text.append(String.format("%n? the load generator was the limit for both: this says nothing about them"));
        }
    }

    private static String name(Comparison comparison, String id) {
        return comparison.subjects().stream().filter(subject -> subject.id().equals(id)).findFirst()
            .map(Subject::name).orElse(id);
    }

    private static String bound(Ratio ratio) {
        return switch (ratio.bound()) {
            case Ratio.EXACT -> "";
            case Ratio.UNKNOWN -> "? ";
            default -> ratio.bound() + " ";
        };
    }
}
