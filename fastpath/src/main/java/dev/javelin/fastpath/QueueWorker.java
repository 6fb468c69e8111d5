package dev.javelin.fastpath;

import dev.javelin.afxdp.QueueIo;
import dev.javelin.ringbuffers.CompletionRing;
import dev.javelin.ringbuffers.FillRing;
import dev.javelin.ringbuffers.HandOffRing;
import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;
import java.nio.ByteOrder;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Serves one queue: frames from the rx ring are answered in place and go to the tx ring, or go untouched to the slow
 * path. One thread runs it, best pinned to the queue's CPU; everything it is constructed with but the far ends of
 * the hand-off rings and the counters' readers belongs to that thread.
 * <p>
 * <b>Frames.</b> At any time each frame has one owner: this worker's stack, the fill ring, the kernel, the rx ring,
 * the tx ring, the completion ring, a hand-off ring or the slow path (docs/frame-ownership.md). The steady loop
 * allocates nothing and throws nothing.
 * <p>
 * <b>Heartbeat.</b> Each duty cycle stores its time, with release, where XDP reads it (the same clock as
 * bpf_ktime_get_ns). It stores 0 instead while too few frames are left to receive into, or when received frames
 * cannot be moved on for several cycles: XDP then passes requests to the kernel, where memcached answers them, and
 * nothing is dropped.
 */
public final class QueueWorker implements Agent {
    /** Most frames taken from a ring in one duty cycle. */
    public static final int BATCH = 64;
    /** Bytes XDP writes in front of a frame. */
    public static final int METADATA_LENGTH = 16;
    /** Last word of the metadata, little-endian: "JVLN". */
    public static final int METADATA_MAGIC = 0x4a56_4c4e;

    private static final int MAX_STALLED_CYCLES = 4;
    private static final long AT_REST_NS = 1_000_000_000L;
    private static final int HASH_OFFSET = -16;
    private static final int KEY_OFFSET_OFFSET = -8;
    private static final int KEY_LENGTH_OFFSET = -6;
    private static final int MAGIC_OFFSET = -4;

    private final String roleName;
    private final QueueIo io;
    private final FillRing fill;
    private final RxRing rx;
    private final TxRing tx;
    private final CompletionRing completion;
    private final TxRing toSlowPath;
    private final RxRing fromSlowPath;
    private final UnsafeBuffer umem;
    private final FrameRange range;
    private final FrameStack free;
    private final RequestParser parser;
    private final ReplyBuilder reply;
    private final QueueCounters counters;
    private final AtomicBuffer heartbeats;
    private final int heartbeatOffset;
    private final int lowWater;
    private int handedOut;
    private int stalledCycles;
    private long lastWorkNs;

    /**
     * A worker that owns all frames of its range; it posts them to the fill ring in its first duty cycles.
     *
     * @param queue           number of the queue, for the role name
     * @param io              rings and wake-ups of the queue's socket
     * @param umem            the whole UMEM
     * @param range           frames of this queue
     * @param parser          of the worker's own
     * @param reply           of the worker's own
     * @param handOff         hand-off rings to and from the slow path
     * @param counters        of this queue
     * @param heartbeat       where XDP reads the queue's heartbeat
     */
    public QueueWorker(final int queue, final QueueIo io, final UnsafeBuffer umem, final FrameRange range,
        final RequestParser parser, final ReplyBuilder reply, final HandOff handOff, final QueueCounters counters,
        final Heartbeat heartbeat) {
        if (range.firstAddress() + (long) range.count() * range.frameSize() > umem.capacity()) {
            throw new IllegalArgumentException("range: " + range + " ends behind the UMEM of " + umem.capacity());
        }
        roleName = "xsk-q" + queue;
        this.io = io;
        fill = io.fill();
        rx = io.rx();
        tx = io.tx();
        completion = io.completion();
        toSlowPath = handOff.toSlowPath().producer();
        fromSlowPath = handOff.fromSlowPath().consumer();
        this.umem = umem;
        this.range = range;
        free = new FrameStack(range.firstAddress(), range.count(), range.frameSize());
        this.parser = parser;
        this.reply = reply;
        this.counters = counters;
        heartbeats = heartbeat.buffer();
        heartbeatOffset = heartbeat.offset();
        lowWater = Math.min(BATCH, range.count() / 4);
    }

    /**
     * The two rings between a worker and the slow path. Descriptors to the slow path carry the frame's address and
     * length, and the {@link HandBackReason#code} as options; descriptors back need only an address inside the frame.
     *
     * @param toSlowPath   the worker produces
     * @param fromSlowPath the worker consumes
     */
    public record HandOff(HandOffRing toSlowPath, HandOffRing fromSlowPath) {
    }

    /**
     * Where a queue's heartbeat stands.
     *
     * @param buffer the mapped BPF array
     * @param offset of the queue's u64
     */
    public record Heartbeat(AtomicBuffer buffer, int offset) {
    }

    @Override
    public String roleName() {
        return roleName;
    }

    /**
     * One duty cycle: take frames back, refill, heartbeat, serve a batch, wake the kernel if it sleeps.
     *
     * @return number of frames moved, 0 if there was nothing to do
     */
    @Override
    public int doWork() {
        final long nowNs = System.nanoTime();
        int work = reclaim();
        refill();
        beat(nowNs);
        work += serve(nowNs);
        if (tx.free(tx.size()) < tx.size() && tx.needsWakeup()) {
            io.wakeTx();
            counters.add(QueueCounter.TX_WAKEUPS, 1);
        }
        if (fill.needsWakeup()) {
            io.wakeFill();
            counters.add(QueueCounter.FILL_WAKEUPS, 1);
        }
        if (work > 0) {
            lastWorkNs = nowNs;
        } else if (nowNs - lastWorkNs > AT_REST_NS) {
            lastWorkNs = nowNs;
            countMissingFrames();
        }
        return work;
    }

