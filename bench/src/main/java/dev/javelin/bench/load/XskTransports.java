package dev.javelin.bench.load;

import dev.javelin.afxdp.Interfaces;
import dev.javelin.afxdp.NativeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * What the AF_XDP transports of several threads share: the XDP program, the row of ports, and who owns which port.
 * Replies to a thread may arrive at another thread's queues, so all of them go on receiving until the last is done.
 * Opened by one thread; afterwards only {@link #detach()} and {@link #release()} change anything, and any thread may
 * call them.
 */
final class XskTransports {
    private static final int INBOX_BYTES = (1 << 22) + RingBufferDescriptor.TRAILER_LENGTH;
    private static final String WAY_OUT = " (--sockets uses the kernel's UDP sockets instead)";

    private final List<XskQueue> queues = new ArrayList<>();
    private final ManyToOneRingBuffer[] inboxes;
    /** Number in the row of each thread's first port, and the end of the row. */
    private final int[] firstPorts;
    private final int[] owners;
    private ReservedPorts ports;
    private XdpLoad program;
    private int open;

    private XskTransports(int connections, int threads) {
        firstPorts = new int[threads + 1];
        owners = new int[connections];
        inboxes = new ManyToOneRingBuffer[threads];
        for (int thread = 0; thread < threads; thread++) {
            firstPorts[thread] = (int) ((long) connections * thread / threads);
            firstPorts[thread + 1] = (int) ((long) connections * (thread + 1) / threads);
            Arrays.fill(owners, firstPorts[thread], firstPorts[thread + 1], thread);
            if (threads > 1) {
                UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(INBOX_BYTES));
                inboxes[thread] = new ManyToOneRingBuffer(memory);
            }
        }
    }

    /**
     * Opens sockets on all queues of the interface that leads to the server, in the calling thread's network namespace,
     * and attaches the program.
     *
     * @param server      address and port.
     * @param sources     our own addresses, all of the server's family; none for the one that the route gives.
     * @param connections source ports, shared out to the threads.
     * @param threads     1 to {@code connections}, at most as many as the interface has queues.
     * @return a transport for each thread; each is to be closed, in any order, by one thread at a time.
     * @throws IOException in one line: what is missing and how to mend it.
     */
    static List<XskTransport> open(InetSocketAddress server, List<InetAddress> sources, int connections, int threads)
        throws IOException {
        XskTransports group = new XskTransports(connections, threads);
        try {
            return group.open(Route.to(server), sources);
        } catch (NativeException e) {
            group.abandon();
            throw new IOException(e.getMessage() + WAY_OUT, e);
        } catch (IOException e) {
            group.abandon();
            throw new IOException(e.getMessage() + WAY_OUT, e);
        }
    }

    private List<XskTransport> open(Route route, List<InetAddress> given) throws IOException {
        int queueCount = Interfaces.queues(route.interfaceName());
        int threads = inboxes.length;
        if (threads > queueCount) {
            throw new IOException(route.interfaceName() + " has too few queues for " + threads + " threads, namely "
                + queueCount + ": ethtool -L " + route.interfaceName() + " combined " + threads);
        }
        List<InetAddress> sources = given.isEmpty() ? List.of(route.source()) : given;
        ports = ReservedPorts.take(owners.length, sources);
        for (int queue = 0; queue < queueCount; queue++) {
            queues.add(XskQueue.open(route.interfaceName(), queue));
        }
        program = XdpLoad.attach(route, ports.first(), owners.length, queues);
        InetAddress[] sourceOfPort = IntStream.range(0, owners.length)
            .mapToObj(port -> sources.get(port % sources.size())).toArray(InetAddress[]::new);
        List<XskTransport> transports = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int from = firstPorts[thread];
            int to = firstPorts[thread + 1];
            int[] numbers = IntStream.range(ports.first() + from, ports.first() + to).toArray();
            List<XskQueue> own = new ArrayList<>();
            for (int queue = thread; queue < queueCount; queue += threads) {
                own.add(queues.get(queue));
            }
            transports.add(new XskTransport(this, thread, to - from, own,
                new RequestFrames(route, Arrays.copyOfRange(sourceOfPort, from, to), numbers),
                new ReplyFrames(route, sourceOfPort, ports.first())));
        }
        open = threads;
        return transports;
    }

    private void abandon() throws IOException {
        if (program != null) {
            program.close();
        }
        for (XskQueue queue : queues) {
            queue.close();
        }
        if (ports != null) {
            ports.close();
        }
    }

    /** Returns which thread sends from a port of the row. */
    int ownerOf(int port) {
        return owners[port];
    }

    /** Returns the number in the row of a thread's first port. */
    int firstPortOf(int thread) {
        return firstPorts[thread];
    }

    /** Returns where other threads put replies for this one; null if there is only one thread. */
    ManyToOneRingBuffer inbox(int thread) {
        return inboxes[thread];
    }

    /** Takes the program off the interface, before the first socket goes. */
    synchronized void detach() {
        program.detach();
    }

    /** One transport is closed; with the last one go the program and the ports. */
    synchronized void release() throws IOException {
        open--;
        if (open == 0) {
            program.close();
            ports.close();
        }
    }
}
