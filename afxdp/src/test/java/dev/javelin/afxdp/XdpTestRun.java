package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Runs the XDP program on one packet without a network (BPF_PROG_TEST_RUN,
 * <a href="https://docs.kernel.org/bpf/bpf_prog_run.html">bpf_prog_run.rst</a>).
 *
 * @param action   XDP_PASS, XDP_REDIRECT …
 * @param metadata what the program wrote in front of the frame; empty if nothing
 * @param frame    the frame afterwards
 */
public record XdpTestRun(int action, byte[] metadata, byte[] frame) {
    public static final int XDP_DROP = 1;
    public static final int XDP_PASS = 2;
    public static final int XDP_TX = 3;
    public static final int XDP_REDIRECT = 4;

    private static final SymbolLookup LIBRARY = NativeLinker.library("libbpf.so.1", "libbpf1");
    private static final MethodHandle RUN =
        NativeLinker.handle(LIBRARY, "bpf_prog_test_run_opts", INT, INT, LONG);

    /** struct bpf_test_run_opts, bpf.h. */
    private static final int OPTIONS_BYTES = 80;
    private static final int DATA_IN = 8;
    private static final int DATA_OUT = 16;
    private static final int DATA_SIZE_IN = 24;
    private static final int DATA_SIZE_OUT = 28;
    private static final int CONTEXT_IN = 32;
    private static final int CONTEXT_OUT = 40;
    private static final int CONTEXT_SIZE_IN = 48;
    private static final int CONTEXT_SIZE_OUT = 52;
    private static final int RETVAL = 56;
    private static final int REPEAT = 60;

    /** struct xdp_md: data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex. */
    private static final int CONTEXT_BYTES = 24;
    private static final int CONTEXT_DATA = 0;
    private static final int CONTEXT_DATA_END = 4;
    private static final int CONTEXT_DATA_META = 8;
    private static final int OUT_BYTES = 8192;

    /** As if received by queue 0 of no interface. */
    static XdpTestRun of(final XdpProgram program, final byte[] frame) {
        return of(program, frame, 1);
    }

    /** Of any loaded object. */
    public static XdpTestRun of(final BpfObject object, final byte[] frame) {
        return of(object, frame, 1);
    }

    /** Many times in a row; only for frames that the program leaves as they are. */
    static XdpTestRun of(final XdpProgram program, final byte[] frame, final int repeat) {
        return of(program.object(), frame, repeat);
    }

    private static XdpTestRun of(final BpfObject object, final byte[] frame, final int repeat) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment in = arena.allocateFrom(ValueLayout.JAVA_BYTE, frame);
            final MemorySegment out = arena.allocate(OUT_BYTES);
            final MemorySegment context = arena.allocate(CONTEXT_BYTES, Integer.BYTES);
            context.set(INT, CONTEXT_DATA_END, frame.length);
            final MemorySegment options = arena.allocate(OPTIONS_BYTES, Long.BYTES);
            options.set(LONG, 0, OPTIONS_BYTES);
            options.set(LONG, DATA_IN, in.address());
            options.set(LONG, DATA_OUT, out.address());
            options.set(INT, DATA_SIZE_IN, frame.length);
            options.set(INT, DATA_SIZE_OUT, OUT_BYTES);
            options.set(LONG, CONTEXT_IN, context.address());
            options.set(LONG, CONTEXT_OUT, context.address());
            options.set(INT, CONTEXT_SIZE_IN, CONTEXT_BYTES);
            options.set(INT, CONTEXT_SIZE_OUT, CONTEXT_BYTES);
            options.set(INT, REPEAT, repeat);
            NativeException.check("bpf_prog_test_run_opts", run(object.programFd(), options.address()));
            final byte[] all = out.asSlice(0, options.get(INT, DATA_SIZE_OUT)).toArray(ValueLayout.JAVA_BYTE);
            final int metadataBytes = context.get(INT, CONTEXT_DATA) - context.get(INT, CONTEXT_DATA_META);
            return new XdpTestRun(
                options.get(INT, RETVAL),
                Arrays.copyOf(all, metadataBytes),
                Arrays.copyOfRange(all, metadataBytes, all.length));
        }
    }

    private static int run(final int fd, final long options) {
        try {
            return (int) RUN.invokeExact(NativeLinker.captureState(), fd, options);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    ByteBuffer littleEndianMetadata() {
        return ByteBuffer.wrap(metadata).order(ByteOrder.LITTLE_ENDIAN);
    }
}
