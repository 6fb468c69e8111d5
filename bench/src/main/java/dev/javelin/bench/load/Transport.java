package dev.javelin.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How requests and replies travel. One datagram each way; the engine above knows nothing of sockets. Used by one
 * thread.
 */
interface Transport extends AutoCloseable {
    /**
     * Sends one datagram if that is possible without waiting.
     *
     * @param connection which of the source ports, 0 to {@link #connections()} - 1.
     * @param datagram   from its position to its limit.
     * @return whether it was sent.
     */
    boolean send(int connection, ByteBuffer datagram) throws IOException;

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
         * @param datagram   from position 0 to its limit; valid during the call only.
         */
        void onDatagram(int connection, ByteBuffer datagram);
    }
}
