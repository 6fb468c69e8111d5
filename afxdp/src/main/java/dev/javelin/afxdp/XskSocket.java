package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;

import dev.javelin.ringbuffers.CompletionRing;
import dev.javelin.ringbuffers.FillRing;
import dev.javelin.ringbuffers.RingMemory;
import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An AF_XDP socket on one queue of an interface, over its own {@link Umem}
 * (<a href="https://docs.kernel.org/networking/af_xdp.html">af_xdp.rst</a>).
 * <p>
 * It is opened in the calling thread's network namespace, and receives nothing until it is
 * {@link XdpProgram#registerSocket registered}. The rings and wake-ups belong to one thread; {@link #statistics()} may
 * be read by any. Close it when the owner has stopped and the program is detached, before its UMEM.
 */
public final class XskSocket implements QueueIo, AutoCloseable {
    private static final long REBIND_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long REBIND_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Arena arena;
    private final long umemHandle;
    private final long socketHandle;
    private final int fd;
    private final FillRing fill;
    private final RxRing rx;
    private final TxRing tx;
    private final CompletionRing completion;
    private final boolean zeroCopy;
    private final int driverFrames;

    /** The owner's own, so that a wake-up needs no look-up of a thread-local. */
    private final MemorySegment captureState;
    private final MemorySegment pollDescriptor;

    private XskSocket(final Handles handles, final int txSize, final int driverFrames) {
        arena = handles.arena;
        umemHandle = handles.umem.get(LONG, 0);
        socketHandle = handles.socket.get(LONG, 0);
        fd = LibXdp.xsk_socket__fd(socketHandle);
        fill = new FillRing(memory(handles.fill));
        completion = new CompletionRing(memory(handles.completion));
        rx = new RxRing(memory(handles.rx));
        tx = new TxRing(memory(handles.tx));
        captureState = arena.allocate(NativeLinker.CAPTURE_LAYOUT);
        pollDescriptor = arena.allocate(2 * Integer.BYTES, Integer.BYTES);
        pollDescriptor.set(INT, 0, fd);
        pollDescriptor.set(INT, Integer.BYTES, LibC.POLLIN);
        raiseTxBudget(txSize);
        zeroCopy = (option(LibXdp.XDP_OPTIONS, Integer.BYTES).get(INT, 0) & LibXdp.XDP_OPTIONS_ZEROCOPY) != 0;
        this.driverFrames = zeroCopy ? driverFrames : 0;
    }

    /**
     * Registers the UMEM, makes the rings and binds to the queue. A queue that is still held by a socket closed a
     * moment ago is waited for.
     *
     * @param interfaceName in the calling thread's network namespace
     * @param queue         from 0
     * @param umem          used by no other socket
     * @param mode          what to ask the driver for
     * @param sizes         of the rings
     * @return an open socket with an empty fill ring
     * @throws NativeException if the interface, the queue or the mode is not to be had, or privileges are missing
     */
    public static XskSocket open(
        final String interfaceName, final int queue, final Umem umem, final BindMode mode, final RingSizes sizes) {
        Interfaces.index(interfaceName);
        final int driverFrames = driverFrames(interfaceName, umem);
        final long deadlineNs = System.nanoTime() + REBIND_TIMEOUT_NS;
        while (true) {
            final Handles handles = new Handles();
            final int result = handles.create(interfaceName, queue, umem, mode, sizes);
            if (result == 0) {
                return new XskSocket(handles, sizes.tx(), driverFrames);
            }
            handles.arena.close();
            if (result != -LibC.EBUSY || System.nanoTime() - deadlineNs > 0) {
                throw new NativeException(
                    handles.failed, -result, hint(-result, interfaceName, queue, mode));
            }
            LockSupport.parkNanos(REBIND_PAUSE_NS);
        }
    }

    private static int driverFrames(final String interfaceName, final Umem umem) {
        return Ethtool.ringSizes(interfaceName)
            .map(rings -> Math.min(rings.rx() + rings.tx(), umem.frameCount())).orElse(umem.frameCount());
    }

    private static String hint(final int errno, final String interfaceName, final int queue, final BindMode mode) {
        final String where = "queue " + queue + " of " + interfaceName;
        return switch (errno) {
            case LibC.EPERM, LibC.EACCES -> "AF_XDP needs root, or CAP_NET_RAW and CAP_NET_ADMIN";
            case LibC.EBUSY -> where + " is held by another AF_XDP socket";
            case LibC.EINVAL -> where + " cannot be bound: is there such a queue (ethtool -l " + interfaceName + ")?";
            case LibC.EOPNOTSUPP -> where + " does not support bind mode " + mode + ": use copy or auto";
            case LibC.ENETDOWN -> interfaceName + " is down: ip link set " + interfaceName + " up";
            case LibC.ENOBUFS -> "the UMEM is above the limit of locked memory: ulimit -l, or CAP_IPC_LOCK";
            default -> where + ": " + LibC.strerrordesc_np(errno);
        };
    }

    private static RingMemory memory(final MemorySegment ring) {
        return new RingMemory(
            ring.get(LONG, LibXdp.RING_PRODUCER_OFFSET),
            ring.get(LONG, LibXdp.RING_CONSUMER_OFFSET),
            ring.get(LONG, LibXdp.RING_FLAGS_OFFSET),
            ring.get(LONG, LibXdp.RING_ENTRIES_OFFSET),
            ring.get(INT, LibXdp.RING_SIZE_OFFSET));
    }

    /** One sendto() moves 32 packets unless this is raised; kernels before 6.17 do not know the option. */
    private void raiseTxBudget(final int txSize) {
        final MemorySegment value = arena.allocateFrom(INT, txSize);
        LibC.setsockopt(fd, LibXdp.SOL_XDP, LibXdp.XDP_MAX_TX_SKB_BUDGET, value.address(), Integer.BYTES);
    }

    private MemorySegment option(final int name, final int bytes) {
        final MemorySegment value = Arena.ofAuto().allocate(bytes, Long.BYTES);
        final MemorySegment length = Arena.ofAuto().allocateFrom(INT, bytes);
        NativeException.check(
            "getsockopt", LibC.getsockopt(fd, LibXdp.SOL_XDP, name, value.address(), length.address()));
        return value;
    }

    @Override
    public FillRing fill() {
        return fill;
    }

    @Override
    public RxRing rx() {
        return rx;
    }

    @Override
    public TxRing tx() {
        return tx;
    }

    @Override
    public CompletionRing completion() {
        return completion;
    }

    @Override
    public int driverFrames() {
        return driverFrames;
    }

    /**
     * The socket itself.
     *
     * @return file descriptor, open until {@link #close()}
     */
    public int fd() {
        return fd;
    }

    /**
     * What the driver gave.
     *
     * @return {@code zerocopy} or {@code copy}
     */
    public String granted() {
        return zeroCopy ? "zerocopy" : "copy";
    }

    /**
     * {@inheritDoc} Its result is not looked at: ENOBUFS, EAGAIN, EBUSY and ENETDOWN are normal (the packets stay in
     * the ring for the next call), and nothing else can be mended here.
     */
    @Override
    public void wakeTx() {
        LibC.sendto(captureState, fd, LibC.MSG_DONTWAIT);
    }

    @Override
    public void wakeFill() {
        LibC.recvfrom(captureState, fd, LibC.MSG_DONTWAIT);
    }

    @Override
    public boolean poll(final int timeoutMs) {
        return LibC.poll(captureState, pollDescriptor.address(), 1, timeoutMs) > 0;
    }

    /**
     * Reads the kernel's counters. Any thread may.
     *
     * @return since the socket was opened
     */
    public XdpStatistics statistics() {
        final MemorySegment counters = option(LibXdp.XDP_STATISTICS, XdpStatistics.BYTES);
        return new XdpStatistics(
            counters.getAtIndex(LONG, 0),
            counters.getAtIndex(LONG, 1),
            counters.getAtIndex(LONG, 2),
            counters.getAtIndex(LONG, 3),
            counters.getAtIndex(LONG, 4),
            counters.getAtIndex(LONG, 5));
    }

    /** Unbinds and unmaps the rings: nobody may use them from here on. The frames are the UMEM's again. */
    @Override
    public void close() {
        LibXdp.xsk_socket__delete(socketHandle);
        NativeException.check("xsk_umem__delete", LibXdp.xsk_umem__delete(umemHandle));
        arena.close();
    }

    /** The C structs of a socket. libxdp keeps pointers to fill and completion, so they live as long as it. */
    private static final class Handles {
        final Arena arena = Arena.ofShared();
        final MemorySegment fill = arena.allocate(LibXdp.RING_BYTES, Long.BYTES);
        final MemorySegment completion = arena.allocate(LibXdp.RING_BYTES, Long.BYTES);
        final MemorySegment rx = arena.allocate(LibXdp.RING_BYTES, Long.BYTES);
        final MemorySegment tx = arena.allocate(LibXdp.RING_BYTES, Long.BYTES);
        final MemorySegment umem = arena.allocate(LONG);
        final MemorySegment socket = arena.allocate(LONG);
        String failed;

        int create(
            final String interfaceName,
            final int queue,
            final Umem memory,
            final BindMode mode,
            final RingSizes sizes) {
            // struct xsk_umem_config: fill_size, comp_size, frame_size, frame_headroom, flags
            final MemorySegment umemConfig =
                arena.allocateFrom(INT, sizes.fill(), sizes.completion(), Umem.FRAME_SIZE, 0, 0);
            failed = "xsk_umem__create";
            int result = LibXdp.xsk_umem__create(
                umem.address(),
                memory.address(),
                (long) memory.frameCount() * Umem.FRAME_SIZE,
                fill.address(),
                completion.address(),
                umemConfig.address());
            if (result < 0) {
                return result;
            }
            // struct xsk_socket_config: rx_size, tx_size, libxdp_flags, xdp_flags, u16 bind_flags (little endian)
            final MemorySegment config = arena.allocateFrom(
                INT,
                sizes.rx(),
                sizes.tx(),
                LibXdp.XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
                0,
                mode.flags | LibXdp.XDP_USE_NEED_WAKEUP);
            failed = "xsk_socket__create";
            result = LibXdp.xsk_socket__create(
                socket.address(),
                arena.allocateFrom(interfaceName).address(),
                queue,
                umem.get(LONG, 0),
                rx.address(),
                tx.address(),
                config.address());
            if (result < 0) {
                LibXdp.xsk_umem__delete(umem.get(LONG, 0));
            }
            return result;
        }
    }
}
