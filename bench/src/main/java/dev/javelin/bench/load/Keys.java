package dev.javelin.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.UnsafeApi;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The keys of all items, each in the text of a request for it, {@code get KEY\r\n}. They stand side by side off the
 * heap: a generator takes a key out of thousands for every request, and pays for each cache line that it touches.
 * Immutable, for any thread.
 */
final class Keys {
    private static final byte[] COMMAND = "get ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final int AROUND_KEY = COMMAND.length + LINE_END.length;

    private final UnsafeBuffer texts;
    /** Where each item's text begins, and the end of the last. */
    private final int[] starts;
    /** Length of every text, or 0 if they differ: a product spares the look-up, a cache miss among many keys. */
    private final int sameLength;

    private Keys(UnsafeBuffer texts, int[] starts) {
        this.texts = texts;
        this.starts = starts;
        int first = starts[1];
        boolean isSame = IntStream.range(0, starts.length).allMatch(item -> starts[item] == (long) item * first);
        sameLength = isSame ? first : 0;
    }

    private int start(int item) {
        return sameLength > 0 ? item * sameLength : starts[item];
    }

    /**
     * The keys of the items from 0 on.
     *
     * @throws IllegalArgumentException if they need more than 2 GiB.
     */
    static Keys of(Items items, int count) {
        int[] starts = new int[count + 1];
        long bytes = 0;
        for (int item = 0; item < count; item++) {
            bytes += AROUND_KEY + items.key(item).length;
            if (bytes > Integer.MAX_VALUE - Long.BYTES) {
                throw new IllegalArgumentException(count + " keys need more than 2 GiB: take fewer or shorter ones");
            }
            starts[item + 1] = (int) bytes;
        }
        // Words are read that begin in the last text and end behind it.
        UnsafeBuffer texts = new UnsafeBuffer(ByteBuffer.allocateDirect((int) bytes + Long.BYTES));
        for (int item = 0; item < count; item++) {
            texts.putBytes(starts[item], COMMAND);
            texts.putBytes(starts[item] + COMMAND.length, items.key(item));
            texts.putBytes(starts[item + 1] - LINE_END.length, LINE_END);
        }
        return new Keys(texts, starts);
    }

    int count() {
        return starts.length - 1;
    }

    /** Returns a copy of a key. */
    byte[] key(int item) {
        byte[] key = new byte[length(item)];
        texts.getBytes(start(item) + COMMAND.length, key);
        return key;
    }

    /** Returns the length of {@code get KEY\r\n} in bytes. */
    int textLength(int item) {
        return sameLength > 0 ? sameLength : starts[item + 1] - starts[item];
    }

    /** Returns the length of a key in bytes. */
    int length(int item) {
        return textLength(item) - AROUND_KEY;
    }

    /** Writes {@code get KEY\r\n}, and up to seven bytes of rubbish behind it; returns the length without these. */
    int putText(int item, MutableDirectBuffer to, int at) {
        return put(start(item), textLength(item), to, at);
    }

    /** Writes a space and the key, and up to seven bytes of rubbish behind it; returns the length without these. */
    int putSpaceAndKey(int item, MutableDirectBuffer to, int at) {
        return put(start(item) + COMMAND.length - 1, length(item) + 1, to, at);
    }

    private int put(int from, int length, MutableDirectBuffer to, int at) {
        byte[] array = to.byteArray();
        long target = to.addressOffset() + at;
        long text = texts.addressOffset() + from;
        for (int i = 0; i < length; i += Long.BYTES) {
            UnsafeApi.putLong(array, target + i, UnsafeApi.getLong(text + i));
        }
        return length;
    }

    /** Returns whether {@code get KEY\r\n} stands there; all of its {@link #textLength} must lie in the buffer. */
    boolean isText(int item, DirectBuffer buffer, int at) {
        return isSame(start(item), textLength(item), buffer, at);
    }

    /** Returns whether a space and the key stand there; all {@code length + 1} bytes must lie in the buffer. */
    boolean isSpaceAndKey(int item, DirectBuffer buffer, int at) {
        return isSame(start(item) + COMMAND.length - 1, length(item) + 1, buffer, at);
    }

    /** Returns whether the key stands there; all of its {@link #length} must lie in the buffer. */
    boolean isKey(int item, DirectBuffer buffer, int at) {
        return isSame(start(item) + COMMAND.length, length(item), buffer, at);
    }

    private boolean isSame(int from, int length, DirectBuffer buffer, int at) {
        byte[] array = buffer.byteArray();
        long place = buffer.addressOffset() + at;
        long text = texts.addressOffset() + from;
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            if (UnsafeApi.getLong(array, place + i) != UnsafeApi.getLong(text + i)) {
                return false;
            }
        }
        if (length >= Long.BYTES) {
            int last = length - Long.BYTES;
            return UnsafeApi.getLong(array, place + last) == UnsafeApi.getLong(text + last);
        }
        for (; i < length; i++) {
            if (UnsafeApi.getByte(array, place + i) != UnsafeApi.getByte(text + i)) {
                return false;
            }
        }
        return true;
    }
}
