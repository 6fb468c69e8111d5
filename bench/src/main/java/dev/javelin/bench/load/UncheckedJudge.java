package dev.javelin.bench.load;

import org.agrona.DirectBuffer;

/**
 * Takes every datagram that begins like a value for a hit, without looking at it any closer, for {@code --no-verify}.
 */
final class UncheckedJudge implements Judge {
    private static final int END_LENGTH = 5;
    private final int keysEach;

    UncheckedJudge(int keysEach) {
        this.keysEach = keysEach;
    }

    @Override
    public boolean judge(int slot, DirectBuffer buffer, int offset, int length, Counts counts) {
        int textLength = length - Engine.FRAME_HEADER_LENGTH;
        byte first = textLength < END_LENGTH ? 0 : buffer.getByte(offset + Engine.FRAME_HEADER_LENGTH);
        boolean isLast = textLength >= END_LENGTH && buffer.getByte(offset + length - END_LENGTH) == 'E'
            && buffer.getByte(offset + length - END_LENGTH + 1) == 'N';
        if (first == 'V') {
            counts.hits++;
        } else if (first == 'E') {
            counts.misses++;
        } else {
            counts.malformed++;
        }
        return keysEach == 1 || isLast;
    }
}
