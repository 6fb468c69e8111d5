package dev.javelin.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is set aside, and what is left: samples made up, expectations computed by hand. */
final class WindowsTest {
    private static final double MS = 1e6;
    private static final Limits LIMITS = new Limits(0.15, 0.25);
    /** CPU 1 serves, CPU 0 generates, and CPU 2 is somebody else's. */
    private static final Cpus CPUS = new Cpus(new int[] {1}, new int[] {0});

    /** What is counted in the 100 ms of a window; all in milliseconds. */
    private record During(double busy0, double busy1, double busy2, double steal0, double steal1, double steal2,
                          double server, double ours, double foreign) {
    }

    private static Sample after(Sample before, During d, double ms) {
        return new Sample(before.atNs() + (long) (ms * MS),
            new double[] {before.busyNs()[0] + d.busy0 * MS, before.busyNs()[1] + d.busy1 * MS,
                before.busyNs()[2] + d.busy2 * MS},
            new double[] {before.stealNs()[0] + d.steal0 * MS, before.stealNs()[1] + d.steal1 * MS,
                before.stealNs()[2] + d.steal2 * MS},
            before.serverNs() + d.server * MS, before.oursNs() + d.ours * MS, before.foreignNs() + d.foreign * MS);
    }

    private static Sample start() {
        return new Sample(5_000_000_000L, new double[] {7e9, 8e9, 9e9}, new double[] {1e9, 2e9, 3e9}, 4e9, 5e9, 6e9);
    }

    private static Window judge(During during) {
        Sample start = start();
        return LIMITS.judge(start, after(start, during, 100), CPUS, 12);
    }

    @Test
    void aQuietWindowCounts() {
        assertEquals(new Window(12, 0.1, 0, null), judge(new During(90, 80, 0, 0, 10, 0, 70, 170, 0)));
    }

    @Test
    void stealOnEitherCpuSetsAside() {
        assertEquals(new Window(12, 0.2, 0, Window.STEAL), judge(new During(80, 100, 0, 20, 0, 0, 90, 180, 0)));
        assertEquals(new Window(12, 0.4, 0, Window.STEAL), judge(new During(80, 60, 0, 10, 40, 0, 50, 140, 0)));
    }

    @Test
    void stealOfACpuThatIsNotUsedDoesNot() {
        assertEquals(new Window(12, 0, 0, null), judge(new During(90, 90, 0, 0, 0, 90, 90, 180, 0)));
    }

    @Test
    void otherProcessesOnOurCpusSetAside() {
        // Our CPUs were busy for 200 ms, 160 of them with ours: the others, who had 50 ms, had 40 at most of these.
        assertEquals(new Window(12, 0, 0.4, Window.FOREIGN), judge(new During(100, 100, 10, 0, 0, 0, 80, 160, 50)));
    }

    @Test
    void otherProcessesOnTheirOwnCpuDoNot() {
        assertEquals(new Window(12, 0, 0, null), judge(new During(100, 100, 100, 0, 0, 0, 100, 200, 100)));
    }

    @Test
    void softirqsThatBelongToNobodyAreNoOtherProcess() {
        assertEquals(new Window(12, 0, 0.1, null), judge(new During(100, 100, 0, 0, 0, 0, 60, 120, 10)));
    }

    @Test
    void theHostComesFirstIfBothPass() {
        assertEquals(new Window(12, 0.5, 0.5, Window.STEAL), judge(new During(50, 100, 0, 50, 0, 0, 60, 100, 50)));
    }

