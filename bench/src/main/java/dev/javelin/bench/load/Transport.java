package dev.javelin.bench.load;

import java.io.IOException;
import org.agrona.DirectBuffer;

/**
 * How requests and replies travel. One datagram each way; the engine above knows nothing of sockets. Used by one
 * thread.
 */
interface Transport extends AutoCloseable {
    /**
     * Takes one datagram to be sent, if that is possible without waiting. It leaves with the next {@link #flush()} at
     * the latest.
     *
     * @param connection which of the source ports, 0 to {@link #connections()} - 1.
     * @param buffer     holds the payload, which is copied.
     * @param offset     where it begins.
     * @param length     of it in bytes.
     * @return whether it was taken.
     */
    boolean send(int connection, DirectBuffer buffer, int offset, int length) throws IOException;

    /** Hands what was taken to the kernel. */
    void flush() throws IOException;

    /**
     * Hands every datagram that has arrived to the receiver.
     *
     * @param waitMs how long to wait for the first; 0 not at all.
     * @return how many.
     */
    int receive(Receiver receiver, long waitMs) throws IOException;

    int connections();

    @Override
    void close() throws IOException;

    /** Takes one datagram. */
    @FunctionalInterface
    interface Receiver {
        /**
         * One datagram.
         *
         * @param connection at which it arrived.
         * @param buffer     holds the payload; valid during the call only.
         * @param offset     where it begins.
         * @param length     of it in bytes.
         */
        void onDatagram(int connection, DirectBuffer buffer, int offset, int length);
    }
}
