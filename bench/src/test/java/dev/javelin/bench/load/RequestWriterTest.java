package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as they go over the wire, and echoes of them with any byte changed. */
class RequestWriterTest {
    private static final int ITEMS = 100;
    private static final int SLOT = 0xABCD;

    private final Items items = new Items(Sizes.between(10, 40), Sizes.between(8, 8));
    private final Keys keys = Keys.of(items, ITEMS);
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[RequestWriter.CAPACITY]);

    private String key(int item) {
        return new String(items.key(item), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void shouldWriteWhatMemcachedReads(int keysEach) {
        Requests requests = new Requests(keysEach);
        RequestWriter writer = new RequestWriter(requests, keys);
        for (int item = 0; item < ITEMS; item++) {
            StringBuilder expected = new StringBuilder("\u00ab\u00cd\0\0\0\1\0\0get");
            for (int i = 0; i < keysEach; i++) {
                int drawn = (item + 7 * i) % ITEMS;
                requests.item[SLOT * keysEach + i] = drawn;
                expected.append(' ').append(key(drawn));
            }
            expected.append("\r\n");
            int length = writer.write(SLOT, buffer);
            byte[] written = new byte[length];
            buffer.getBytes(0, written);
            assertEquals(expected.toString(), new String(written, StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void shouldTellAnEchoFromAnythingElse(int keysEach) {
        Requests requests = new Requests(keysEach);
        RequestWriter writer = new RequestWriter(requests, keys);
        for (int first = 0; first + keysEach <= 20; first++) {
            for (int i = 0; i < keysEach; i++) {
                requests.item[SLOT * keysEach + i] = first + i;
            }
            int length = writer.write(SLOT, buffer);
            // Off every alignment, with other bytes behind it.
            UnsafeBuffer echo = new UnsafeBuffer(new byte[RequestWriter.CAPACITY + 5]);
            echo.putBytes(3, buffer, 0, length);
            assertTrue(writer.isRequest(SLOT, echo, 3, length));
            assertFalse(writer.isRequest(SLOT, echo, 3, length - 1));
            assertFalse(writer.isRequest(SLOT, echo, 3, length + 1));
            assertFalse(writer.isRequest(SLOT + 1, echo, 3, length));
            for (int at = 3; at < 3 + length; at++) {
                echo.putByte(at, (byte) (echo.getByte(at) ^ 1));
                assertFalse(writer.isRequest(SLOT, echo, 3, length), "byte " + (at - 3) + " of " + length);
                echo.putByte(at, (byte) (echo.getByte(at) ^ 1));
            }
        }
    }
}
