package dev.javelin.launcher;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import dev.javelin.afxdp.XdpCounter;
import dev.javelin.afxdp.XdpProgram;
import dev.javelin.afxdp.XdpStatistics;
import dev.javelin.afxdp.XskSocket;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Copies what the kernel counts per queue (the XDP program's counters, the socket's six statistics) into the counters
 * file, so that {@code stat} needs no privilege. The only writer of the kernel's blocks.
 */
final class KernelSampler implements Agent {
    private final XdpProgram program;
    private final List<QueueParts> queues;
    private final long[] counters = new long[XdpCounter.COUNT];

    KernelSampler(final XdpProgram program, final List<QueueParts> queues) {
        this.program = program;
        this.queues = List.copyOf(queues);
    }

    /** In the order in which {@link #doWork} writes them. */
    static List<String> labels() {
        return Stream.concat(
            Arrays.stream(XdpCounter.values()).map(counter -> "xdp_" + counter.name().toLowerCase(Locale.ROOT)),
            Stream.of("xsk_rx_dropped", "xsk_rx_invalid_descs", "xsk_tx_invalid_descs", "xsk_rx_ring_full",
                "xsk_rx_fill_ring_empty_descs", "xsk_tx_ring_empty_descs")).toList();
    }

    @Override
    public int doWork() {
        for (final QueueParts queue : queues) {
            program.readCounters(queue.queue(), counters);
            final UnsafeBuffer block = queue.kernelBlock();
            for (int i = 0; i < XdpCounter.COUNT; i++) {
                block.putLongOpaque(i * Long.BYTES, counters[i]);
            }
            writeStatistics(block, queue.socket());
        }
        return 0;
    }

    private static void writeStatistics(final UnsafeBuffer block, final XskSocket socket) {
        final XdpStatistics statistics = socket.statistics();
        int index = XdpCounter.COUNT * Long.BYTES;
        block.putLongOpaque(index, statistics.rxDropped());
        block.putLongOpaque(index += Long.BYTES, statistics.rxInvalidDescriptors());
        block.putLongOpaque(index += Long.BYTES, statistics.txInvalidDescriptors());
        block.putLongOpaque(index += Long.BYTES, statistics.rxRingFull());
        block.putLongOpaque(index += Long.BYTES, statistics.rxFillRingEmpty());
        block.putLongOpaque(index + Long.BYTES, statistics.txRingEmpty());
    }

    @Override
    public String roleName() {
        return "javelin-sample";
    }
}
