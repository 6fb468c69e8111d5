package dev.javelin.afxdp;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
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

    private final BpfObject object;
    private final UnsafeBuffer tags;
    private final UnsafeBuffer heartbeats;
    private final MissRing misses;

    private XdpProgram(final XdpOptions options, final BpfObject object) {
        this.object = object;
        tags = object.map("tags", (long) options.bucketCount() * BUCKET_BYTES);
        heartbeats = object.map("heartbeats", (long) options.queueCount() * HEARTBEAT_BYTES);
        misses = new MissRing(object.ring("misses", MISS_RING_BYTES));
    }

    /**
     * Loads the program and its maps into the kernel; nothing is attached yet.
     *
     * @param options fixed for the program's life
     * @return the loaded program
     * @throws NativeException if the kernel refuses it; the message names the kernel, what it lacks, and the verifier's
     *                         last words
     */
    public static XdpProgram load(final XdpOptions options) {
        return load(options, BpfObject.open(XdpProgram.class, RESOURCE));
    }

    /**
     * The same from a file, for trying what another compiler makes of the program.
     *
     * @param options fixed for the program's life
     * @param object  xdp_memcached.bpf.c, compiled
     * @return the loaded program
     * @throws NativeException if the kernel refuses it
     */
    public static XdpProgram load(final XdpOptions options, final Path object) {
        return load(options, BpfObject.open(object));
    }

    private static XdpProgram load(final XdpOptions options, final BpfObject object) {
        try (Arena arena = Arena.ofConfined()) {
            object.constants(XdpConfig.of(options, arena).toArray(ValueLayout.JAVA_BYTE))
                .resize("tags", options.bucketCount())
                .resize("heartbeats", options.queueCount())
                .resize("xsks", options.queueCount())
                .resize("counters", options.queueCount() + 1)
                .load("xdp_memcached");
            return new XdpProgram(options, object);
        } catch (final RuntimeException e) {
            object.close();
            throw e;
        }
    }

    /**
     * How many steps the kernel's verifier took to accept the program; it gives up at a million.
     *
     * @return 0 if the kernel does not tell: before 5.16
     */
    public int verifiedInstructions() {
        return object.verifiedInstructions();
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
        object.attach(interfaceName, mode);
    }

    /**
     * Asks which XDP program is on an interface of the calling thread's network namespace.
     *
     * @param interfaceName to look at
     * @return the kernel's id of the program, 0 if there is none
     */
    public static int attachedProgram(final String interfaceName) {
        return BpfObject.attachedProgram(Interfaces.index(interfaceName));
    }

    /**
     * What the driver gave.
     *
     * @return {@code native}, {@code generic} or {@code detached}
     */
    public String granted() {
        return object.granted();
    }

    /** Takes the program off the interface: from here on the kernel gets every packet. May be called twice. */
    public void detach() {
        object.detach();
    }

    /**
     * Lets the program redirect a queue's packets into a socket. The kernel forgets the socket when it is closed.
     *
     * @param queue  the one that the socket is bound to; below {@code queueCount}
     * @param socket open
     */
    public void registerSocket(final int queue, final XskSocket socket) {
        object.update("xsks", queue, socket.fd());
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
        object.readPerCpu("counters", queue, out, XdpCounter.COUNT);
    }

    BpfObject object() {
        return object;
    }

    /** Detaches, unmaps and unloads. The sockets are closed already, the threads that used the buffers stopped. */
    @Override
    public void close() {
        object.close();
    }
}
