package dev.javelin.bench.load;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends GETs on a schedule or with so many on their way at once, and judges every reply.
 *
 * <p>Requests on their way stand in a table of {@value #SLOTS} slots in the order in which they were sent; a slot's
 * number is part of the request id, so a reply finds its request without a search, and the oldest request is the next
 * to be counted lost. With a rate, latency counts from the time at which a request was to be sent, whether or not the
 * generator or the server was late. Used by one thread.
 */
final class Engine {
    static final int FRAME_HEADER_LENGTH = 8;
    private static final int SEQUENCE_OFFSET = 2;
    private static final int DATAGRAMS_OFFSET = 4;
    private static final int RESERVED_OFFSET = 6;
    private static final byte[] GET = {'g', 'e', 't', ' '};
    private static final int SLOTS = 1 << 16;
    private static final byte WAITING = 1;
    private static final byte ANSWERED = 2;
    private static final byte LOST = 3;

    private final Transport transport;
    private final Items items;
    private final Versions versions;
    private final ZipfSampler sampler;
    private final ReplyVerifier verifier;
    private final byte[][] keys;
    private final long timeoutNs;
    private final UnsafeBuffer request = new UnsafeBuffer(new byte[FRAME_HEADER_LENGTH + 4 + Items.MAX_KEY_SIZE + 2]);
    private final byte[] state = new byte[SLOTS];
    private final long[] intendedNs = new long[SLOTS];
    private final long[] sentNs = new long[SLOTS];
    private final int[] item = new int[SLOTS];
    private final int[] leastVersion = new int[SLOTS];
    private final int[] connection = new int[SLOTS];
    private long next;
    private long oldest;
    private int waiting;
    private long nowNs;
    private volatile Counts counts = new Counts();

    Engine(Transport transport, Items items, int itemCount, Versions versions, ZipfSampler sampler, long timeoutNs) {
        this.transport = transport;
        this.items = items;
        this.versions = versions;
        this.sampler = sampler;
        this.timeoutNs = timeoutNs;
        verifier = new ReplyVerifier(items);
        request.putShort(DATAGRAMS_OFFSET, (short) 1, ByteOrder.BIG_ENDIAN);
        request.putBytes(FRAME_HEADER_LENGTH, GET);
        keys = new byte[itemCount][];
        for (int i = 0; i < itemCount; i++) {
            keys[i] = items.key(i);
        }
    }

    /** Returns the counts of the run that goes on; read from other threads for progress only. */
    Counts counts() {
        return counts;
    }

    /**
     * Runs one phase and waits for its last replies.
     *
     * @param durationNs how long to send.
     * @param rate       requests per second; 0 for a closed loop.
     * @param window     requests on their way at once in a closed loop.
     * @return what became of the requests of this phase.
     */
    Counts run(long durationNs, double rate, int window) throws IOException {
        counts = new Counts();
        nowNs = System.nanoTime();
        long startNs = nowNs;
        long endNs = startNs + durationNs;
        long scheduled = 0;
        while (nowNs - endNs < 0) {
            int sent = 0;
            while (sent < 64 && waiting < (rate > 0 ? SLOTS / 2 : window)) {
                long dueNs = rate > 0 ? startNs + (long) (scheduled * 1e9 / rate) : nowNs;
                if (dueNs - nowNs > 0 || !send(dueNs)) {
                    break;
                }
                scheduled++;
                sent++;
            }
            transport.flush();
            long waitMs = sent == 0 && rate == 0 && waiting > 0 ? 1 : 0;
            transport.receive(this::onDatagram, waitMs);
            nowNs = System.nanoTime();
            expire();
        }
        while (waiting > 0) {
            transport.receive(this::onDatagram, 1);
            nowNs = System.nanoTime();
            expire();
        }
        return counts;
    }

    private boolean send(long dueNs) throws IOException {
        int slot = (int) next & SLOTS - 1;
        int wanted = sampler.next();
        int port = (int) (next % transport.connections());
        request.putShort(0, (short) slot, ByteOrder.BIG_ENDIAN);
        int end = FRAME_HEADER_LENGTH + GET.length;
        request.putBytes(end, keys[wanted]);
        end += keys[wanted].length;
        request.putByte(end, (byte) '\r');
        request.putByte(end + 1, (byte) '\n');
        int version = versions.acknowledged(wanted);
        if (!transport.send(port, request, 0, end + 2)) {
            return false;
        }
        state[slot] = WAITING;
        intendedNs[slot] = dueNs;
        sentNs[slot] = nowNs;
        item[slot] = wanted;
        leastVersion[slot] = version;
        connection[slot] = port;
        next++;
        waiting++;
        counts.sent++;
        return true;
    }

    private void onDatagram(int arrivedAt, DirectBuffer buffer, int offset, int length) {
        if (length < FRAME_HEADER_LENGTH) {
            counts.malformed++;
            return;
        }
        int slot = field(buffer, offset);
        if (state[slot] == 0 || connection[slot] != arrivedAt) {
            counts.malformed++;
            return;
        }
        if (state[slot] != WAITING) {
            if (state[slot] == LOST) {
                counts.late++;
                state[slot] = ANSWERED;
            } else {
                counts.duplicate++;
            }
            return;
        }
        state[slot] = ANSWERED;
        waiting--;
        counts.answered++;
        counts.record(System.nanoTime() - intendedNs[slot]);
        judge(slot, buffer, offset, length);
    }

    /** Returns a 16-bit field of a frame header (memcached's doc/protocol.txt, "UDP protocol"). */
    private static int field(DirectBuffer buffer, int offset) {
        return buffer.getShort(offset, ByteOrder.BIG_ENDIAN) & 0xffff;
    }

    private void judge(int slot, DirectBuffer buffer, int offset, int length) {
        boolean single = field(buffer, offset + SEQUENCE_OFFSET) == 0
            && field(buffer, offset + DATAGRAMS_OFFSET) == 1 && field(buffer, offset + RESERVED_OFFSET) == 0;
        int text = offset + FRAME_HEADER_LENGTH;
        ReplyVerifier.Verdict verdict = single
            ? verifier.verify(buffer, text, length - FRAME_HEADER_LENGTH, item[slot], keys[item[slot]],
                leastVersion[slot])
            : ReplyVerifier.Verdict.MALFORMED;
        switch (verdict) {
            case HIT -> counts.hits++;
            case MISS -> counts.misses++;
            case WRONG -> counts.wrong++;
            case STALE -> counts.stale++;
            case MALFORMED -> counts.malformed++;
        }
    }

    private void expire() {
        while (oldest < next) {
            int slot = (int) oldest & SLOTS - 1;
            if (state[slot] == WAITING) {
                // A slot that comes round again must be free, so its request cannot be waited for any longer.
                if (nowNs - sentNs[slot] < timeoutNs && next - oldest < SLOTS - 64) {
                    return;
                }
                state[slot] = LOST;
                waiting--;
                counts.lost++;
            }
            oldest++;
        }
    }

    /** Returns the default time after which a request counts as lost. */
    static long defaultTimeoutNs() {
        return TimeUnit.MILLISECONDS.toNanos(500);
    }
}
