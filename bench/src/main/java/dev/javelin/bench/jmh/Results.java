package dev.javelin.bench.jmh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What was measured, round by round. Every subject is run once in each round.
 */
final class Results {
    private final Map<Subject, List<RunResult>> rounds = new LinkedHashMap<>();

    void add(Subject subject, RunResult result) {
        rounds.computeIfAbsent(subject, key -> new ArrayList<>()).add(result);
    }

    /** A subject's iterations of all rounds together: score and error. */
    RunResult whole(Subject subject) {
        List<RunResult> results = rounds.get(subject);
        List<BenchmarkResult> all = results.stream().map(RunResult::getBenchmarkResults)
            .flatMap(Collection::stream).toList();
        return new RunResult(results.getFirst().getParams(), all);
    }

    /** All subjects, in the order in which they were run first. */
    List<RunResult> all() {
        return rounds.keySet().stream().map(this::whole).toList();
    }

    /** How many times the CPU time of its baseline a subject took, in each round; ascending. */
    double[] ratios(Subject subject, Subject baseline) {
        double[] ratios = new double[rounds.get(subject).size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = score(subject, i) / score(baseline, i);
        }
        Arrays.sort(ratios);
        return ratios;
    }

    private double score(Subject subject, int round) {
        return cpu(rounds.get(subject).get(round)).getScore();
    }

    /** CPU time per call. */
    static Result<?> cpu(RunResult result) {
        return result.getSecondaryResults().get(CpuTimeProfiler.LABEL);
    }
}
