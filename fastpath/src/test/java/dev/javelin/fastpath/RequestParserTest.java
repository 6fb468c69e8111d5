package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestParserTest {
    private static final int MALFORMED = HandBackReason.MALFORMED.code();
    private static final int CHECKSUM = HandBackReason.CHECKSUM.code();
    private static final int SENDER = HandBackReason.SENDER.code();

    private final RequestParser parser = new RequestParser(Frames.PORT);

    private int parse(final byte[] frame) {
        return parser.parse(new UnsafeBuffer(frame), 0, frame.length);
    }

    @Test
    void shouldFindKeysWhenIpv4() {
        final byte[] frame = Frames.ipv4("get a bcd a\r\n");
        assertEquals(RequestParser.OK, parse(frame));
        assertFalse(parser.isIpv6());
        assertFalse(parser.checksumPartial());
        assertEquals(50, parser.textOffset());
        assertEquals(13, parser.textLength());
        assertEquals(3, parser.keyCount());
        assertEquals(4, parser.keyOffset(0));
        assertEquals(1, parser.keyLength(0));
        assertEquals(6, parser.keyOffset(1));
        assertEquals(3, parser.keyLength(1));
        assertEquals(10, parser.keyOffset(2));
    }

    @Test
    void shouldFindKeyWhenIpv6() {
        assertEquals(RequestParser.OK, parse(Frames.ipv6("get key\r\n")));
        assertTrue(parser.isIpv6());
        assertEquals(70, parser.textOffset());
        assertEquals(3, parser.keyLength(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"get a\n", "get  a\r\n", "get a \r\n", "get a  b\r\n", "GET a\r\n", "gets a\r\n",
        "get \r\n", "get\r\n", "get a\r\nget b\r\n", "get a\r\n ", "get a\tb\r\n", "get a\u007f\r\n", "get a\0\r\n",
        "get a\r\r\n", "gat 1 a\r\n", "", "g", "\u0080\0\0\0", "get a\r", "get a"})
    void shouldRefuseWhenTextIsNotTheOneForm(final String text) {
        assertEquals(MALFORMED, parse(Frames.ipv4(text)));
        assertEquals(MALFORMED, parse(Frames.ipv6(text)));
    }

    @Test
    void shouldTakeKeysUpTo250Bytes() {
        assertEquals(RequestParser.OK, parse(Frames.ipv4("get " + "k".repeat(250) + "\r\n")));
        assertEquals(MALFORMED, parse(Frames.ipv4("get " + "k".repeat(251) + "\r\n")));
        assertEquals(RequestParser.OK, parse(Frames.ipv4("get \u0080\u00ff\r\n")));
    }

    @Test
    void shouldRefuseWhenMoreKeysThanAReplyCanHold() {
        assertEquals(RequestParser.OK, parse(Frames.ipv4("get" + " k".repeat(RequestParser.MAX_KEYS) + "\r\n")));
        assertEquals(RequestParser.MAX_KEYS, parser.keyCount());
        assertEquals(HandBackReason.REPLY_TOO_LARGE.code(),
            parse(Frames.ipv4("get" + " k".repeat(RequestParser.MAX_KEYS + 1) + "\r\n")));
    }

    @Test
    void shouldRefuseWhenAnyBitOfAHeaderIsWrong() {
        for (final byte[] good : new byte[][] {Frames.ipv4("get key\r\n"), Frames.ipv6("get key\r\n")}) {
            for (int bit = 12 * 8; bit < good.length * 8; bit++) {
                final byte[] bad = good.clone();
                bad[bit / 8] ^= (byte) (1 << (bit % 8));
                final boolean unprotected = !Frames.isIpv4(good) && bit < 22 * 8 && bit / 8 != 18 && bit / 8 != 19
                    && bit / 8 != 20 && !(bit / 8 == 14 && bit % 8 >= 4) && bit / 8 > 13;
                assertEquals(unprotected, parse(bad) == RequestParser.OK, "bit " + bit);
            }
        }
    }

    @Test
    void shouldTakeMissingAndPartialChecksum() {
        final byte[] none = Frames.ipv4("get key\r\n");
        Frames.put16(none, 40, 0);
        assertEquals(RequestParser.OK, parse(none));
        assertFalse(parser.checksumPartial());
        final byte[] partial = Frames.ipv4("get key\r\n");
        Frames.put16(partial, 40, Frames.pseudoSum(partial));
        assertEquals(RequestParser.OK, parse(partial));
        assertTrue(parser.checksumPartial());
        final byte[] ipv6 = Frames.ipv6("get key\r\n");
        Frames.put16(ipv6, 60, 0);
        assertEquals(CHECKSUM, parse(ipv6));
        Frames.put16(ipv6, 60, Frames.pseudoSum(ipv6));
        assertEquals(RequestParser.OK, parse(ipv6));
        assertTrue(parser.checksumPartial());
    }

    @Test
    void shouldRefuseWhenSenderCannotBeAnswered() {
        for (final int first : new int[] {0, 127, 224, 239, 240, 255}) {
            final byte[] frame = Frames.ipv4("get key\r\n");
            frame[26] = (byte) first;
            Frames.seal(frame);
            assertEquals(SENDER, parse(frame), "" + first);
        }
        final byte[] noPort = Frames.ipv4("get key\r\n");
        Frames.put16(noPort, 34, 0);
        Frames.seal(noPort);
        assertEquals(SENDER, parse(noPort));
        final byte[] group = Frames.ipv4("get key\r\n");
        group[6] |= 1;
        assertEquals(SENDER, parse(group));
        final byte[] loopback = Frames.ipv6("get key\r\n");
        Arrays.fill(loopback, 22, 38, (byte) 0);
        loopback[37] = 1;
        Frames.seal(loopback);
        assertEquals(SENDER, parse(loopback));
    }

    @Test
    void shouldIgnoreEthernetPadding() {
        final byte[] frame = Frames.ipv4("get a\r\n");
        assertEquals(RequestParser.OK, parse(Arrays.copyOf(frame, 60)));
        assertEquals(7, parser.textLength());
    }

    @Test
    void shouldRefuseWhenTruncatedAnywhere() {
        for (final byte[] frame : new byte[][] {Frames.ipv4("get key\r\n"), Frames.ipv6("get key another\r\n")}) {
            for (int length = 0; length < frame.length; length++) {
                final byte[] cut = Arrays.copyOf(frame, length);
                assertNotEquals(RequestParser.OK, parse(cut), "length " + length);
            }
        }
    }

    @Test
    void shouldNeverReadOutsideTheFrameWhateverItHolds() {
        final Random random = new Random(42);
        final byte[][] seeds = {Frames.ipv4("get key\r\n"), Frames.ipv6("get key\r\n"),
            Frames.ipv4("get a b c d e f\r\n"), Frames.ipv4("get " + "k".repeat(250) + "\r\n")};
        int accepted = 0;
        for (int i = 0; i < 400_000; i++) {
            final byte[] seed = seeds[random.nextInt(seeds.length)];
            final byte[] frame = Arrays.copyOf(seed, random.nextInt(4) == 0 ? random.nextInt(seed.length + 20)
                : seed.length);
            for (int flips = random.nextInt(4); flips > 0 && frame.length > 0; flips--) {
                frame[random.nextInt(frame.length)] = (byte) random.nextInt();
            }
            if (frame.length > 62 && random.nextBoolean()) {
                try {
                    Frames.seal(frame);
                } catch (final ArrayIndexOutOfBoundsException ignored) {
                    continue;
                }
            }
            if (parse(frame) == RequestParser.OK) {
                accepted++;
                assertTrue(parser.textOffset() + parser.textLength() <= frame.length);
                for (int k = 0; k < parser.keyCount(); k++) {
                    assertTrue(parser.keyOffset(k) + parser.keyLength(k) <= parser.textLength() - 2);
                }
            }
        }
        assertTrue(accepted > 10_000, accepted + " accepted");
    }
}
