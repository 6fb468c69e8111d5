package dev.javelin.bench.load;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * Takes replies for memcached's: to a single key one datagram, to several keys one datagram that holds all values, or
 * one for each value, the last of which ends in {@code END} (docs/multi-get.md).
 */
final class MemcachedJudge implements Judge {
    private static final int SEQUENCE_OFFSET = 2;
    private static final int DATAGRAMS_OFFSET = 4;
    private static final int RESERVED_OFFSET = 6;

    private final Requests requests;
    private final ReplyVerifier verifier;

    MemcachedJudge(Requests requests, ReplyVerifier verifier) {
        this.requests = requests;
        this.verifier = verifier;
    }

    @Override
    public boolean judge(int slot, DirectBuffer buffer, int offset, int length, Counts counts) {
        int count = requests.keysEach;
        ReplyVerifier.Verdict verdict = !isFirstOfOne(buffer, offset) ? ReplyVerifier.Verdict.MALFORMED
            : verifier.verify(buffer, offset + Engine.FRAME_HEADER_LENGTH, length - Engine.FRAME_HEADER_LENGTH,
                requests.item, requests.leastVersion, slot * count, count, requests.found[slot]);
        switch (verdict) {
            case PART -> requests.found[slot] = verifier.found();
            case WRONG -> counts.wrong++;
            case STALE -> counts.stale++;
            case MALFORMED -> counts.malformed++;
            default -> {
                int hits = Long.bitCount(verifier.found());
                counts.hits += hits;
                counts.misses += count - hits;
            }
        }
        return verdict != ReplyVerifier.Verdict.PART;
    }

    private static boolean isFirstOfOne(DirectBuffer buffer, int offset) {
        return buffer.getShort(offset + SEQUENCE_OFFSET) == 0
            && buffer.getShort(offset + DATAGRAMS_OFFSET, ByteOrder.BIG_ENDIAN) == 1
            && buffer.getShort(offset + RESERVED_OFFSET) == 0;
    }
}
