package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javelin.bench.load.ReplyVerifier.Verdict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Replies to a request for items 3, 5 and 4, in one datagram and in several. */
class ReplyVerifierTest {
    private static final int[] ASKED = {3, 5, 4};
    private static final int[] LEAST_VERSION = {2, 2, 2};
    private static final String END = "END\r\n";

    private final Items items = new Items(16, 10, 30);
    private final ReplyVerifier verifier =
        new ReplyVerifier(items, Keys.of(items, 10));

    @Test
    void shouldTakeAllValuesInOneDatagram() {
        expect(Verdict.HIT, 0b111, value(3) + value(5) + value(4) + END, 0);
    }

    @Test
    void shouldTakeValuesInAnyOrderAndCountWhatIsMissing() {
        expect(Verdict.HIT, 0b110, value(4) + value(5) + END, 0);
        expect(Verdict.HIT, 0b001, value(3) + END, 0);
        expect(Verdict.MISS, 0, END, 0);
    }

    @Test
    void shouldGatherPartsUntilTheEnd() {
        expect(Verdict.PART, 0b001, value(3), 0);
        expect(Verdict.PART, 0b101, value(4), 0b001);
        expect(Verdict.HIT, 0b101, END, 0b101);
        expect(Verdict.HIT, 0b111, value(5) + END, 0b101);
    }

    @Test
    void shouldRefuseWhatWasNotAskedFor() {
        expect(Verdict.WRONG, 0, value(6) + END, 0);
        expect(Verdict.WRONG, 0b001, value(3) + value(3) + END, 0);
        expect(Verdict.WRONG, 0b001, value(3) + END, 0b001);
    }

    @Test
    void shouldSeeALieInTheLastValue() {
        expect(Verdict.WRONG, 0b011, value(3) + value(5) + value(4).replace(" 4 ", " 5 ") + END, 0);
        expect(Verdict.STALE, 0b111, value(3) + value(5) + value(4, 1) + END, 0);
        expect(Verdict.MALFORMED, 0b111, value(3) + value(5) + value(4) + "END\n", 0);
        expect(Verdict.MALFORMED, 0b111, value(3) + value(5) + value(4) + END + "x", 0);
        expect(Verdict.MALFORMED, 0, "", 0);
    }

    @Test
    void shouldNotReadBehindADatagram() {
        String whole = value(3) + END;
        for (int length = 0; length < whole.length(); length++) {
            byte[] bytes = whole.substring(0, length).getBytes(StandardCharsets.ISO_8859_1);
            // Bounds checks of the buffer fail the test if anything outside is read.
            Verdict verdict = verifier.verify(new UnsafeBuffer(bytes), 0, length, ASKED, LEAST_VERSION, 0, 1, 0);
            assertEquals(Verdict.MALFORMED, verdict, whole.substring(0, length));
        }
    }

    private void expect(Verdict verdict, long found, String text, long foundBefore) {
        UnsafeBuffer buffer = new UnsafeBuffer(("before" + text + "behind").getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(verdict, verifier.verify(buffer, 6, text.length(), ASKED, LEAST_VERSION, 0, 3, foundBefore));
        assertEquals(found, verifier.found());
    }

    private String value(int item) {
        return value(item, 2);
    }

    private String value(int item, int version) {
        ByteBuffer value = ByteBuffer.allocate(items.valueSize(item));
        items.putValue(value, item, version);
        return "VALUE " + new String(items.key(item), StandardCharsets.ISO_8859_1) + " " + items.flags(item) + " "
            + value.capacity() + "\r\n" + new String(value.array(), StandardCharsets.ISO_8859_1) + "\r\n";
    }
}
