package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Waits for received packets on several sockets at once, for a thread that owns more than one queue. Used by that
 * thread alone; it neither owns nor closes the sockets.
 */
public final class XskPoll implements AutoCloseable {
    /** struct pollfd: int fd, short events, short revents. */
    private static final int DESCRIPTOR_BYTES = 2 * Integer.BYTES;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment captureState = arena.allocate(NativeLinker.CAPTURE_LAYOUT);
    private final MemorySegment descriptors;
    private final int count;

    /**
     * Waits on these sockets.
     *
     * @param sockets open for as long as this is used
     */
    public XskPoll(final List<XskSocket> sockets) {
        count = sockets.size();
        descriptors = arena.allocate((long) count * DESCRIPTOR_BYTES, Integer.BYTES);
        for (int i = 0; i < count; i++) {
            descriptors.set(INT, (long) i * DESCRIPTOR_BYTES, sockets.get(i).fd());
            descriptors.set(INT, (long) i * DESCRIPTOR_BYTES + Integer.BYTES, LibC.POLLIN);
        }
    }

    /**
     * Waits. In copy mode the kernel also sends what stands in the tx rings.
     *
     * @param timeoutMs 0 to return at once
     * @return true if there is something to look at; false on time-out or signal
     */
    public boolean poll(final int timeoutMs) {
        return LibC.poll(captureState, descriptors.address(), count, timeoutMs) > 0;
    }

    /** Frees the native memory. */
    @Override
    public void close() {
        arena.close();
    }
}
