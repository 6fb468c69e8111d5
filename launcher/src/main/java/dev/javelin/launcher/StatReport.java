package dev.javelin.launcher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code stat} and the metrics show: totals and the same names per queue. A label {@code a.b} becomes member
 * {@code b} of the object {@code a}.
 */
final class StatReport {
    static final String GET_MISSES = "get_misses";
    static final String XDP_MISSES = "xdp_misses";
    /** Clients' gets that found a value, whoever answered: memcached's own figure plus what it never saw. */
    static final String MERGED_GET_HITS = "merged_get_hits";
    private static final String MEMCACHED_GET_HITS = "memcached_get_hits";

    private StatReport() {
    }

    /** One queue's counters as shown: misses are those that XDP saw and those that the worker saw. */
    static Map<String, Long> queue(final Map<String, Long> counters) {
        final Map<String, Long> shown = new LinkedHashMap<>(counters);
        shown.put(GET_MISSES, counters.getOrDefault(GET_MISSES, 0L) + counters.getOrDefault(XDP_MISSES, 0L));
        return shown;
    }

    /** Sums over the queues, and the slow path's counters. */
    static Map<String, Long> totals(final CountersSnapshot snapshot) {
        final Map<String, Long> totals = new LinkedHashMap<>();
        snapshot.queues().forEach(counters -> queue(counters).forEach((name, n) -> totals.merge(name, n, Long::sum)));
        totals.putAll(snapshot.slowPath());
        if (totals.containsKey(MEMCACHED_GET_HITS)) {
            // What filled the cache was no client's get.
            totals.put(MERGED_GET_HITS, Math.max(0, totals.get("get_hits") + totals.get(MEMCACHED_GET_HITS)
                - totals.get("fills") - totals.get("fills_overtaken")));
        }
        return totals;
    }

    static List<String> queueNumbers(final CountersSnapshot snapshot) {
        return List.of(snapshot.description().get("queues").split(","));
    }

    /** One JSON object on one line. */
    static String json(final CountersSnapshot snapshot) {
        final Map<String, Object> root = new LinkedHashMap<>();
        root.put("pid", snapshot.pid());
        for (final String key : List.of("interface", "port", "bind", "attach", "coherence", "promise")) {
            root.put(key, snapshot.description().getOrDefault(key, ""));
        }
        root.putAll(nest(totals(snapshot)));
        final List<Object> queues = new ArrayList<>();
        final List<String> numbers = queueNumbers(snapshot);
        for (int i = 0; i < numbers.size(); i++) {
            final Map<String, Object> queue = new LinkedHashMap<>();
            queue.put("queue", Long.valueOf(numbers.get(i)));
            queue.putAll(nest(queue(snapshot.queues().get(i))));
            queues.add(queue);
        }
        root.put("queues", queues);
        return Json.write(root);
    }

    private static Map<String, Object> nest(final Map<String, Long> counters) {
        final Map<String, Object> nested = new LinkedHashMap<>();
        counters.forEach((label, value) -> {
            final int dot = label.indexOf('.');
            if (dot < 0) {
                nested.put(label, value);
            } else {
                @SuppressWarnings("unchecked")
                final Map<String, Object> object = (Map<String, Object>) nested.computeIfAbsent(
                    label.substring(0, dot), name -> new LinkedHashMap<String, Object>());
                object.put(label.substring(dot + 1), value);
            }
        });
        return nested;
    }

    /**
     * A table: a row per counter, a column per queue.
     *
     * @param before an earlier look, or null; with it a column shows the rate between the two
     * @param spanNs between the two looks
     */
    static String table(final CountersSnapshot snapshot, final CountersSnapshot before, final long spanNs) {
        final Map<String, Long> totals = totals(snapshot);
        final Map<String, Long> earlier = before == null ? Map.of() : totals(before);
        final List<String> numbers = queueNumbers(snapshot);
        final StringBuilder table = new StringBuilder();
        final Map<String, String> about = snapshot.description();
        table.append("%s port %s, process %d, bind %s, attach %s, coherence %s: %s%n".formatted(
            about.get("interface"), about.get("port"), snapshot.pid(), about.get("bind"), about.get("attach"),
            about.get("coherence"), about.getOrDefault("promise", "")));
        table.append("%-36s %14s".formatted("", "total"));
        if (before != null) {
            table.append("%12s".formatted("per second"));
        }
        numbers.forEach(number -> table.append("%14s".formatted("queue " + number)));
        table.append(System.lineSeparator());
        totals.forEach((label, total) -> {
            table.append("%-36s %14d".formatted(label, total));
            if (before != null) {
                table.append("%12.0f".formatted((total - earlier.getOrDefault(label, total)) * 1e9 / spanNs));
            }
            for (int i = 0; i < numbers.size(); i++) {
                final Long value = queue(snapshot.queues().get(i)).get(label);
                table.append("%14s".formatted(value == null ? "" : value));
            }
            table.append(System.lineSeparator());
        });
        return table.toString();
    }
}
