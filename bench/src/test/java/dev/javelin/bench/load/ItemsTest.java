package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ItemsTest {
    @Test
    void shouldKnowItsOwnValuesOfEverySize() {
        for (int size = 0; size <= 40; size++) {
            Items items = new Items(16, size, size);
            for (int version : new int[] {1, 2, 99_999_999}) {
                byte[] value = value(items, 7, version);
                assertEquals(size, value.length);
                assertEquals(size < Items.VERSION_DIGITS ? 0 : version, versionOf(items, value, 7));
                for (int i = 0; i < size; i++) {
                    value[i] ^= 1;
                    // Eight digits alone are the value of some version, whichever they are.
                    int expected = size == Items.VERSION_DIGITS ? Integer.parseInt(new String(value)) : -1;
                    assertEquals(expected, versionOf(items, value, 7), "byte " + i + " of " + size);
                    value[i] ^= 1;
                }
            }
        }
    }

    @Test
    void shouldGiveEveryItemAKeyOfItsOwnWithinTheSizes() {
        Items items = new Items(Sizes.parse("10-40", 10, 250), Sizes.between(1, 1));
        Set<String> keys = new HashSet<>();
        Set<Integer> sizes = new HashSet<>();
        for (int item = 0; item < 10_000; item++) {
            byte[] key = items.key(item);
            sizes.add(key.length);
            assertTrue(keys.add(new String(key, StandardCharsets.US_ASCII)));
        }
        assertEquals(31, sizes.size(), sizes.toString());
        assertEquals(40, items.longestKey(10_000));
    }

    /** The expected sizes follow from the formulas of the paper, worked out by hand. */
    @ParameterizedTest
    @CsvSource({
        // A generalized extreme value distribution has the quantile exp(-1) at its location, 30.7984.
        "fb_key, 0.36787944, 30", "fb_key, 0.000001, 11", "fb_key, 0.999, 106",
        // 0.536 % have no bytes, 0.047 % one, 17.82 % two; then 9.2 % three.
        "fb_value, 0.005, 0", "fb_value, 0.0055, 1", "fb_value, 0.1, 2", "fb_value, 0.19, 3",
        // Half of the rest above 44.155 %: 15 + 214.476 / 0.348238 * (2^0.348238 - 1).
        "fb_value, 0.720775, 183", "fb_value, 0.9999, 1100"})
    void shouldFollowTheDistributionsMeasuredAtFacebook(String name, double quantile, int expected) {
        Sizes sizes = Sizes.parse(name, 0, 1_100);
        assertEquals(expected, sizes.size((int) (long) (quantile * (1L << 32))));
    }

    @ParameterizedTest
    @CsvSource({"9", "251", "20-10", "ten", "10-", "-10", "fb_keys", "''"})
    void shouldRefuseOtherSizes(String text) {
        assertNull(Sizes.parse(text, 10, 250));
    }

    @Test
    void shouldSpaceArrivalsAsAsked() {
        Arrivals constant = new Arrivals(4_000, null);
        Arrivals poisson = new Arrivals(4_000, new SplittableRandom(1));
        int count = 200_000;
        double sumOfSquares = 0;
        for (int i = 0; i < count; i++) {
            assertEquals(i * 250_000L, constant.dueNs());
            long beforeNs = poisson.dueNs();
            constant.advance();
            poisson.advance();
            sumOfSquares += Math.pow(poisson.dueNs() - beforeNs, 2);
        }
        double meanNs = poisson.dueNs() / (double) count;
        assertEquals(250_000, meanNs, 2_500);
        // The standard deviation of exponential gaps is their mean; that of even gaps would be 0.
        assertEquals(250_000, Math.sqrt(sumOfSquares / count - meanNs * meanNs), 5_000);
    }

    private static byte[] value(Items items, int item, int version) {
        ByteBuffer value = ByteBuffer.allocate(items.valueSize(item));
        items.putValue(value, item, version);
        return value.array();
    }

    private static int versionOf(Items items, byte[] value, int item) {
        return items.versionOf(new UnsafeBuffer(value), 0, value.length, item);
    }
}
