package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;
import static dev.javelin.afxdp.NativeLinker.captureState;
import static dev.javelin.afxdp.NativeLinker.handle;
import static dev.javelin.afxdp.NativeLinker.voidHandle;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * libxdp's AF_XDP part by its C names (xsk.h); the ring helpers there are inline and have their home in
 * {@code dev.javelin.ringbuffers}. These functions return -errno by themselves.
 */
@SuppressWarnings("checkstyle:methodname")
final class LibXdp {
    /** struct xsk_ring_prod and struct xsk_ring_cons have one layout. */
    static final int RING_BYTES = 48;
    static final int RING_SIZE_OFFSET = 12;
    static final int RING_PRODUCER_OFFSET = 16;
    static final int RING_CONSUMER_OFFSET = 24;
    static final int RING_ENTRIES_OFFSET = 32;
    static final int RING_FLAGS_OFFSET = 40;

    static final int XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD = 1;

    /** linux/if_xdp.h. */
    static final int SOL_XDP = 283;
    static final int XDP_STATISTICS = 7;
    static final int XDP_OPTIONS = 8;
    static final int XDP_MAX_TX_SKB_BUDGET = 9;
    static final int XDP_OPTIONS_ZEROCOPY = 1;
    static final int XDP_COPY = 1 << 1;
    static final int XDP_ZEROCOPY = 1 << 2;
    static final int XDP_USE_NEED_WAKEUP = 1 << 3;

    private static final SymbolLookup LIBRARY = NativeLinker.library("libxdp.so.1", "libxdp1");
    private static final MethodHandle libxdp_set_print$mh = handle(LIBRARY, "libxdp_set_print", LONG, LONG);
    private static final MethodHandle xsk_umem__create$mh =
        handle(LIBRARY, "xsk_umem__create", INT, LONG, LONG, LONG, LONG, LONG, LONG);
    private static final MethodHandle xsk_umem__delete$mh = handle(LIBRARY, "xsk_umem__delete", INT, LONG);
    private static final MethodHandle xsk_socket__create$mh =
        handle(LIBRARY, "xsk_socket__create", INT, LONG, LONG, INT, LONG, LONG, LONG, LONG);
    private static final MethodHandle xsk_socket__delete$mh = voidHandle(LIBRARY, "xsk_socket__delete", LONG);
    private static final MethodHandle xsk_socket__fd$mh = handle(LIBRARY, "xsk_socket__fd", INT, LONG);

    static {
        // The library would print its warnings on standard error; what matters of them goes into exceptions.
        libxdp_set_print(0);
    }

    private LibXdp() {
    }

    /** <a href="https://github.com/xdp-project/xdp-tools/blob/v1.3.1/headers/xdp/libxdp.h">libxdp_set_print</a> */
    static long libxdp_set_print(final long function) {
        final MemorySegment state = captureState();
        try {
            return (long) libxdp_set_print$mh.invokeExact(state, function);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * <a href="https://github.com/xdp-project/xdp-tools/blob/v1.3.1/headers/xdp/xsk.h">xsk_umem__create</a>:
     * fill and completion must live as long as the umem.
     */
    static int xsk_umem__create(
        final long umem, final long area, final long size, final long fill, final long completion, final long config) {
        final MemorySegment state = captureState();
        try {
            return (int) xsk_umem__create$mh.invokeExact(state, umem, area, size, fill, completion, config);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/xdp-project/xdp-tools/blob/v1.3.1/headers/xdp/xsk.h">xsk_umem__delete</a> */
    static int xsk_umem__delete(final long umem) {
        final MemorySegment state = captureState();
        try {
            return (int) xsk_umem__delete$mh.invokeExact(state, umem);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/xdp-project/xdp-tools/blob/v1.3.1/headers/xdp/xsk.h">xsk_socket__create</a> */
    static int xsk_socket__create(
        final long socket, final long name, final int queue, final long umem, final long rx, final long tx,
        final long config) {
        final MemorySegment state = captureState();
        try {
            return (int) xsk_socket__create$mh.invokeExact(state, socket, name, queue, umem, rx, tx, config);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/xdp-project/xdp-tools/blob/v1.3.1/headers/xdp/xsk.h">xsk_socket__delete</a> */
    static void xsk_socket__delete(final long socket) {
        final MemorySegment state = captureState();
        try {
            xsk_socket__delete$mh.invokeExact(state, socket);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/xdp-project/xdp-tools/blob/v1.3.1/headers/xdp/xsk.h">xsk_socket__fd</a> */
    static int xsk_socket__fd(final long socket) {
        final MemorySegment state = captureState();
        try {
            return (int) xsk_socket__fd$mh.invokeExact(state, socket);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }
}
