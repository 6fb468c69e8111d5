package dev.javelin.bench.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Medians, ranges, ratios and the choice of rates, with figures computed by hand. */
final class StatisticsTest {
    private static Run run(String subject, int round, double rate, int clean, int stolen, String bottleneck) {
        List<Window> windows = IntStream.range(0, clean + stolen)
            .mapToObj(i -> new Window(100, 0, 0, i < clean ? null : Window.STEAL)).toList();
        return new Run(subject, round, rate, 5_000, 4_000, 1, 0.9, bottleneck, windows, MadeUp.load(rate, null));
    }

    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertEquals(new Spread(30, 10, 50, 3), Spread.of(50, 10, 30));
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
        assertEquals(new Spread(25, 10, 50, 4), Spread.of(50, 10, 30, 20));
        assertNull(Spread.of());
    }

    @Test
    void ratiosAreTakenWithinARoundAndNotFromMedians() {
        List<Run> runs = List.of(
            run("a", 1, 100, 10, 0, null), run("b", 1, 500, 10, 0, null),
            run("a", 2, 200, 10, 0, null), run("b", 2, 400, 10, 0, null),
            run("a", 3, 400, 10, 0, null), run("b", 3, 600, 10, 0, null));
        // The ratio of the medians would be 500 / 200.
        assertEquals(new Ratio("b", "a", List.of(new Ratio.InRound(1, 5, Ratio.EXACT),
            new Ratio.InRound(2, 2, Ratio.EXACT), new Ratio.InRound(3, 1.5, Ratio.EXACT)), new Spread(2, 1.5, 5, 3),
            Ratio.EXACT), Ratio.of("b", "a", runs));
    }

    @Test
    void aRoundWithoutBothHasNoRatio() {
        List<Run> runs = List.of(
            run("a", 1, 100, 4, 6, null), run("b", 1, 300, 10, 0, null),
            run("b", 2, 400, 10, 0, null),
            run("a", 3, 50, 10, 0, null), run("b", 3, 250, 5, 5, null));
        Ratio ratio = Ratio.of("b", "a", runs);
        assertEquals(List.of(new Ratio.InRound(3, 5, Ratio.EXACT)), ratio.rounds(), "half of the windows is enough");
    }

    @Test
    void aLimitedGeneratorMakesTheRatioABound() {
        Run a = run("a", 1, 100, 10, 0, null);
        Run b = run("b", 1, 300, 10, 0, null);
        Run limitedA = run("a", 1, 100, 10, 0, "CPU 0 was busy all the time");
        Run limitedB = run("b", 1, 300, 10, 0, "CPU 0 was busy all the time");
        assertEquals(Ratio.EXACT, Ratio.of("b", "a", List.of(a, b)).bound());
        assertEquals(Ratio.AT_LEAST, Ratio.of("b", "a", List.of(a, limitedB)).bound());
        assertEquals(Ratio.AT_MOST, Ratio.of("b", "a", List.of(limitedA, b)).bound());
        assertEquals(Ratio.UNKNOWN, Ratio.of("b", "a", List.of(limitedA, limitedB)).bound());
    }

    @Test
    void aBoundThatCannotMoveTheMedianIsNone() {
        List<Run> runs = List.of(
            run("a", 1, 100, 10, 0, null), run("b", 1, 200, 10, 0, null),
            run("a", 2, 100, 10, 0, null), run("b", 2, 300, 10, 0, null),
            run("a", 3, 100, 10, 0, null), run("b", 3, 400, 10, 0, "the generator"));
        assertEquals(Ratio.EXACT, Ratio.of("b", "a", runs).bound(), "the third is more than 4, the median stays 3");
        assertNull(Summary.of("b", runs).bottleneck());
        assertEquals(Ratio.EXACT, Ratio.of("a", "b", runs).bound(), "the third is less than 1/4, the median stays 1/3");
    }

    @Test
    void eitherOfTwoMovesTheirMedian() {
        Run low = run("a", 1, 100, 10, 0, null);
        Run high = run("a", 2, 300, 10, 0, "the generator");
        assertEquals("the generator", Summary.of("a", List.of(low, high)).bottleneck(), "200 is the mean of both");
        Run one = run("b", 1, 100, 10, 0, null);
        Run two = run("b", 2, 100, 10, 0, null);
        List<Run> runs = List.of(low, high, one, two);
        assertEquals(Ratio.AT_LEAST, Ratio.of("a", "b", runs).bound(), "1 and at least 3");
        assertEquals(Ratio.AT_MOST, Ratio.of("b", "a", runs).bound(), "1 and at most 1/3");
    }

    @Test
    void aSummaryLeavesOutRunsOfWhichLittleIsLeftButCountsTheirRequests() {
        Summary summary = Summary.of("a", List.of(
            run("a", 1, 100, 10, 0, null), run("b", 1, 9_999, 10, 0, "b only"),
            run("a", 2, 7, 2, 8, null), run("a", 3, 300, 6, 4, null)));
        assertEquals(new Spread(200, 100, 300, 2), summary.rate());
        assertEquals(2, summary.runs());
        assertEquals(1, summary.runsSetAside());
        assertEquals(30, summary.windows());
        assertEquals(12, summary.windowsStolen());
        assertEquals(0, summary.windowsForeign());
        assertEquals(3 * MadeUp.SENT, summary.requests());
        assertEquals(3 * MadeUp.LOST, summary.lost());
        assertNull(summary.bottleneck(), "the bottleneck of another's run is none of this one");
    }

    @Test
    void aRateIsALowerBoundIfTheGeneratorLimitedARunThatCouldMoveIt() {
        Run limited = run("a", 2, 120, 10, 0, "it missed its schedule");
        Run setAside = run("a", 3, 120, 1, 9, "its CPU was stolen");
        assertEquals("it missed its schedule",
            Summary.of("a", List.of(run("a", 1, 200, 10, 0, null), limited, setAside)).bottleneck());
        assertNull(Summary.of("a", List.of(run("a", 1, 100, 10, 0, null), setAside)).bottleneck());
    }

    @Test
    void withoutARunThatCountsThereIsNoRate() {
        Summary summary = Summary.of("a", List.of(run("a", 1, 100, 1, 9, null)));
        assertNull(summary.rate());
        assertNull(summary.p99Us());
        assertEquals(1, summary.runsSetAside());
        assertEquals(List.of(), summary.percentiles());
    }

    @Test
    void aPercentileIsThatOfTheFirstPointThatReachesIt() {
        LoadResult load = MadeUp.load(1, null);
        assertEquals(10, Summary.latencyUs(load, 0));
        assertEquals(20, Summary.latencyUs(load, 50));
        assertEquals(80, Summary.latencyUs(load, 50.1));
        assertEquals(80, Summary.latencyUs(load, 99));
        assertEquals(1_000, Summary.latencyUs(load, 99.95), "beyond the last point only the longest is known");
    }

    @Test
    void theCurveOfASummaryStartsAtNoughtAndEachDecadeAddsANine() {
        List<double[]> points = Summary.of("a", List.of(run("a", 1, 1, 10, 0, null))).percentiles();
        assertEquals(101, points.size());
        assertArrayEquals(new double[] {0, 10, 10, 10}, points.get(0), 1e-9);
        assertArrayEquals(new double[] {90, 80, 80, 80}, points.get(20), 1e-9);
        assertArrayEquals(new double[] {99.999, 1_000, 1_000, 1_000}, points.get(100), 1e-9);
    }

    @Test
    void ratesOfTheCurveReachFromBelowTheSlowestToBeyondTheFastest() {
        // 0.25 * 80,000 = 20,000 and 1.1 * 290,909 = 320,000: sixteen times that in four steps of two.
        assertEquals(List.of(20_000.0, 40_000.0, 80_000.0, 160_000.0, 320_000.0),
            CurvePoint.rates(80_000, 320_000 / 1.1, 5));
    }

    @Test
    void aRateIsHeldIfAlmostAllIsAnsweredInTime() {
        assertTrue(CurvePoint.of(100, run("a", 0, 97, 10, 0, null)).held());
        assertFalse(CurvePoint.of(100, run("a", 0, 96, 10, 0, null)).held());
        CurvePoint point = CurvePoint.of(100, run("a", 0, 98, 3, 7, null));
        assertTrue(point.held(), "latency is of the whole run, so the rate is, too");
        assertEquals(0.3, point.cleanShare(), 1e-9);
        assertEquals(90, point.p99Us(), 1e-9);
    }
}
