package dev.javelin.bench.reflect;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.BpfObject;
import dev.javelin.afxdp.BpfRing;
import dev.javelin.afxdp.Ethtool;
import dev.javelin.fastpath.InternetChecksum;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The XDP program xdp_reflect.bpf.c and its maps, whose layout is known here alone. One thread.
 */
final class ReflectProgram implements AutoCloseable {
    /** Items in the table that is walked; a power of two. Its draws are as many as a run of a second or so makes. */
    static final int ORDER = 1 << 20;

    /** Offset of the item, u32, in a sample. */
    static final int SAMPLE_ITEM = 0;
    /** Offset of the text's length, u32, in a sample. */
    static final int SAMPLE_LENGTH = 4;
    /** Offset of the text in a sample. */
    static final int SAMPLE_TEXT = 8;

    private static final int CONFIG_BYTES = 56;
    private static final int ADDRESS_BYTES = 16;
    private static final int KEY_BYTES = 264;
    private static final int KEY_LENGTH_OFFSET = 4;
    private static final int KEY_TEXT_OFFSET = 8;
    private static final int SAMPLE_RING_BYTES = 4 * 1024 * 1024;
    private static final int START_OFFSET = 0;
    private static final int STOP_OFFSET = 8;
    private static final int CONTROL_BYTES = 16;

    private final BpfObject object;
    private final Slots slots;
    private final UnsafeBuffer order;
    private final UnsafeBuffer control;
    private final BpfRing samples;

    private ReflectProgram(final BpfObject object, final ReflectOptions options) {
        this.object = object;
        slots = new Slots(object.map("slots", (long) Slots.BYTES << options.slotBits()), options);
        order = object.map("order", (long) ORDER * Integer.BYTES);
        control = object.map("control", CONTROL_BYTES);
        samples = object.ring("samples", SAMPLE_RING_BYTES);
    }

    /**
     * Loads the program and fills its tables; nothing is attached yet.
     *
     * @param options what to do
     * @param items   number of items
     * @param key     of an item
     * @param sampler draws the items in the order in which they will be asked for
     */
    static ReflectProgram load(
        final ReflectOptions options, final int items, final IntFunction<byte[]> key, final IntSupplier sampler) {
        final BpfObject object = BpfObject.open(ReflectProgram.class, "xdp_reflect.bpf.o");
        try {
            object.constants(config(options))
                .resize("slots", 1 << options.slotBits())
                .resize("keys", items)
                .resize("order", ORDER / 2)
                .resize("windows", options.windowCount())
                .load("xdp_reflect");
            final ReflectProgram program = new ReflectProgram(object, options);
            program.fillKeys(items, key);
            for (int i = 0; i < ORDER; i++) {
                program.order.putInt(i * Integer.BYTES, sampler.getAsInt());
            }
            return program;
        } catch (final RuntimeException e) {
            object.close();
            throw e;
        }
    }

    private static byte[] config(final ReflectOptions options) {
        final byte[] address = options.server().getAddress().getAddress();
        return ByteBuffer.allocate(CONFIG_BYTES)
            .put(address)
            .position(ADDRESS_BYTES)
            .putShort((short) options.server().getPort())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) options.firstPort())
            .putShort((short) options.portCount())
            .put(flag(options.server().getAddress() instanceof Inet6Address))
            .put(flag(options.isEcho()))
            .putInt(options.slotBits())
            .putInt(ORDER - 1)
            .putInt(options.verifyEvery())
            .putInt(flag(Ethtool.driver(options.interfaceName()).equals(EchoServer.VETH)))
            .putLong(ReflectOptions.WINDOW_NS)
            .putInt(options.windowCount())
            .array();
    }

    private static byte flag(final boolean isSet) {
        return (byte) (isSet ? 1 : 0);
    }

    private void fillKeys(final int items, final IntFunction<byte[]> key) {
        final UnsafeBuffer keys = object.map("keys", (long) items * KEY_BYTES);
        for (int item = 0; item < items; item++) {
            final byte[] text = request(key.apply(item));
            final int at = item * KEY_BYTES;
            keys.putBytes(at + KEY_TEXT_OFFSET, text);
            keys.putInt(at + KEY_LENGTH_OFFSET, text.length);
            keys.putInt(at, InternetChecksum.fold(InternetChecksum.sum(keys, at + KEY_TEXT_OFFSET, text.length)));
        }
    }

    /** The text of a request for one key. */
    static byte[] request(final byte[] key) {
        return ("get " + new String(key, StandardCharsets.ISO_8859_1) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    void attach(final String interfaceName) {
        object.attach(interfaceName, AttachMode.AUTO);
    }

    Slots slots() {
        return slots;
    }

    BpfRing samples() {
        return samples;
    }

    int item(final int position) {
        return order.getInt((position & ORDER - 1) * Integer.BYTES);
    }

    /** Lets replies become requests from now on; answers count for windows from that time on. */
    void start(final long startNs) {
        control.putLong(START_OFFSET, startNs);
        control.putLongVolatile(STOP_OFFSET, 0);
    }

    /** Lets replies end in XDP from now on. */
    void stop() {
        control.putLongVolatile(STOP_OFFSET, 1);
    }

    /** Reads the counters, at {@link ReflectCounter}'s ordinals. */
    long[] counters() {
        return read("counters", 0, ReflectCounter.COUNT);
    }

    /** Reads the counts of {@link LatencyBuckets}. */
    long[] latencies() {
        return read("latencies", 0, LatencyBuckets.COUNT);
    }

    long answersInWindow(final int window) {
        return read("windows", window, 1)[0];
    }

    private long[] read(final String map, final int key, final int fields) {
        final long[] values = new long[fields];
        object.readPerCpu(map, key, values, fields);
        return values;
    }

    void detach() {
        object.detach();
    }

    @Override
    public void close() {
        object.close();
    }
}
