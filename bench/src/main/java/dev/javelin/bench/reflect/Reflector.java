package dev.javelin.bench.reflect;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A client in XDP: its program on the interface turns every reply into the next request and sends it back, so that a
 * request costs the client's machine a fraction of what it costs a server. User space seeds the first requests, seeds
 * again what was lost, and judges one reply in so many.
 * <p>
 * Seeds leave through the kernel's own sockets: those know the way and the neighbours, there are few of them, and no
 * AF_XDP socket has to share the queue with the program. All methods belong to one thread.
 */
public final class Reflector implements AutoCloseable {
    private static final long SCAN_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(200);
    private static final int SAMPLES = 256;
    private static final int FRAME_HEADER_LENGTH = 8;
    private static final int MAX_REQUEST = FRAME_HEADER_LENGTH + 256;

    private final ReflectOptions options;
    private final ReflectProgram program;
    private final Slots slots;
    private final IntFunction<byte[]> key;
    private final Seeder seeder;
    private final SampleHandler handler;
    private final UnsafeBuffer request = new UnsafeBuffer(new byte[MAX_REQUEST]);
    private int position;
    private long seeded;
    private long lost;

    /** Sends the requests that user space seeds. */
    @FunctionalInterface
    public interface Seeder {
        /**
         * Sends one datagram to the server.
         *
         * @param port    which of our own ports it leaves from, from 0
         * @param payload holds the datagram from its beginning
         * @param length  of the datagram in bytes
         * @return false if there is no room just now
         * @throws IOException if it cannot be sent at all
         */
        boolean send(int port, DirectBuffer payload, int length) throws IOException;
    }

    /** Judges a reply that was left to user space. */
    @FunctionalInterface
    public interface SampleHandler {
        /**
         * One reply; the buffer is valid during the call only.
         *
         * @param item   that was asked for
         * @param buffer holds the text, without the frame header
         * @param offset where it begins
         * @param length of it in bytes
         */
        void onReply(int item, DirectBuffer buffer, int offset, int length);
    }

    private Reflector(final ReflectOptions options, final ReflectProgram program, final IntFunction<byte[]> key,
        final Seeder seeder, final SampleHandler handler) {
        this.options = options;
        this.program = program;
        this.key = key;
        this.seeder = seeder;
        this.handler = handler;
        slots = program.slots();
    }

    /**
     * Loads the program and puts it on the interface. Nothing is sent yet.
     *
     * @param options what to do
     * @param items   number of items, 1 to {@link ReflectOptions#MAX_ITEMS}
     * @param key     of an item, 1 to 250 bytes
     * @param sampler draws items as they are to be asked for; used in this call only
     * @param seeder  sends what user space sends
     * @param handler judges what is left to user space
     * @return to be closed by the calling thread
     * @throws dev.javelin.afxdp.NativeException if the kernel refuses the program, or the interface is not to be had
     */
    public static Reflector open(final ReflectOptions options, final int items, final IntFunction<byte[]> key,
        final IntSupplier sampler, final Seeder seeder, final SampleHandler handler) {
        final ReflectProgram program = ReflectProgram.load(options, items, key, sampler);
        try {
            program.attach(options.interfaceName());
        } catch (final RuntimeException e) {
            program.close();
            throw e;
        }
        return new Reflector(options, program, key, seeder, handler);
    }

    /**
     * Keeps the window's requests on their way for a time, then waits for the last replies. Afterwards every request
     * of this run is answered or lost.
     *
     * @param durationNs  how long to send
     * @param isMeasured  whether answers count for {@link #windows()}
     * @param everySecond called each second meanwhile, and at the end
     * @return what came of it
     * @throws IOException if requests cannot be sent
     */
    public Totals run(final long durationNs, final boolean isMeasured, final Runnable everySecond)
        throws IOException {
        final Totals before = totals();
        final long startNs = System.nanoTime();
        final long endNs = startNs + durationNs;
        // In a run that is not measured the windows lie in a future that does not come.
        program.start(isMeasured ? startNs : Long.MAX_VALUE);
        long nextSecondNs = startNs + TimeUnit.SECONDS.toNanos(1);
        long nextScanNs = startNs;
        long nowNs = startNs;
        while (nowNs - endNs < 0) {
            if (nowNs - nextScanNs >= 0) {
                expire(nowNs);
                seed();
                nextScanNs = nowNs + SCAN_NS;
            }
            if (nowNs - nextSecondNs >= 0) {
                everySecond.run();
                nextSecondNs += TimeUnit.SECONDS.toNanos(1);
            }
            pollOrPause();
            nowNs = System.nanoTime();
        }
        program.stop();
        while (!isIdle()) {
            expire(System.nanoTime());
            pollOrPause();
        }
        while (pollSamples() > 0) {
            Thread.onSpinWait();
        }
        everySecond.run();
        return totals().since(before, startNs);
    }

    private void pollOrPause() {
        if (pollSamples() == 0) {
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    private int pollSamples() {
        return program.samples().poll((buffer, offset, length) -> handler.onReply(
            buffer.getInt(offset + ReflectProgram.SAMPLE_ITEM, ByteOrder.LITTLE_ENDIAN),
            buffer,
            offset + ReflectProgram.SAMPLE_TEXT,
            buffer.getInt(offset + ReflectProgram.SAMPLE_LENGTH, ByteOrder.LITTLE_ENDIAN)), SAMPLES);
    }

    private void seed() throws IOException {
        for (int slot = 0; slot < options.window(); slot++) {
            final int item = program.item(position);
            if (slots.claimIdle(slot, item, System.nanoTime())) {
                // The reply, and with it the next request, can be there before this thread goes on.
                if (!send(slot, item)) {
                    slots.unclaim(slot);
                    return;
                }
                position++;
                seeded++;
            }
        }
    }

    private boolean send(final int slot, final int item) throws IOException {
        final byte[] text = ReflectProgram.request(key.apply(item));
        request.putShort(0, slots.requestId(slot), ByteOrder.BIG_ENDIAN);
        request.putShort(2, (short) 0);
        request.putShort(4, (short) 1, ByteOrder.BIG_ENDIAN);
        request.putShort(6, (short) 0);
        request.putBytes(FRAME_HEADER_LENGTH, text);
        return seeder.send(slots.port(slot), request, FRAME_HEADER_LENGTH + text.length);
    }

    private void expire(final long nowNs) {
        for (int slot = 0; slot < options.window(); slot++) {
            if (slots.expire(slot, nowNs)) {
                lost++;
            }
        }
    }

    private boolean isIdle() {
        for (int slot = 0; slot < options.window(); slot++) {
            if (!slots.isIdle(slot)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads everything that was counted since the program was loaded. A moment old for each CPU, unless nothing is on
     * its way.
     *
     * @return sums over all CPUs
     */
    public Totals totals() {
        return new Totals(0, program.counters(), seeded, lost, program.latencies());
    }

    /**
     * Reads the answers of the measured run in each stretch of {@link ReflectOptions#WINDOW_NS} from its start.
     *
     * @return {@link ReflectOptions#windowCount()} numbers
     */
    public long[] windows() {
        final long[] answers = new long[options.windowCount()];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = program.answersInWindow(i);
        }
        return answers;
    }

    /**
     * The text of the request that is sent for a key, which is also its echo's.
     *
     * @param key of an item
     * @return {@code get KEY\r\n}
     */
    public static byte[] request(final byte[] key) {
        return ReflectProgram.request(key);
    }

    /** Takes the program off the interface. */
    @Override
    public void close() {
        program.close();
    }
}
