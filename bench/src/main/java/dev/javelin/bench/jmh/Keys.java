package dev.javelin.bench.jmh;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Keys of one length that differ in their last bytes only, as keys of one application do, in random order.
 */
final class Keys {
    private final int[] numbers;
    private final int length;

    /** Keys in an order that is the same in every JVM. */
    Keys(int count, int length) {
        this.length = length;
        numbers = new int[count];
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < count; i++) {
            int swapped = random.nextInt(i + 1);
            numbers[i] = numbers[swapped];
            numbers[swapped] = i;
        }
    }

    int count() {
        return numbers.length;
    }

    int length() {
        return length;
    }

    /** The i-th key in the order in which keys are asked for. */
    byte[] name(int i) {
        return stored(numbers[i]);
    }

    /** Where the i-th key stands in the order in which items were stored. */
    int number(int i) {
        return numbers[i];
    }

    /** The key that was stored as the i-th. */
    byte[] stored(int i) {
        byte[] name = new byte[length];
        Arrays.fill(name, (byte) '0');
        name[0] = 'k';
        int at = length;
        for (int rest = i; rest > 0; rest /= 10) {
            name[--at] += (byte) (rest % 10);
        }
        return name;
    }
}
