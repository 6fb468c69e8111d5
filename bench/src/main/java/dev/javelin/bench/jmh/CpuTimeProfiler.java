package dev.javelin.bench.jmh;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * The CPU time that JMH's worker threads spend per call, beside JMH's own wall-clock time. On a machine that other work
 * shares, the wall-clock time of a call is mostly other people's; the kernel takes what its host stole off a thread's
 * CPU time too, where the host tells.
 */
public final class CpuTimeProfiler implements InternalProfiler {
    /** Name of the secondary result, in nanoseconds per call. */
    static final String LABEL = "cpu";
    private static final String WORKER = "-jmh-worker-";

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Map<Long, Long> startNs = new HashMap<>();

    @Override
    public String getDescription() {
        return "CPU time of the worker threads per call";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        startNs.clear();
        startNs.putAll(workersNs());
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(BenchmarkParams benchmark, IterationParams iteration,
        IterationResult result) {
        long spentNs = 0;
        for (Map.Entry<Long, Long> worker : workersNs().entrySet()) {
            spentNs += worker.getValue() - startNs.getOrDefault(worker.getKey(), 0L);
        }
        double perCallNs = (double) spentNs / result.getMetadata().getAllOps();
        return List.of(new ScalarResult(LABEL, perCallNs, "ns/op", AggregationPolicy.AVG));
    }

    private Map<Long, Long> workersNs() {
        Map<Long, Long> spentNs = new HashMap<>();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null && thread.getThreadName().contains(WORKER)) {
                spentNs.put(thread.getThreadId(), threads.getThreadCpuTime(thread.getThreadId()));
            }
        }
        return spentNs;
    }
}
