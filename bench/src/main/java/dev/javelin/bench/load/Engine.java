package dev.javelin.bench.load;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.SingleWriterRecorder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends GETs on a schedule or with so many on their way at once, and has every reply judged.
 *
 * <p>In an open loop latency counts from the time at which a request was to be sent, whether the server or the
 * generator was late. One thread runs it; one other may read {@link #counts()} and {@link #latency()} for progress.
 */
final class Engine {
    static final int FRAME_HEADER_LENGTH = 8;
    /** Answers are counted for each so many nanoseconds of a phase. */
    static final long WINDOW_NS = TimeUnit.MILLISECONDS.toNanos(100);
    static final int LATENCY_DIGITS = 3;
    static final long HIGHEST_LATENCY_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long BEHIND_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int BATCH = 64;
    private static final int MAX_WAITING = Requests.SLOTS / 2;

    private final Transport transport;
    private final Versions versions;
    private final Sampler sampler;
    private final SplittableRandom random;
    private final long timeoutNs;
    private final int itemCount;
    /** An echo has no versions. */
    private final boolean isVersioned;
    private final int connections;
    private final Requests requests;
    private final RequestWriter writer;
    private final Judge judge;
    private final Transport.Receiver onDatagram = this::onDatagram;
    private final UnsafeBuffer request = new UnsafeBuffer(new byte[RequestWriter.CAPACITY]);
    private final SingleWriterRecorder latency = new SingleWriterRecorder(HIGHEST_LATENCY_NS, LATENCY_DIGITS);
    private Phase phase;
    /** The connection whose turn it is. */
    private int turn;
    private long nowNs;
    /** When this batch of datagrams arrived; 0 until its first is looked at. */
    private long arrivedNs;
    /** Answers of this batch; of the last of them so many were to be sent at the same time. */
    private int answeredTogether;
    private int sameCount;
    private long sameIntendedNs;
    private boolean isHeldUp;
    private long[] windows = {};
    private volatile Counts counts = new Counts();

    /**
     * An engine.
     *
     * @param transport of its own.
     * @param keys      of all items.
     * @param items     what they are; null if the server is an echo.
     * @param versions  shared with whoever writes items.
     * @param workload  what to ask for.
     * @param random    of its own.
     */
    Engine(Transport transport, Keys keys, Items items, Versions versions, Workload workload,
        SplittableRandom random) {
        this.transport = transport;
        this.versions = versions;
        this.random = random;
        itemCount = keys.count();
        isVersioned = items != null;
        connections = transport.connections();
        timeoutNs = workload.timeoutNs();
        sampler = workload.sampler(random.split(), itemCount);
        requests = new Requests(workload.keysEach());
        writer = new RequestWriter(requests, keys);
        judge = judge(workload, items, keys);
    }

    private Judge judge(Workload workload, Items items, Keys keys) {
        if (!workload.isVerified()) {
            return new UncheckedJudge(workload.keysEach());
        }
        return items == null ? new EchoJudge(writer) : new MemcachedJudge(requests, new ReplyVerifier(items, keys));
    }

    /** Returns the counts of the phase that goes on or has just ended. */
    Counts counts() {
        return counts;
    }

    /** Returns where latencies in nanoseconds are recorded. */
    SingleWriterRecorder latency() {
        return latency;
    }

    /** Returns how many answers came in each {@link #WINDOW_NS} of the phase that has just ended. */
    long[] windows() {
        return windows;
    }

    /**
     * Runs one phase and waits for its last replies.
     *
     * @return what became of the requests of this phase.
     */
    Counts run(Phase next) throws IOException {
        phase = next;
        counts = new Counts();
        windows = new long[(int) (next.durationNs() / WINDOW_NS)];
        Arrivals arrivals = next.rate() > 0 ? new Arrivals(next.rate(), next.poisson() ? random.split() : null) : null;
        long endNs = next.startNs() + next.durationNs();
        nowNs = System.nanoTime();
        while (nowNs - endNs < 0) {
            int sent = arrivals == null ? fillWindow() : sendDue(arrivals);
            boolean nothingToSend = sent == 0 && arrivals == null && requests.waiting() > 0;
            receive(nothingToSend ? 1 : 0);
        }
        while (requests.waiting() > 0) {
            receive(1);
        }
        return counts;
    }

    /** Goes on receiving while others are not done yet, as their replies may arrive at this engine's queues. */
    void relayWhile(BooleanSupplier othersAreBusy) throws IOException {
        while (othersAreBusy.getAsBoolean()) {
            receive(1);
        }
    }

    private void receive(long waitMs) throws IOException {
        transport.flush();
        arrivedNs = 0;
        transport.receive(onDatagram, waitMs);
        if (sameCount > 0) {
            recordBatch();
        }
        nowNs = System.nanoTime();
        counts.lost += requests.expire(nowNs, timeoutNs);
    }

    private int fillWindow() throws IOException {
        int sent = 0;
        while (sent < BATCH && requests.waiting() < phase.window() && send(nowNs)) {
            sent++;
        }
        return sent;
    }

    private int sendDue(Arrivals arrivals) throws IOException {
        int sent = 0;
        while (sent < BATCH) {
            long dueNs = phase.startNs() + arrivals.dueNs();
            if (dueNs - nowNs > 0) {
                isHeldUp = false;
                break;
            }
            // With so many on their way it is the server that is late, and it is until the arrears are made up.
            isHeldUp |= requests.waiting() >= MAX_WAITING;
            if (requests.waiting() >= MAX_WAITING || !send(dueNs)) {
                break;
            }
            if (!isHeldUp && nowNs - dueNs > BEHIND_NS) {
                counts.behind++;
            }
            arrivals.advance();
            sent++;
        }
        return sent;
    }

    private boolean send(long dueNs) throws IOException {
        int slot = requests.nextSlot();
        draw(slot * requests.keysEach);
        int port = turn;
        if (!transport.send(port, request, 0, writer.write(slot, request))) {
            return false;
        }
        requests.sent(port, dueNs, nowNs);
        turn = port + 1 == connections ? 0 : port + 1;
        counts.sent++;
        return true;
    }

    /** Draws the items of a request, no item twice. */
    private void draw(int first) {
        for (int i = first; i < first + requests.keysEach; i++) {
            int item = sampler.next();
            for (int j = first; j < i; j++) {
                if (requests.item[j] == item) {
                    item = item + 1 == itemCount ? 0 : item + 1;
                    j = first - 1;
                }
            }
            requests.item[i] = item;
            if (isVersioned) {
                requests.leastVersion[i] = versions.acknowledged(item);
            }
        }
    }

    private void onDatagram(int arrivedAt, DirectBuffer buffer, int offset, int length) {
        int slot = length < FRAME_HEADER_LENGTH ? 0 : buffer.getShort(offset, ByteOrder.BIG_ENDIAN) & 0xffff;
        if (length < FRAME_HEADER_LENGTH || requests.state[slot] == Requests.UNUSED
            || requests.connection[slot] != arrivedAt) {
            counts.malformed++;
            return;
        }
        switch (requests.state[slot]) {
            case Requests.WAITING -> {
                if (judge.judge(slot, buffer, offset, length, counts)) {
                    answered(slot);
                }
            }
            case Requests.LOST -> {
                counts.late++;
                requests.state[slot] = Requests.ANSWERED;
            }
            default -> counts.duplicate++;
        }
    }

    private void answered(int slot) {
        if (arrivedNs == 0) {
            arrivedNs = System.nanoTime();
        }
        requests.answered(slot);
        counts.answered++;
        answeredTogether++;
        if (requests.intendedNs[slot] != sameIntendedNs) {
            recordSame();
            sameIntendedNs = requests.intendedNs[slot];
        }
        sameCount++;
    }

    /** Requests of a closed loop leave and come back in batches, with one latency: that is one record for many. */
    private void recordSame() {
        if (sameCount > 0) {
            long latencyNs = Math.min(HIGHEST_LATENCY_NS, Math.max(0, arrivedNs - sameIntendedNs));
            latency.recordValueWithCount(latencyNs, sameCount);
            sameCount = 0;
        }
    }

    private void recordBatch() {
        recordSame();
        int window = (int) ((arrivedNs - phase.startNs()) / WINDOW_NS);
        if (window >= 0 && window < windows.length) {
            windows[window] += answeredTogether;
        }
        answeredTogether = 0;
    }
}
