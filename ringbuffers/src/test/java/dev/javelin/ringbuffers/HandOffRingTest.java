package dev.javelin.ringbuffers;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

class HandOffRingTest {
    @Test
    void shouldGiveConsumerWhatProducerSubmitted() {
        try (HandOffRing ring = HandOffRing.allocate(4)) {
            assertEquals(2, ring.producer().reserve(2));
            ring.producer().descriptor(0, 2048, 60, 7);
            ring.producer().descriptor(1, 4096, 1514, -1);
            assertEquals(0, ring.consumer().peek(4));
            ring.producer().submit(2);
            assertEquals(2, ring.consumer().peek(4));
            assertEquals(2048, ring.consumer().address(0));
            assertEquals(60, ring.consumer().length(0));
            assertEquals(7, ring.consumer().options(0));
            assertEquals(4096, ring.consumer().address(1));
            assertEquals(1514, ring.consumer().length(1));
            assertEquals(-1, ring.consumer().options(1));
            assertFalse(ring.producer().needsWakeup());
        }
    }

    @Test
    void shouldRefuseWhenFullAndTakeAgainWhenReleased() {
        try (HandOffRing ring = HandOffRing.allocate(4)) {
            assertEquals(4, ring.producer().reserve(4));
            ring.producer().submit(4);
            assertEquals(3, ring.consumer().peek(3));
            assertEquals(0, ring.producer().reserve(1));
            ring.consumer().release(3);
            assertEquals(0, ring.producer().reserve(4));
            assertEquals(3, ring.producer().reserve(3));
        }
    }

    @Test
    void shouldRefuseWhenSizeIsNoPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> HandOffRing.allocate(6));
    }
}
