package dev.javelin.bench.cost;

import dev.javelin.afxdp.Affinity;
import dev.javelin.bench.Quartiles;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What comparing the write table's words adds to all that a hit costs: packets through the interface, XDP, AF_XDP, the
 * worker and back. One JVM differs from the next by more than that, so two workers of one process take turns of some
 * ten milliseconds, in random order, and each pair of neighbouring turns gives one ratio. The CPU they share with the
 * kernel's packet processing must be the bottleneck: then time for each answer is CPU time for each answer.
 */
@Command(name = "hit-cost", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    description = "Serves a queue with and without the write table's check, in turns, and compares. Needs root.")
public final class HitCost implements Callable<Integer> {
    private static final int ANSWERS = 4_096;
    private static final double ENOUGH_CACHED = 0.95;

    @Option(names = "--interface", required = true, paramLabel = "IF", description = "interface to serve")
    private String interfaceName;

    @Option(names = "--memcached", required = true, paramLabel = "HOST", description = "where memcached-sr listens")
    private String host;

    @Option(names = "--keys", required = true, paramLabel = "N", description = "how many keys are asked for")
    private int keys;

    @Option(names = "--cpu", required = true, paramLabel = "N", description = "CPU that serves")
    private int cpu;

    @Option(names = "--warm-up", paramLabel = "S", description = {"seconds from the first request on, before that:",
        "for filling the cache and for the compiler (default: ${DEFAULT-VALUE})"})
    private int warmUpSeconds = 12;

    @Option(names = "--seconds", paramLabel = "S", description = "to measure (default: ${DEFAULT-VALUE})")
    private int seconds = 30;

    /**
     * Prints one line; exit code 0 when it could be measured.
     *
     * @param arguments as {@code --help} tells.
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new HitCost())
            .setExecutionExceptionHandler((e, command, result) -> {
                System.err.println("hit-cost: " + e.getMessage());
                return 1;
            }).execute(arguments));
    }

    @Override
    public Integer call() {
        try (TwinWorkers workers = new TwinWorkers(interfaceName, new InetSocketAddress(host, 11211))) {
            Affinity.pin(cpu);
            workers.attach();
            System.out.println("ready interface=" + interfaceName);
            warmUp(workers);
            measure(workers);
        }
        return 0;
    }

    /** Ends by the clock and not after so many answers, so that the generator can know how long it must go on. */
    private void warmUp(TwinWorkers workers) {
        workers.turn(true, 1);
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUpSeconds);
        while (System.nanoTime() - endNs < 0) {
            workers.turn(true, ANSWERS);
            workers.turn(false, ANSWERS);
        }
        if (workers.items() < keys * ENOUGH_CACHED) {
            throw new IllegalStateException("only " + workers.items() + " of " + keys + " keys were in the cache after "
                + warmUpSeconds + " s: give it a longer --warm-up");
        }
    }

    private void measure(TwinWorkers workers) {
        double[] without = new double[1 << 16];
        double[] ratios = new double[without.length];
        SplittableRandom random = new SplittableRandom(7);
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        int pairs = 0;
        while (System.nanoTime() - endNs < 0 && pairs < ratios.length) {
            boolean checkedFirst = random.nextBoolean();
            double first = workers.turn(checkedFirst, ANSWERS);
            double second = workers.turn(!checkedFirst, ANSWERS);
            without[pairs] = checkedFirst ? second : first;
            ratios[pairs] = checkedFirst ? first / second : second / first;
            pairs++;
        }
        Quartiles ratio = Quartiles.of(Arrays.copyOf(ratios, pairs));
        System.out.printf(Locale.ROOT, "%6d keys: an answer takes %.0f ns, with the check %.4f times that"
            + " (standard error %.4f; quartiles %.3f to %.3f of %d pairs)%n", keys,
            Quartiles.of(Arrays.copyOf(without, pairs)).median(), ratio.median(), ratio.medianError(), ratio.lower(),
            ratio.upper(), ratio.count());
    }
}
