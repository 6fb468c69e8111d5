package dev.javelin.slowpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetaGetReplyTest {
    private final MetaGetReply reply = new MetaGetReply(1_400);

    @Test
    void shouldReadAValueWithItsAttributes() {
        assertEquals(MetaGetReply.VALUE, read("VA 5 t-1 f42 c7\r\nhello\r\n"));
        assertEquals("VA 5 t-1 f42 c7\r\n".length(), reply.valueOffset());
        assertEquals(5, reply.valueLength());
        assertEquals(-1, reply.ttlSeconds());
        assertEquals(42, reply.flags());
        assertEquals(7, reply.cas());
        assertFalse(reply.stale());
    }

    @Test
    void shouldKeepTheLargestNumbersWhole() {
        assertEquals(MetaGetReply.VALUE, read("VA 0 t2591999 f4294967295 c18446744073709551615\r\n\r\n"));
        assertEquals(0, reply.valueLength());
        assertEquals(2_591_999, reply.ttlSeconds());
        assertEquals(4_294_967_295L, reply.flags());
        assertEquals(-1L, reply.cas());
    }

    @ParameterizedTest
    @ValueSource(strings = {"W", "X", "X W", "Z", "X Z"})
    void shouldSayStaleWhenMemcachedMarksTheItem(String marks) {
        assertEquals(MetaGetReply.VALUE, read("VA 1 t-1 f0 c7 " + marks + "\r\nx\r\n"));
        assertTrue(reply.stale());
    }

    @Test
    void shouldTakeAValueThatLooksLikeAReply() {
        String value = "x\r\nEN\r\nVA 1 ";
        assertEquals(MetaGetReply.VALUE, read("VA " + value.length() + " t-1 f0 c1\r\n" + value + "\r\n"));
        assertEquals(value.length(), reply.valueLength());
    }

    @Test
    void shouldNotBufferAnOversizeValue() {
        assertEquals(MetaGetReply.OVERSIZE, read("VA 1048576 t-1 f0 c1\r\nxxx"));
        assertEquals("VA 1048576 t-1 f0 c1\r\n".length(), reply.consumed());
        assertEquals(1_048_578, reply.bytesToSkip());
    }

    @Test
    void shouldWaitForMoreWhereverTheBytesEnd() {
        for (String whole : new String[] {"VA 5 t10 f42 c7\r\nhello\r\n", "EN\r\n", "SERVER_ERROR out of memory\r\n"}) {
            for (int length = 0; length < whole.length(); length++) {
                assertEquals(MetaGetReply.INCOMPLETE, read(whole.substring(0, length)), whole + " cut at " + length);
            }
            assertTrue(read(whole) > MetaGetReply.INCOMPLETE);
            assertEquals(whole.length(), reply.consumed());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ERROR\r\n", "CLIENT_ERROR bad command line format\r\n", "SERVER_ERROR x\r\n"})
    void shouldSayRefusedWhenMemcachedRefuses(String line) {
        assertEquals(MetaGetReply.REFUSED, read(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "VA\r\n", "VA \r\n", "VA x t1 f0 c1\r\n", "VA -1 t1 f0 c1\r\n", "VA 5\r\nhello\r\n", "VA 5 t1 f0\r\nhello\r\n",
        "VA 5 t1 f0 c\r\nhello\r\n", "VA 5 t-2 f0 c1\r\nhello\r\n", "VA 5 t1 f4294967296 c1\r\nhello\r\n",
        "VA 5 t1 f0 c1 Q\r\nhello\r\n", "VA 4 t1 f0 c1\r\nhello\r\n", "VA 99999999999999999999 t1 f0 c1\r\n",
        "ENX\r\n", "EN\n", "STORED\r\n", "\n", "\r\n", "VALUE a 0 1\r\n"})
    void shouldSayBrokenWhenTheStreamIsNotAReply(String bytes) {
        assertEquals(MetaGetReply.BROKEN, read(bytes));
    }

    @Test
    void shouldSayBrokenWhenALineHasNoEnd() {
        assertEquals(MetaGetReply.BROKEN, read("V".repeat(600)));
    }

    @Test
    void shouldStayWithinTheBytesWhateverTheyAre() {
        Random random = new Random(42);
        String alphabet = "VAEN 0123456789tfcWXZ\r\n-";
        for (int round = 0; round < 200_000; round++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "VA " : "");
            int length = random.nextInt(40);
            for (int i = 0; i < length; i++) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            int code = read(text.toString());
            boolean ended = code == MetaGetReply.VALUE || code == MetaGetReply.MISS || code == MetaGetReply.REFUSED
                || code == MetaGetReply.OVERSIZE;
            assertTrue(!ended || reply.consumed() > 0 && reply.consumed() <= text.length(), text.toString());
        }
    }

    private int read(String bytes) {
        byte[] array = bytes.getBytes(StandardCharsets.ISO_8859_1);
        return reply.read(new UnsafeBuffer(array), 0, array.length);
    }
}
