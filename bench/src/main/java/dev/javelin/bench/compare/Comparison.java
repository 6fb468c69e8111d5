package dev.javelin.bench.compare;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * All that was measured, as the report shows it.
 *
 * @param started     when.
 * @param tookSeconds how long.
 * @param command     what was typed.
 * @param settings    how much was measured.
 * @param limits      what may be taken of a window by others.
 * @param cpus        who ran where.
 * @param environment pairs of name and value.
 * @param notes       what a reader must know: what is missing, and why.
 * @param subjects    what was measured, in the order of the report.
 * @param runs        every run with a number on their way at once, in the order of time.
 * @param summaries   one for each subject.
 * @param ratios      run by run.
 * @param curve       every run with a fixed rate, in the order of time.
 */
record Comparison(String started, double tookSeconds, String command, Settings settings, Limits limits, Cpus cpus,
                  List<String[]> environment, List<String> notes, List<Subject> subjects, List<Run> runs,
                  List<Summary> summaries, List<Ratio> ratios, List<CurvePoint> curve) {
    /**
     * Sums up what was measured.
     *
     * @param started when it began.
     * @param now     when it ended.
     */
    static Comparison of(Instant started, Instant now, String command, Settings settings, Cpus cpus,
                         List<String[]> environment, List<String> notes, List<Run> runs, List<CurvePoint> curve) {
        List<Subject> subjects = new ArrayList<>(Subject.SERVERS);
        subjects.addAll(Subject.REFERENCES);
        subjects.removeIf(subject -> runs.stream().noneMatch(run -> run.subject().equals(subject.id())));
        List<Summary> summaries = subjects.stream().map(subject -> Summary.of(subject.id(), runs)).toList();
        List<Ratio> ratios = List.of(Ratio.of(Subject.JAVELIN, Subject.STOCK, runs),
            Ratio.of(Subject.JAVELIN, Subject.MEMCACHED_SR, runs), Ratio.of(Subject.MEMCACHED_SR, Subject.STOCK, runs));
        return new Comparison(started.toString(), (now.toEpochMilli() - started.toEpochMilli()) / 1e3, command,
            settings, Limits.USUAL, cpus, environment, notes, subjects, runs, summaries, ratios, curve);
    }

    /** Returns what is known of a subject, or null if it was not measured. */
    Summary summary(String subject) {
        return summaries.stream().filter(summary -> summary.subject().equals(subject)).findFirst().orElse(null);
    }
}
