package dev.javelin.bench.load;

import org.agrona.DirectBuffer;

/**
 * Takes replies for echoes: each has to be its request, byte for byte, and counts as a hit then.
 */
final class EchoJudge implements Judge {
    private final RequestWriter writer;

    EchoJudge(RequestWriter writer) {
        this.writer = writer;
    }

    @Override
    public boolean judge(int slot, DirectBuffer buffer, int offset, int length, Counts counts) {
        if (writer.isRequest(slot, buffer, offset, length)) {
            counts.hits++;
        } else {
            counts.wrong++;
        }
        return true;
    }
}
