package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The XDP program (xdp_memcached.bpf.c) with its maps, loaded from the jar.
 * <p>
 * It is attached by a BPF link that this process holds: when the process dies, however it dies, the program leaves the
 * interface. Loading, attaching and closing belong to one thread; {@link #readCounters} may be called by any. The
 * mapped buffers are shared with the kernel, and dead after {@link #close()}.
 */
public final class XdpProgram implements AutoCloseable {
    /** Bytes of a bucket of {@link #tags()}. */
    public static final int BUCKET_BYTES = XdpOptions.WAYS * Short.BYTES;

    /** Distance between two queues' words in {@link #heartbeats()}. */
    public static final int HEARTBEAT_BYTES = 64;

    private static final String RESOURCE = "xdp_memcached.bpf.o";
    private static final int MISS_RING_BYTES = 256 * 1024;
    private static final int PAGE_BYTES = 4096;
    private static final int LOG_BYTES = 1 << 20;
    private static final int LOG_TAIL_LINES = 8;

    /** struct bpf_link_create_opts: size, flags, and more that XDP does not use. */
    private static final int LINK_OPTIONS_BYTES = 64;

    private final XdpOptions options;
    private final long object;
    private final int programFd;
    private final int countersFd;
    private final int socketsFd;
    private final int possibleCpus;
    private final UnsafeBuffer tags;
    private final UnsafeBuffer heartbeats;
    private final MissRing misses;
    private int linkFd = -1;
    private String granted = "detached";

    private XdpProgram(final XdpOptions options, final long object, final int programFd) {
        this.options = options;
        this.object = object;
        this.programFd = programFd;
        countersFd = mapFd(object, "counters");
        socketsFd = mapFd(object, "xsks");
        possibleCpus = NativeException.check("libbpf_num_possible_cpus", LibBpf.libbpf_num_possible_cpus());
        tags = map(mapFd(object, "tags"), (long) options.bucketCount() * BUCKET_BYTES);
        heartbeats = map(mapFd(object, "heartbeats"), (long) options.queueCount() * HEARTBEAT_BYTES);
        misses = new MissRing(mapFd(object, "misses"), MISS_RING_BYTES);
    }

    /**
     * Loads the program and its maps into the kernel; nothing is attached yet.
     *
     * @param options fixed for the program's life
     * @return the loaded program
     * @throws NativeException if the kernel refuses it; the message ends with the verifier's last words
     */
    public static XdpProgram load(final XdpOptions options) {
        try (Arena arena = Arena.ofConfined()) {
            final byte[] code = resource();
            final MemorySegment elf = arena.allocateFrom(ValueLayout.JAVA_BYTE, code);
            final long object = NativeException.check(
                "bpf_object__open_mem", LibBpf.bpf_object__open_mem(elf.address(), code.length, 0));
            try {
                return load(options, object, arena);
            } catch (final RuntimeException e) {
                LibBpf.bpf_object__close(object);
                throw e;
            }
        }
    }

    private static XdpProgram load(final XdpOptions options, final long object, final Arena arena) {
        final MemorySegment config = XdpConfig.of(options, arena);
        NativeException.check(
            "bpf_map__set_initial_value",
            LibBpf.bpf_map__set_initial_value(findMap(object, ".rodata"), config.address(), XdpConfig.BYTES));
        resize(object, "tags", options.bucketCount());
        resize(object, "heartbeats", options.queueCount());
        resize(object, "xsks", options.queueCount());
        resize(object, "counters", options.queueCount() + 1);
        final long program = NativeException.check(
            "bpf_object__find_program_by_name",
            LibBpf.bpf_object__find_program_by_name(object, arena.allocateFrom("xdp_memcached").address()));
        final MemorySegment log = arena.allocate(LOG_BYTES);
        LibBpf.bpf_program__set_log_buf(program, log.address(), LOG_BYTES);
        final int result = LibBpf.bpf_object__load(object);
        if (result < 0) {
            throw new NativeException("bpf_object__load", -result, loadHint(-result, log.getString(0)));
        }
        return new XdpProgram(options, object, LibBpf.bpf_program__fd(program));
    }

    private static String loadHint(final int errno, final String log) {
        if (log.isBlank()) {
            return errno == LibC.EPERM ? "needs root, or CAP_BPF and CAP_NET_ADMIN" : LibC.strerrordesc_np(errno);
        }
        final String[] lines = log.strip().split("\n");
        return "the verifier says: "
            + String.join("; ", Arrays.copyOfRange(lines, Math.max(0, lines.length - LOG_TAIL_LINES), lines.length));
    }

    private static byte[] resource() {
        try (InputStream in = XdpProgram.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is not in the jar: build with clang installed");
            }
            return in.readAllBytes();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long findMap(final long object, final String name) {
        try (Arena arena = Arena.ofConfined()) {
            return NativeException.check(
                "bpf_object__find_map_by_name",
                LibBpf.bpf_object__find_map_by_name(object, arena.allocateFrom(name).address()));
        }
    }

    private static int mapFd(final long object, final String name) {
        return NativeException.check("bpf_map__fd", LibBpf.bpf_map__fd(findMap(object, name)));
    }

    private static void resize(final long object, final String name, final int entries) {
        NativeException.check(
            "bpf_map__set_max_entries", LibBpf.bpf_map__set_max_entries(findMap(object, name), entries));
    }

    private static UnsafeBuffer map(final int fd, final long bytes) {
        final long address = NativeException.check("mmap",
            LibC.mmap(0, bytes, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, fd, 0));
        return new UnsafeBuffer(address, (int) bytes);
    }

    /**
     * Puts the program on an interface of the calling thread's network namespace.
     *
     * @param interfaceName which has no XDP program yet
     * @param mode          what to ask the driver for
     * @throws NativeException       if the interface or the mode is not to be had; EBUSY names the program in the way
     * @throws IllegalStateException if it is attached already
     */
    public void attach(final String interfaceName, final AttachMode mode) {
        if (linkFd >= 0) {
            throw new IllegalStateException("attached already");
        }
        final int index = Interfaces.index(interfaceName);
        int result = -LibC.EINVAL;
        if (mode != AttachMode.GENERIC) {
            result = link(index, LibBpf.XDP_FLAGS_DRV_MODE);
            granted = "native";
        }
        final boolean isRefusedByDriver =
            result < 0 && result != -LibC.EBUSY && result != -LibC.EEXIST && result != -LibC.EPERM;
        if (mode == AttachMode.GENERIC || mode == AttachMode.AUTO && isRefusedByDriver) {
            result = link(index, LibBpf.XDP_FLAGS_SKB_MODE);
            granted = "generic";
        }
        if (result < 0) {
            granted = "detached";
            throw new NativeException("bpf_link_create", -result, attachHint(-result, interfaceName, index));
        }
        linkFd = result;
    }

    private int link(final int index, final int flags) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment linkOptions = arena.allocate(LINK_OPTIONS_BYTES, Long.BYTES);
            linkOptions.set(LONG, 0, LINK_OPTIONS_BYTES);
            linkOptions.set(INT, Long.BYTES, flags);
            return LibBpf.bpf_link_create(programFd, index, LibBpf.BPF_XDP, linkOptions.address());
        }
    }

    private static String attachHint(final int errno, final String interfaceName, final int index) {
        return switch (errno) {
            case LibC.EBUSY, LibC.EEXIST -> interfaceName + " has XDP program " + attachedProgram(index)
                + " already: stop its owner, or ip link set dev " + interfaceName + " xdp off";
            case LibC.EPERM -> "needs root, or CAP_BPF and CAP_NET_ADMIN";
            case LibC.ENOSPC -> interfaceName + " has too few queues for native mode: ethtool -L, or generic mode";
            case LibC.EOPNOTSUPP -> "the driver of " + interfaceName + " has no native mode: use auto or generic";
            default -> interfaceName + " refuses the program (MTU too large for XDP, GRO_HW or LRO on?): "
                + LibC.strerrordesc_np(errno);
        };
    }

    /**
     * Asks which XDP program is on an interface of the calling thread's network namespace.
     *
     * @param interfaceName to look at
     * @return the kernel's id of the program, 0 if there is none
     */
    public static int attachedProgram(final String interfaceName) {
        return attachedProgram(Interfaces.index(interfaceName));
    }

    private static int attachedProgram(final int index) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment id = arena.allocate(INT);
            NativeException.check("bpf_xdp_query_id", LibBpf.bpf_xdp_query_id(index, 0, id.address()));
            return id.get(INT, 0);
        }
    }

    /**
     * What the driver gave.
     *
     * @return {@code native}, {@code generic} or {@code detached}
     */
    public String granted() {
        return granted;
    }

    /** Takes the program off the interface: from here on the kernel gets every packet. May be called twice. */
    public void detach() {
        if (linkFd >= 0) {
            LibC.close(linkFd);
            linkFd = -1;
            granted = "detached";
        }
    }

    /**
     * Lets the program redirect a queue's packets into a socket. The kernel forgets the socket when it is closed.
     *
     * @param queue  the one that the socket is bound to; below {@code queueCount}
     * @param socket open
     */
    public void registerSocket(final int queue, final XskSocket socket) {
        try (Arena arena = Arena.ofConfined()) {
            NativeException.check(
                "bpf_map_update_elem",
                LibBpf.bpf_map_update_elem(
                    socketsFd,
                    arena.allocateFrom(INT, queue).address(),
                    arena.allocateFrom(INT, socket.fd()).address(),
                    0),
                "queue " + queue + " of " + options.queueCount() + " cannot be registered");
        }
    }

    /**
     * The index: bucket {@code i} at {@code i * BUCKET_BYTES} holds 8 tags, u16 little endian; 0 is an empty way. One
     * thread writes it, with release stores after the value is in place; the XDP program reads it without order, so it
     * may see a tag a moment late or early, and the worker finds out.
     *
     * @return shared with the kernel
     */
    public AtomicBuffer tags() {
        return tags;
    }

    /**
     * The workers' signs of life: at {@code queue * HEARTBEAT_BYTES} a u64, System.nanoTime() (the kernel's
     * bpf_ktime_get_ns() is the same clock) or 0 for "pass me by". Each word is written by its queue's worker alone.
     *
     * @return shared with the kernel
     */
    public AtomicBuffer heartbeats() {
        return heartbeats;
    }

    /**
     * The keys of sampled misses.
     *
     * @return always the same ring
     */
    public MissRing misses() {
        return misses;
    }

    /**
     * Reads a queue's counters, summed over all CPUs. Any thread may.
     *
     * @param queue 0 to {@code queueCount - 1}, or {@code queueCount} for all other queues of the interface together
     * @param out   receives them at {@link XdpCounter}'s ordinals
     */
    public void readCounters(final int queue, final long[] out) {
        final int stride = XdpCounter.COUNT;
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment values = arena.allocate(LONG, (long) stride * possibleCpus);
            NativeException.check(
                "bpf_map_lookup_elem",
                LibBpf.bpf_map_lookup_elem(countersFd, arena.allocateFrom(INT, queue).address(), values.address()),
                "there are no counters for queue " + queue + " of " + options.queueCount());
            Arrays.fill(out, 0, stride, 0);
            for (int i = 0; i < stride * possibleCpus; i++) {
                out[i % stride] += values.getAtIndex(LONG, i);
            }
        }
    }

    int fd() {
        return programFd;
    }

    /** Detaches, unmaps and unloads. The sockets are closed already, the threads that used the buffers stopped. */
    @Override
    public void close() {
        detach();
        misses.unmap();
        LibC.munmap(tags.addressOffset(), roundUp(tags.capacity()));
        LibC.munmap(heartbeats.addressOffset(), roundUp(heartbeats.capacity()));
        LibBpf.bpf_object__close(object);
    }

    private static long roundUp(final long bytes) {
        return bytes + PAGE_BYTES - 1 & -PAGE_BYTES;
    }
}