    @Test
    void aRunCountsOnlyItsCleanWindows() {
        During quiet = new During(90, 80, 0, 0, 0, 0, 60, 150, 0);
        During stolen = new During(10, 10, 0, 90, 90, 0, 5, 10, 0);
        During foreign = new During(100, 100, 0, 0, 0, 0, 30, 100, 60);
        During busier = new During(100, 100, 0, 0, 0, 0, 90, 190, 0);
        List<Sample> samples = new ArrayList<>(List.of(start()));
        for (During during : List.of(quiet, stolen, foreign, busier)) {
            // Two samples for each window, neither of them at its edge but the first.
            samples.add(after(samples.getLast(), half(during), 50));
            samples.add(after(samples.getLast(), half(during), 50));
        }
        LoadResult load = MadeUp.load(1, null, start().atNs(), 1_000, 50, 70, 3_000);
        Run run = Run.of("a", 3, load, new Timeline(samples), CPUS, LIMITS);

        assertEquals(List.of("clean", "steal", "foreign", "clean"),
            run.windows().stream().map(window -> window.clean() ? "clean" : window.setAside()).toList());
        assertEquals(2, run.cleanWindows());
        assertEquals(1, run.setAside(Window.STEAL));
        assertEquals(1, run.setAside(Window.FOREIGN));
        // 4,000 answers in 200 ms; the server's CPU was busy for 80 + 100 ms, its processes for 60 + 90.
        assertEquals(20_000, run.rate(), 1e-6);
        assertEquals(45_000, run.serverCpuNs(), 1e-6);
        assertEquals(37_500, run.processNs(), 1e-6);
        assertEquals(0.95, run.clientBusy(), 1e-9);
        assertEquals(0.9, run.serverBusy(), 1e-9);
    }

    @Test
    void aServerWithTimeLeftWasNotTheLimit() {
        assertEquals("the server's CPU had time left (it was busy for 94 % of the time)", bottleneck(94, null));
        assertNull(bottleneck(95, null));
        assertEquals("missed its schedule", bottleneck(100, "missed its schedule"), "the generator knows it best");
    }

    private static String bottleneck(double serverBusyMs, String said) {
        Sample start = start();
        Sample end = after(start, new During(100, serverBusyMs, 0, 0, 0, 0, 50, 150, 0), 100);
        Timeline timeline = new Timeline(List.of(start, end));
        return Run.of("a", 1, MadeUp.load(1, said, start.atNs(), 77), timeline, CPUS, LIMITS).bottleneck();
    }

    private static During half(During d) {
        return new During(d.busy0 / 2, d.busy1 / 2, d.busy2 / 2, d.steal0 / 2, d.steal1 / 2, d.steal2 / 2, d.server / 2,
            d.ours / 2, d.foreign / 2);
    }

    @Test
    void aRunWithoutACleanWindowHasNoRate() {
        Sample start = start();
        Sample end = after(start, new During(10, 10, 0, 90, 90, 0, 5, 10, 0), 100);
        Timeline timeline = new Timeline(List.of(start, end));
        Run run = Run.of("a", 1, MadeUp.load(1, null, start.atNs(), 77), timeline, CPUS, LIMITS);
        assertEquals(0, run.rate());
        assertEquals(0, run.serverCpuNs());
        assertEquals(0, run.cleanWindows());
    }

    @Test
    void betweenTwoSamplesEverythingGrowsEvenly() {
        Sample start = start();
        Sample middle = after(start, new During(10, 20, 30, 1, 2, 3, 4, 5, 6), 100);
        Sample end = after(middle, new During(0, 0, 0, 0, 0, 0, 0, 0, 0), 100);
        Timeline timeline = new Timeline(List.of(start, middle, end));
        Sample quarter = timeline.at(start.atNs() + 25_000_000);
        assertEquals(8e9 + 5 * MS, quarter.busyNs()[1], 1);
        assertEquals(3e9 + 0.75 * MS, quarter.stealNs()[2], 1);
        assertEquals(6e9 + 1.5 * MS, quarter.foreignNs(), 1);
        assertEquals(8e9 + 20 * MS, timeline.at(start.atNs() + 150_000_000).busyNs()[1], 1);
        assertEquals(middle.busyNs()[1], timeline.at(middle.atNs()).busyNs()[1], 1e-3);
    }

    @Test
    void windowsBeyondTheSamplesAreAnError() {
        Sample start = start();
        Timeline timeline = new Timeline(List.of(start, after(start, new During(1, 1, 1, 0, 0, 0, 0, 0, 0), 100)));
        assertThrows(IllegalArgumentException.class, () -> timeline.at(start.atNs() - 1));
        assertThrows(IllegalArgumentException.class, () -> timeline.at(start.atNs() + 100_000_001));
    }
}
