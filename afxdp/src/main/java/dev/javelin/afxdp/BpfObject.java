package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A compiled BPF file with one XDP program in it, and its maps, by libbpf. In this order: {@link #open}, then sizes and
 * constants, then {@link #load}, then maps and {@link #attach}.
 * <p>
 * It is attached by a BPF link that this process holds: when the process dies, however it dies, the program leaves the
 * interface. All methods belong to one thread, but for {@link #readPerCpu}, which any may call. Mapped buffers are
 * shared with the kernel, and dead after {@link #close()}.
 */
public final class BpfObject implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final int LOG_BYTES = 1 << 20;
    private static final int LOG_TAIL_LINES = 8;

    /** struct bpf_prog_info, linux/bpf.h; 0 from kernels before 5.16. */
    private static final int PROGRAM_INFO_BYTES = 232;
    private static final int VERIFIED_INSTRUCTIONS_OFFSET = 216;

    /** struct bpf_link_create_opts: size, flags, and more that XDP does not use. */
    private static final int LINK_OPTIONS_BYTES = 64;

    /** Keeps the file's bytes, which libbpf reads until the load is done. */
    private final Arena arena = Arena.ofShared();
    private final List<UnsafeBuffer> mapped = new ArrayList<>();
    private final List<BpfRing> rings = new ArrayList<>();
    private final int possibleCpus;
    private final long object;
    private int programFd = -1;
    private int linkFd = -1;
    private String granted = "detached";

    private BpfObject(final byte[] elf) {
        try {
            possibleCpus = NativeException.check("libbpf_num_possible_cpus", LibBpf.libbpf_num_possible_cpus());
            final MemorySegment code = arena.allocateFrom(ValueLayout.JAVA_BYTE, elf);
            object = NativeException.check(
                "bpf_object__open_mem", LibBpf.bpf_object__open_mem(code.address(), elf.length, 0));
        } catch (final RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Opens a compiled program that lies beside a class. Nothing is in the kernel yet.
     *
     * @param owner    the class
     * @param resource file name, for example {@code xdp_memcached.bpf.o}
     * @return to be loaded
     */
    public static BpfObject open(final Class<?> owner, final String resource) {
        try (InputStream in = owner.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not in the jar: build with clang installed");
            }
            return new BpfObject(in.readAllBytes());
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Opens a compiled program from a file.
     *
     * @param file as clang has written it
     * @return to be loaded
     */
    static BpfObject open(final Path file) {
        try {
            return new BpfObject(Files.readAllBytes(file));
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sets the number of a map's entries. Before the load.
     *
     * @param map     its name in the C file
     * @param entries at least 1
     * @return this
     */
    public BpfObject resize(final String map, final int entries) {
        NativeException.check(
            "bpf_map__set_max_entries", LibBpf.bpf_map__set_max_entries(findMap(map), entries), "map " + map);
        return this;
    }

    /**
     * Sets the program's {@code const volatile} data, the whole of .rodata. Before the load; the verifier takes it as
     * constant.
     *
     * @param bytes exactly as long as .rodata, little endian
     * @return this
     */
    public BpfObject constants(final byte[] bytes) {
        final MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
        NativeException.check(
            "bpf_map__set_initial_value",
            LibBpf.bpf_map__set_initial_value(findMap(".rodata"), data.address(), bytes.length));
        return this;
    }

    /**
     * Loads program and maps into the kernel. Nothing is attached yet.
     *
     * @param program the C function's name
     * @return this
     * @throws NativeException if the kernel refuses it; the message names the kernel, what it lacks, and the verifier's
     *                         last words
     */
    public BpfObject load(final String program) {
        final long found = NativeException.check(
            "bpf_object__find_program_by_name",
            LibBpf.bpf_object__find_program_by_name(object, arena.allocateFrom(program).address()));
        final MemorySegment log = arena.allocate(LOG_BYTES);
        LibBpf.bpf_program__set_log_buf(found, log.address(), LOG_BYTES);
        final int result = LibBpf.bpf_object__load(object);
        if (result < 0) {
            throw new NativeException("bpf_object__load", -result, loadHint(-result, log.getString(0)));
        }
        programFd = LibBpf.bpf_program__fd(found);
        return this;
    }

    private static String loadHint(final int errno, final String log) {
        if (errno == LibC.EPERM && log.isBlank()) {
            return "needs root, or CAP_BPF and CAP_NET_ADMIN";
        }
        final List<String> missing = KernelFeature.missing();
        final String lacks = missing.isEmpty() ? "" : " lacks " + String.join(", ", missing) + " and";
        final String[] lines = log.strip().split("\n");
        return "Linux " + System.getProperty("os.version") + lacks + (log.isBlank()
            ? " says: " + LibC.strerrordesc_np(errno)
            : " has a verifier that says: " + String.join(
                "; ", Arrays.copyOfRange(lines, Math.max(0, lines.length - LOG_TAIL_LINES), lines.length)));
    }

    /**
     * How many steps the verifier took to accept the program; it gives up at a million. After the load.
     *
     * @return 0 if the kernel does not tell: before 5.16
     */
    public int verifiedInstructions() {
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment info = call.allocate(PROGRAM_INFO_BYTES, Long.BYTES);
            final MemorySegment length = call.allocateFrom(INT, PROGRAM_INFO_BYTES);
            NativeException.check("bpf_obj_get_info_by_fd",
                LibBpf.bpf_obj_get_info_by_fd(programFd, info.address(), length.address()));
            return info.get(INT, VERIFIED_INSTRUCTIONS_OFFSET);
        }
    }

    private long findMap(final String name) {
        try (Arena names = Arena.ofConfined()) {
            return NativeException.check(
                "bpf_object__find_map_by_name",
                LibBpf.bpf_object__find_map_by_name(object, names.allocateFrom(name).address()));
        }
    }

    private int mapFd(final String name) {
        return NativeException.check("bpf_map__fd", LibBpf.bpf_map__fd(findMap(name)));
    }

    /**
     * Maps an array with BPF_F_MMAPABLE into memory. After the load.
     *
     * @param map   its name
     * @param bytes of all its values; the kernel rounds a value up to 8 bytes
     * @return shared with the kernel
     */
    public UnsafeBuffer map(final String map, final long bytes) {
        final long address = NativeException.check("mmap",
            LibC.mmap(0, bytes, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_SHARED, mapFd(map), 0));
        final UnsafeBuffer buffer = new UnsafeBuffer(address, Math.toIntExact(bytes));
        mapped.add(buffer);
        return buffer;
    }

    /**
     * Makes this process the reader of a BPF ring buffer. After the load.
     *
     * @param map   its name
     * @param bytes of its data, as in the C file
     * @return unmapped with this
     */
    public BpfRing ring(final String map, final int bytes) {
        final BpfRing ring = new BpfRing(mapFd(map), bytes);
        rings.add(ring);
        return ring;
    }

    /**
     * Puts a u32, such as a socket's descriptor, into a map with u32 keys.
     *
     * @param map   its name
     * @param key   below its size
     * @param value to put
     */
    public void update(final String map, final int key, final int value) {
        try (Arena call = Arena.ofConfined()) {
            NativeException.check(
                "bpf_map_update_elem",
                LibBpf.bpf_map_update_elem(
                    mapFd(map), call.allocateFrom(INT, key).address(), call.allocateFrom(INT, value).address(), 0),
                "entry " + key + " of map " + map);
        }
    }

    /**
     * Reads an entry of a per-CPU array of u64 fields, summed over all CPUs. Any thread may.
     *
     * @param map    its name
     * @param key    below its size
     * @param out    receives the sums, at 0 to {@code fields - 1}
     * @param fields u64 in one value
     */
    public void readPerCpu(final String map, final int key, final long[] out, final int fields) {
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment values = call.allocate(LONG, (long) fields * possibleCpus);
            NativeException.check(
                "bpf_map_lookup_elem",
                LibBpf.bpf_map_lookup_elem(mapFd(map), call.allocateFrom(INT, key).address(), values.address()),
                "entry " + key + " of map " + map);
            Arrays.fill(out, 0, fields, 0);
            for (int i = 0; i < fields * possibleCpus; i++) {
                out[i % fields] += values.getAtIndex(LONG, i);
            }
        }
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
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment linkOptions = call.allocate(LINK_OPTIONS_BYTES, Long.BYTES);
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

    static int attachedProgram(final int index) {
        try (Arena call = Arena.ofConfined()) {
            final MemorySegment id = call.allocate(INT);
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

    int programFd() {
        return programFd;
    }

    /** Detaches, unmaps and unloads. The threads that used the buffers are stopped already. */
    @Override
    public void close() {
        detach();
        rings.forEach(BpfRing::unmap);
        rings.clear();
        mapped.forEach(buffer -> LibC.munmap(buffer.addressOffset(), roundUp(buffer.capacity())));
        mapped.clear();
        LibBpf.bpf_object__close(object);
        arena.close();
    }

    private static long roundUp(final long bytes) {
        return bytes + PAGE_BYTES - 1 & -PAGE_BYTES;
    }
}