    /** Withdraws the heartbeat, so that XDP passes everything to the kernel from now on. */
    @Override
    public void onClose() {
        heartbeats.putLongRelease(heartbeatOffset, 0);
    }

    private int reclaim() {
        final int sent = completion.peek(BATCH);
        for (int i = 0; i < sent; i++) {
            free.push(frameOf(completion.address(i)));
        }
        if (sent > 0) {
            completion.release(sent);
        }
        final int returned = fromSlowPath.peek(BATCH);
        for (int i = 0; i < returned; i++) {
            free.push(frameOf(fromSlowPath.address(i)));
        }
        if (returned > 0) {
            fromSlowPath.release(returned);
            handedOut -= returned;
        }
        return sent + returned;
    }

    private long frameOf(final long address) {
        return address & -range.frameSize();
    }

    private void refill() {
        final int wanted = Math.min(free.size(), BATCH);
        final int count = wanted == 0 ? 0 : fill.reserve(Math.min(wanted, fill.free(wanted)));
        for (int i = 0; i < count; i++) {
            fill.address(i, free.pop());
        }
        if (count > 0) {
            fill.submit(count);
        }
    }

    private void beat(final long nowNs) {
        final int posted = fill.size() - fill.free(fill.size());
        if (posted < lowWater || stalledCycles > MAX_STALLED_CYCLES) {
            heartbeats.putLongRelease(heartbeatOffset, 0);
            counters.add(QueueCounter.HEARTBEATS_WITHHELD, 1);
        } else {
            heartbeats.putLongRelease(heartbeatOffset, nowNs);
        }
    }

    private int serve(final long nowNs) {
        final int received = rx.peek(BATCH);
        int done = 0;
        int replies = 0;
        int handedBack = 0;
        int hits = 0;
        while (done < received && tx.free(1) > 0 && toSlowPath.free(1) > 0) {
            final long address = rx.address(done);
            final int length = rx.length(done);
            final int code = answer((int) address, length, nowNs);
            if (code == RequestParser.OK) {
                tx.reserve(1);
                tx.descriptor(0, address, reply.replyLength());
                hits += parser.keyCount();
                replies++;
            } else {
                toSlowPath.reserve(1);
                toSlowPath.descriptor(0, address, length, code);
                countHandBack(code);
                handedBack++;
            }
            done++;
        }
        stalledCycles = done < received ? stalledCycles + 1 : 0;
        if (received > 0) {
            finish(received, done, replies, handedBack, hits);
        }
        return done;
    }

    private void finish(final int received, final int done, final int replies, final int handedBack, final int hits) {
        if (done < received) {
            rx.cancel(received - done);
            counters.add(QueueCounter.STALLS, 1);
        }
        if (replies > 0) {
            tx.submit(replies);
        }
        if (handedBack > 0) {
            toSlowPath.submit(handedBack);
            handedOut += handedBack;
        }
        rx.release(done);
        counters.add(QueueCounter.RX_FRAMES, done);
        counters.add(QueueCounter.REPLIES_SENT, replies);
        counters.add(QueueCounter.GET_HITS, hits);
    }

    private int answer(final int offset, final int length, final long nowNs) {
        final int frameEnd = (int) frameOf(offset) + range.frameSize();
        final int code = parser.parse(umem, offset, length);
        return code != RequestParser.OK ? code
            : reply.build(parser, umem, offset, frameEnd, hashFromXdp(offset), nowNs);
    }

    /**
     * The first key's hash as XDP left it, or 0. The magic is wiped, so that a frame whose next packet comes without
     * metadata does not show this packet's; a wrong hash would do no harm but a miss, as the key itself is compared.
     */
    private long hashFromXdp(final int offset) {
        if (offset < METADATA_LENGTH
            || umem.getInt(offset + MAGIC_OFFSET, ByteOrder.LITTLE_ENDIAN) != METADATA_MAGIC) {
            return 0;
        }
        umem.putInt(offset + MAGIC_OFFSET, 0);
        final int keyOffset = umem.getShort(offset + KEY_OFFSET_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        final int keyLength = umem.getShort(offset + KEY_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN) & 0xFFFF;
        final boolean isOfFirstKey = offset + keyOffset == parser.textOffset() + parser.keyOffset(0)
            && keyLength == parser.keyLength(0);
        return isOfFirstKey ? umem.getLong(offset + HASH_OFFSET, ByteOrder.LITTLE_ENDIAN) : 0;
    }

    private void countHandBack(final int code) {
        counters.handedBack(code);
        if (code == HandBackReason.NOT_CACHED.code() || code == HandBackReason.MULTI_KEY_MISS.code()) {
            counters.add(QueueCounter.GET_MISSES, 1);
        }
    }

    /**
     * Counts the frames that are in none of our places. Exact only when everything is at rest: no packet inside the
     * kernel. In zero-copy mode the driver keeps some in rings of its own, and no interface says how many; so what is
     * missing is taken to be there, up to what these rings can hold.
     */
    private void countMissingFrames() {
        final int inFill = fill.size() - fill.free(fill.size());
        final int inTx = tx.size() - tx.free(tx.size());
        final int missing =
            range.count() - free.size() - inFill - inTx - rx.available() - completion.available() - handedOut;
        final int inDriver = Math.clamp(missing, 0, io.driverFrames());
        counters.set(QueueCounter.FRAMES_IN_DRIVER, inDriver);
        counters.set(QueueCounter.FRAMES_LOST, missing - inDriver);
    }
}
