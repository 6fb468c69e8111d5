package dev.javelin.launcher;

import dev.javelin.afxdp.BindMode;
import dev.javelin.afxdp.RingSizes;
import dev.javelin.afxdp.Umem;
import dev.javelin.afxdp.XskSocket;
import dev.javelin.fastpath.QueueWorker;
import dev.javelin.ringbuffers.HandOffRing;
import dev.javelin.slowpath.QueuePort;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What belongs to one queue: packet memory, the socket over it, the two rings to and from the slow path.
 *
 * @param queue        its number on the interface
 * @param umem         its frames
 * @param socket       bound to it
 * @param toSlowPath   requests that the worker does not answer
 * @param fromSlowPath their frames, on their way back
 * @param kernelBlock  of the counters file
 */
record QueueParts(
    int queue,
    Umem umem,
    XskSocket socket,
    HandOffRing toSlowPath,
    HandOffRing fromSlowPath,
    UnsafeBuffer kernelBlock) implements AutoCloseable {
    /** All frames of a queue fit its fill ring, and each hand-off ring. */
    static final int FRAMES = RingSizes.DEFAULT.fill();

    static QueueParts open(
        final String interfaceName, final int queue, final BindMode mode, final UnsafeBuffer kernelBlock) {
        final Umem umem = Umem.allocate(FRAMES);
        try {
            final XskSocket socket = XskSocket.open(interfaceName, queue, umem, mode, RingSizes.DEFAULT);
            return new QueueParts(
                queue, umem, socket, HandOffRing.allocate(FRAMES), HandOffRing.allocate(FRAMES), kernelBlock);
        } catch (final RuntimeException e) {
            umem.close();
            throw e;
        }
    }

    QueuePort port() {
        return new QueuePort(umem.buffer(), toSlowPath.consumer(), fromSlowPath.producer());
    }

    QueueWorker.HandOff handOff() {
        return new QueueWorker.HandOff(toSlowPath, fromSlowPath);
    }

    /** The threads that used it have stopped. */
    @Override
    public void close() {
        socket.close();
        umem.close();
        toSlowPath.close();
        fromSlowPath.close();
    }
}
