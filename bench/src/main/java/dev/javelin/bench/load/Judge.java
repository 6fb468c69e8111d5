package dev.javelin.bench.load;

import org.agrona.DirectBuffer;

/**
 * Decides what a datagram that answers a request says, and counts it. Used by one thread.
 */
interface Judge {
    /**
     * Judges one datagram.
     *
     * @param slot   of the request in {@link Requests}.
     * @param buffer holds it.
     * @param offset of its frame header.
     * @param length of it in bytes, at least {@link Engine#FRAME_HEADER_LENGTH}.
     * @param counts to add to; all but sent, answered and lost.
     * @return whether the request is answered with this; false if more is to come.
     */
    boolean judge(int slot, DirectBuffer buffer, int offset, int length, Counts counts);
}
