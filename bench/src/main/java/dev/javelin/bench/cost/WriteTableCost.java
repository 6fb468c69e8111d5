package dev.javelin.bench.cost;

import dev.javelin.bench.Quartiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the write table costs memcached: two processes of the same program, one with a table and one without, take turns
 * every tenth of a second, so that whatever else the machine does meets both alike. The rate says what users see; the
 * CPU time of memcached's threads per request hardly depends on what else runs.
 */
@Command(name = "write-table-cost", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = "Compares memcached-sr with and without its write table over TCP on the loopback device.")
public final class WriteTableCost implements Callable<Integer> {
    /** Where the product's own table lies, unless /run is in memory too. */
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long SLICE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int WARM_UP_SLICES = 5;
    private static final int PROCESSES = 6;

    @Option(names = "--program", required = true, paramLabel = "FILE", description = "memcached-sr's binary")
    private Path program;

    @Option(names = "--seconds", paramLabel = "S", description = "for each line (default: ${DEFAULT-VALUE})")
    private int seconds = 24;

    @Option(names = "--cpu", paramLabel = "N", description = "CPU of both servers (default: ${DEFAULT-VALUE})")
    private int cpu = 1;

    /**
     * Prints a table of ratios; exit code 0 when it could be measured.
     *
     * @param arguments as {@code --help} tells.
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new WriteTableCost())
            .setExecutionExceptionHandler((e, command, result) -> {
                System.err.println("write-table-cost: " + e.getMessage());
                return 1;
            }).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Path table = Files.createTempDirectory(SHARED_MEMORY, "javelin-cost").resolve("table");
        List<Load> loads = List.of(new Load(true, 1), new Load(false, 1), new Load(true, 32), new Load(false, 32));
        try {
            for (int i = 0; i < PROCESSES; i++) {
                measure(table, loads, i % 2 == 0);
            }
        } finally {
            Files.deleteIfExists(table);
            Files.deleteIfExists(table.getParent());
        }
        System.out.println("with the table / without it, medians and quartiles of pairs of slices of 100 ms");
        System.out.printf("%-26s %7s %30s %30s%n", "", "pairs", "requests per second", "CPU time per request");
        for (Load load : loads) {
            System.out.printf("%-26s %7d %30s %30s%n", load.name(), load.pairs.size(),
                ratios(load.pairs, slice -> (double) slice.requests() / slice.wallNs()),
                ratios(load.pairs, slice -> (double) slice.cpuNs() / slice.requests()));
        }
        return 0;
    }

    /** Where a process' memory lies makes it some percent faster or slower for life, so there are several of each. */
    private void measure(Path table, List<Load> loads, boolean withFirst) throws IOException {
        List<String> on = List.of("-o", "write_table=" + table);
        try (MemcachedUnderCost one = new MemcachedUnderCost(program, cpu, withFirst ? on : List.of());
            MemcachedUnderCost other = new MemcachedUnderCost(program, cpu, withFirst ? List.of() : on)) {
            for (Load load : loads) {
                compare(load, withFirst ? other : one, withFirst ? one : other);
            }
        }
    }

    private void compare(Load load, MemcachedUnderCost without, MemcachedUnderCost with) throws IOException {
        int slices = (int) (TimeUnit.SECONDS.toNanos(seconds) / (2 * SLICE_NS * PROCESSES));
        for (int i = -WARM_UP_SLICES; i < slices; i++) {
            // Who goes first changes, so that a drift favours neither.
            MemcachedUnderCost.Slice[] pair = new MemcachedUnderCost.Slice[2];
            int first = i & 1;
            pair[first] = (first == 0 ? without : with).run(load.sets, load.atOnce, SLICE_NS);
            pair[1 - first] = (first == 0 ? with : without).run(load.sets, load.atOnce, SLICE_NS);
            if (i >= 0) {
                load.pairs.add(pair);
            }
        }
    }

    private static String ratios(List<MemcachedUnderCost.Slice[]> pairs,
                                 ToDoubleFunction<MemcachedUnderCost.Slice> figure) {
        Quartiles ratio = Quartiles.of(pairs.stream()
            .mapToDouble(pair -> figure.applyAsDouble(pair[1]) / figure.applyAsDouble(pair[0])).toArray());
        return String.format(Locale.ROOT, "%.3f (%.3f to %.3f)", ratio.median(), ratio.lower(), ratio.upper());
    }

    /** One kind of requests, and what was measured of it: pairs of slices, without the table first. */
    private static final class Load {
        private final boolean sets;
        private final int atOnce;
        private final List<MemcachedUnderCost.Slice[]> pairs = new ArrayList<>();

        Load(boolean sets, int atOnce) {
            this.sets = sets;
            this.atOnce = atOnce;
        }

        String name() {
            return (sets ? "set, " : "get, ") + atOnce + " at once";
        }
    }
}
