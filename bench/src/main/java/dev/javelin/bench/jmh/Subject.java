package dev.javelin.bench.jmh;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What is measured at once: a benchmark method with one value for each of its parameters.
 *
 * @param type   its class
 * @param method its name
 * @param params value of each parameter
 */
record Subject(Class<?> type, String method, SortedMap<String, String> params) {
    /** Every benchmark of this program, with every combination of its parameters. */
    static List<Subject> all() {
        return subjects(values -> Arrays.stream(values));
    }

    /** Every benchmark, with only the first and the last value of each parameter. */
    static List<Subject> extremes() {
        return subjects(values -> Stream.of(values[0], values[values.length - 1]).distinct());
    }

    private static List<Subject> subjects(Function<String[], Stream<String>> choice) {
        OutputFormat silent = OutputFormatFactory.createFormatInstance(System.err, VerboseMode.SILENT);
        Collection<BenchmarkListEntry> entries = BenchmarkList.defaultList().getAll(silent, List.of());
        List<Subject> subjects = new ArrayList<>();
        for (BenchmarkListEntry entry : entries) {
            String name = entry.getUsername();
            int dot = name.lastIndexOf('.');
            Map<String, String[]> values = entry.getParams().orElse(Map.of());
            List<SortedMap<String, String>> combinations = new ArrayList<>(List.of(new TreeMap<>()));
            for (Map.Entry<String, String[]> parameter : new TreeMap<>(values).entrySet()) {
                combinations = combinations.stream().flatMap(combination -> choice.apply(parameter.getValue())
                    .map(value -> with(combination, parameter.getKey(), value))).toList();
            }
            for (SortedMap<String, String> combination : combinations) {
                subjects.add(new Subject(classOf(name.substring(0, dot)), name.substring(dot + 1), combination));
            }
        }
        return subjects;
    }

    private static SortedMap<String, String> with(SortedMap<String, String> combination, String key, String value) {
        SortedMap<String, String> extended = new TreeMap<>(combination);
        extended.put(key, value);
        return extended;
    }

    private static Class<?> classOf(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException ex) {
            throw new IllegalStateException(ex);
        }
    }

    /** The name under which JMH knows the method. */
    String benchmark() {
        return type.getName() + "." + method;
    }

    /** The name for people: class and method. */
    String name() {
        return type.getSimpleName() + "." + method;
    }

    /** The parameters for people. */
    String parameters() {
        return params.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(", "));
    }

    /** Name of the baseline's method; null if this is a baseline itself. */
    String baseline() {
        ComparedWith annotation = declaration().getAnnotation(ComparedWith.class);
        return annotation == null ? null : annotation.value();
    }

    /** Whether the other is to be compared with this. */
    boolean isBaselineOf(Subject other) {
        return type == other.type && method.equals(other.baseline())
            && other.params.entrySet().containsAll(params.entrySet());
    }

    private Method declaration() {
        return Arrays.stream(type.getMethods())
            .filter(candidate -> candidate.getName().equals(method) && candidate.isAnnotationPresent(Benchmark.class))
            .findFirst().orElseThrow();
    }
}
