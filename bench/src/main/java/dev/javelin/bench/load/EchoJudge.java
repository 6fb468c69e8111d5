package dev.javelin.bench.load;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Takes replies for echoes: each has to be its request, byte for byte, and counts as a hit then.
 */
final class EchoJudge implements Judge {
    private final RequestWriter writer;
    private final UnsafeBuffer request = new UnsafeBuffer(new byte[RequestWriter.MAX_LENGTH]);

    EchoJudge(RequestWriter writer) {
        this.writer = writer;
    }

    @Override
    public boolean judge(int slot, DirectBuffer buffer, int offset, int length, Counts counts) {
        boolean isSame = writer.write(slot, request) == length;
        for (int i = 0; isSame && i < length; i++) {
            isSame = buffer.getByte(offset + i) == request.getByte(i);
        }
        if (isSame) {
            counts.hits++;
        } else {
            counts.wrong++;
        }
        return true;
    }
}
