package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipfSamplerTest {
    private static final int ITEMS = 1_000;
    private static final int DRAWS = 2_000_000;

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.9, 0.99})
    void shouldDrawEachItemAsOftenAsItsRankSays(double theta) {
        ZipfSampler sampler = new ZipfSampler(new SplittableRandom(7), ITEMS, theta);
        int[] drawn = new int[ITEMS];
        for (int i = 0; i < DRAWS; i++) {
            drawn[sampler.next()]++;
        }
        double zeta = 0;
        for (int i = 1; i <= ITEMS; i++) {
            zeta += Math.pow(i, -theta);
        }
        // The method is exact for the first two items and close for the sum over any run of the others.
        assertEquals(1 / zeta, drawn[0] / (double) DRAWS, 0.1 / zeta);
        assertEquals(Math.pow(2, -theta) / zeta, drawn[1] / (double) DRAWS, 0.1 / zeta);
        double expected = 0;
        double actual = 0;
        for (int i = 0; i < ITEMS; i++) {
            expected += Math.pow(i + 1, -theta) / zeta;
            actual += drawn[i] / (double) DRAWS;
            assertEquals(expected, actual, 0.03, "share of the first " + (i + 1) + " items");
        }
    }
}
