package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    @Test
    void shouldAgreeWithWordByWordSumForEveryLengthAndSplit() {
        final Random random = new Random(11);
        for (int length = 0; length < 300; length++) {
            final byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            final int expected = swap(Frames.sum(bytes, 0, length, 0));
            assertEquals(expected, InternetChecksum.fold(InternetChecksum.sum(buffer, 0, length)));
            final int split = length == 0 ? 0 : random.nextInt(length);
            final int tail = InternetChecksum.fold(InternetChecksum.sum(buffer, split, length - split));
            final long joined = InternetChecksum.sum(buffer, 0, split) + InternetChecksum.atOffset(tail, split);
            assertEquals(expected, InternetChecksum.fold(joined), "split " + split + " of " + length);
        }
    }

    @Test
    void shouldFoldEveryCarry() {
        final byte[] ones = new byte[1_400];
        Arrays.fill(ones, (byte) 0xFF);
        assertEquals(0xFFFF, InternetChecksum.fold(InternetChecksum.sum(new UnsafeBuffer(ones), 0, ones.length)));
        assertEquals(1, InternetChecksum.fold(0x1_0000_0000L));
        assertEquals(0xFFFF, InternetChecksum.fold(0x7FFF_FFFF_FFFF_8000L));
    }

    @Test
    void shouldSendAllOnesWhenUdpChecksumIsZero() {
        assertEquals((short) 0xFFFF, InternetChecksum.finishUdp(0xFFFF));
        assertEquals((short) 0, InternetChecksum.finish(0xFFFF));
    }

    private static int swap(final int word) {
        return (word & 0xFF) << 8 | word >>> 8;
    }
}
