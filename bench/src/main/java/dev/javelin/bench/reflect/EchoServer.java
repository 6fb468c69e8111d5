package dev.javelin.bench.reflect;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.BindMode;
import dev.javelin.afxdp.BpfObject;
import dev.javelin.afxdp.Ethtool;
import dev.javelin.afxdp.Interfaces;
import dev.javelin.afxdp.NativeException;
import dev.javelin.afxdp.RingSizes;
import dev.javelin.afxdp.Umem;
import dev.javelin.afxdp.XskSocket;
import dev.javelin.fastpath.WorkerIdleStrategy;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.agrona.concurrent.AgentRunner;

/**
 * Sends every UDP datagram to one port back to its sender, on all queues of an interface. Made and closed by one
 * thread, in whose network namespace the interface is; the counters may be read by any thread.
 */
final class EchoServer implements AutoCloseable {
    /** Who sends the datagrams back. */
    enum Kind {
        /** The XDP program itself, with XDP_TX, or where that is as good by redirect. */
        XDP,
        /** A Java thread for each queue, by AF_XDP. */
        AF_XDP
    }

    /** Where the XDP programs send by redirect instead of XDP_TX; udp_frame.h says why. */
    static final String VETH = "veth";

    private static final int COUNTERS = 2;
    private static final long DRAIN_NS = TimeUnit.MILLISECONDS.toNanos(50);

    /** All frames of a queue fit its fill ring. */
    private static final int FRAMES = RingSizes.DEFAULT.fill();

    /** The last made is the first. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<EchoWorker> workers = new ArrayList<>();
    private final BpfObject program;
    private final String description;
    private volatile Throwable failure;

    private EchoServer(final Kind kind, final String interfaceName, final int port) {
        Interfaces.index(interfaceName);
        final int queues = Interfaces.queues(interfaceName);
        program = own(BpfObject.open(EchoServer.class, "xdp_echo.bpf.o"));
        try {
            final byte[] constants = ByteBuffer.allocate(2 * Short.BYTES)
                .putShort((short) port)
                .put((byte) (kind == Kind.AF_XDP ? 1 : 0))
                .put((byte) (Ethtool.driver(interfaceName).equals(VETH) ? 1 : 0)).array();
            program.constants(constants).resize("xsks", queues).load("xdp_echo");
            String bind = "";
            for (int queue = 0; kind == Kind.AF_XDP && queue < queues; queue++) {
                bind = " bind=" + startWorker(interfaceName, queue);
            }
            program.attach(interfaceName, AttachMode.AUTO);
            description = "interface=%s port=%d queues=%d echo=%s attach=%s%s".formatted(
                interfaceName, port, queues, kind.name().toLowerCase(Locale.ROOT), program.granted(), bind);
        } catch (final RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts it; when this returns, datagrams are echoed.
     *
     * @param kind          who sends them back
     * @param interfaceName which has no XDP program yet
     * @param port          UDP port, 1 to 65,535
     * @return to be closed by the calling thread
     * @throws NativeException if the interface is not to be had, or privileges are missing
     */
    static EchoServer start(final Kind kind, final String interfaceName, final int port) {
        return new EchoServer(kind, interfaceName, port);
    }

    private <T extends AutoCloseable> T own(final T part) {
        parts.push(part);
        return part;
    }

    /** Returns the granted bind mode. */
    private String startWorker(final String interfaceName, final int queue) {
        final Umem umem = own(Umem.allocate(FRAMES));
        final XskSocket socket = own(
            XskSocket.open(interfaceName, queue, umem, BindMode.AUTO, RingSizes.DEFAULT));
        program.update("xsks", queue, socket.fd());
        final EchoWorker worker = new EchoWorker(queue, socket, umem);
        workers.add(worker);
        final AgentRunner runner = own(new AgentRunner(
            WorkerIdleStrategy.adaptive(socket, WorkerIdleStrategy.DEFAULT_SPINS),
            error -> failure = error, null, worker));
        AgentRunner.startOnThread(runner);
        return socket.granted();
    }

    /** What was granted, for people to read. */
    String description() {
        return description;
    }

    /** What has ended a worker; null while all is well. */
    Throwable failure() {
        return failure;
    }

    /** Datagrams sent back: the program's verdicts, or descriptors handed to the kernel by the workers. */
    long echoed() {
        return workers.isEmpty() ? counter(0) : workers.stream().mapToLong(EchoWorker::echoed).sum();
    }

    /** Packets that were not for the echo, and went to the kernel. */
    long passed() {
        return counter(1);
    }

    private long counter(final int field) {
        final long[] counters = new long[COUNTERS];
        program.readPerCpu("counters", 0, counters, COUNTERS);
        return counters[field];
    }

    /** From here on the kernel gets every packet, and the counters stand still. May be called twice. */
    void detach() {
        program.detach();
        LockSupport.parkNanos(DRAIN_NS);
    }

    @Override
    public void close() {
        program.detach();
        CloseHelper.closeAll(parts);
        parts.clear();
    }
}
