package dev.javelin.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;

/**
 * The items of a load: key, flags and value of item {@code i} at version {@code v} follow from {@code i} and {@code v}
 * alone, so that every byte of a reply can be checked without remembering any.
 *
 * <p>A key is the item's number, filled up with {@code 'k'} to its size. A value begins with its version
 * in eight digits if it is long enough to hold them; the rest is a pseudo-random run of bytes, which depends on the
 * version only if that is in the value. Immutable, for any
 * thread.
 */
final class Items {
    static final int VERSION_DIGITS = 8;
    static final int MAX_KEY_SIZE = 250;

    private static final int KEY_SALT = 0x5bd1e995;

    private final Sizes keySizes;
    private final Sizes valueSizes;

    Items(Sizes keySizes, Sizes valueSizes) {
        this.keySizes = keySizes;
        this.valueSizes = valueSizes;
    }

    /** Items whose keys have one size, and whose values have sizes from one number to another. */
    Items(int keySize, int minValueSize, int maxValueSize) {
        this(Sizes.between(keySize, keySize), Sizes.between(minValueSize, maxValueSize));
    }

    /** Returns whether the item's value is long enough to carry a version. */
    boolean versioned(int item) {
        return valueSize(item) >= VERSION_DIGITS;
    }

    byte[] key(int item) {
        String digits = Integer.toString(item);
        int keySize = keySizes.size(mix(item ^ KEY_SALT));
        return ("k".repeat(Math.max(0, keySize - digits.length() - 1)) + "-" + digits)
            .getBytes(StandardCharsets.US_ASCII);
    }

    /** Returns the size in bytes of the longest key of so many items. */
    int longestKey(int itemCount) {
        int longest = 0;
        for (int item = 0; item < itemCount; item++) {
            longest = Math.max(longest, keySizes.size(mix(item ^ KEY_SALT)));
        }
        return longest;
    }

    /** Returns memcached's client flags of the item. */
    int flags(int item) {
        return item & 0xffff;
    }

    int valueSize(int item) {
        return valueSizes.size(mix(item));
    }

    /** Writes the value of an item at a version at the buffer's position. */
    void putValue(ByteBuffer to, int item, int version) {
        int size = valueSize(item);
        int written = 0;
        if (size >= VERSION_DIGITS) {
            int rest = version;
            for (int i = VERSION_DIGITS - 1; i >= 0; i--) {
                to.put(to.position() + i, (byte) ('0' + rest % 10));
                rest /= 10;
            }
            to.position(to.position() + VERSION_DIGITS);
            written = VERSION_DIGITS;
        }
        int seed = mix(31 * item + (written == 0 ? 0 : version));
        for (int i = written; i < size; i++) {
            to.put(byteAt(seed, i));
        }
    }

    /** Returns the version that a value carries, or -1 when the bytes are not this item's value at any version. */
    int versionOf(DirectBuffer value, int offset, int length, int item) {
        if (length != valueSize(item)) {
            return -1;
        }
        int version = 0;
        int checked = 0;
        if (length >= VERSION_DIGITS) {
            for (int i = 0; i < VERSION_DIGITS; i++) {
                int digit = value.getByte(offset + i) - '0';
                if (digit < 0 || digit > 9) {
                    return -1;
                }
                version = 10 * version + digit;
            }
            checked = VERSION_DIGITS;
        }
        int seed = mix(31 * item + version);
        for (int i = checked; i < length; i++) {
            if (value.getByte(offset + i) != byteAt(seed, i)) {
                return -1;
            }
        }
        return version;
    }

    private static byte byteAt(int seed, int i) {
        return (byte) (seed * (i + 1) >>> 11);
    }

    /** The finaliser of MurmurHash3 (32 bits): neighbouring items get unlike values. */
    private static int mix(int value) {
        int h = value;
        h = (h ^ h >>> 16) * 0x85ebca6b;
        h = (h ^ h >>> 13) * 0xc2b2ae35;
        return h ^ h >>> 16;
    }
}
