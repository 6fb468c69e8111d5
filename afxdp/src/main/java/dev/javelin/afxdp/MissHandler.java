package dev.javelin.afxdp;

import org.agrona.DirectBuffer;

/** Takes the keys of sampled misses. */
@FunctionalInterface
public interface MissHandler {
    /**
     * Called for one key, which is gone when this returns.
     *
     * @param buffer holds the key
     * @param offset of its first byte
     * @param length 1 to 250
     */
    void onMiss(DirectBuffer buffer, int offset, int length);
}
