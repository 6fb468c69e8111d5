package dev.javelin.ringbuffers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RingMemoryTest {
    @ParameterizedTest
    @ValueSource(ints = {0, -1, 3, 100, Integer.MIN_VALUE, RingDescriptor.MAX_SIZE * 2})
    void shouldRefuseWhenSizeIsNoPowerOfTwoInRange(final int size) {
        final String message =
            assertThrows(IllegalArgumentException.class, () -> new RingMemory(4, 4, 4, 8, size)).getMessage();
        assertTrue(message.endsWith("not " + size), message);
    }

    @Test
    void shouldRefuseWhenAddressIsNullOrNotAligned() {
        assertThrows(IllegalArgumentException.class, () -> new RingMemory(0, 4, 4, 8, 1));
        assertThrows(IllegalArgumentException.class, () -> new RingMemory(4, 6, 4, 8, 1));
        assertThrows(IllegalArgumentException.class, () -> new RingMemory(4, 4, 1, 8, 1));
        assertThrows(IllegalArgumentException.class, () -> new RingMemory(4, 4, 4, 4, 1));
    }

    @Test
    void shouldKeepIndicesAndEntriesOnCacheLinesOfTheirOwnWhenAllocated() {
        try (RingAllocator allocator = new RingAllocator()) {
            final RingMemory memory = allocator.allocate(4, RingMemory.DESCRIPTOR_ENTRY_BYTES);
            assertEquals(0, memory.producerAddress() % 128);
            assertEquals(128, memory.consumerAddress() - memory.producerAddress());
            assertEquals(128, memory.flagsAddress() - memory.consumerAddress());
            assertEquals(128, memory.entriesAddress() - memory.flagsAddress());
        }
    }

    @Test
    void shouldRefuseToAllocateWhenShapeIsUnknown() {
        try (RingAllocator allocator = new RingAllocator()) {
            assertThrows(IllegalArgumentException.class, () -> allocator.allocate(4, 12));
            assertThrows(IllegalArgumentException.class, () -> allocator.allocate(3, 8));
            assertThrows(IllegalArgumentException.class, () -> allocator.allocate(0, 8));
        }
    }
}
