package dev.javelin.bench.jmh;

import dev.javelin.fastpath.RequestParser;
import java.util.stream.IntStream;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Parsing a request: all headers checked, both checksums verified, keys found. 64 frames hold different keys, at the
 * distance of UMEM chunks.
 * <p>
 * The baseline reads the text of the same requests a byte at a time and counts the spaces: the least by which the keys
 * can be found this way. What the parser adds is the trust it does not have.
 */
@State(Scope.Thread)
public class RequestParserBenchmark {
    private static final int FRAMES = Arrivals.BATCH;

    /** IP version, number of keys, bytes of each. */
    @Param({"ipv4 1x16", "ipv6 1x16", "ipv4 8x16", "ipv4 1x64", "ipv4 1x250"})
    public String request;

    private final UnsafeBuffer umem = new UnsafeBuffer(
        BufferUtil.allocateDirectAligned(FRAMES * Arrivals.CHUNK_BYTES, 4_096));
    private final RequestParser parser = new RequestParser(RequestFrame.PORT);
    private int length;
    private int textOffset;
    private int next;

    /** Writes the requests. */
    @Setup
    public void fill() {
        int ipVersion = request.charAt(3) - '0';
        int keys = request.charAt(5) - '0';
        Keys order = new Keys(FRAMES * keys, Integer.parseInt(request.substring(7)));
        textOffset = RequestFrame.textOffset(ipVersion);
        for (int i = 0; i < FRAMES; i++) {
            byte[] frame = RequestFrame.of(ipVersion,
                IntStream.range(i * keys, (i + 1) * keys).mapToObj(order::name).toArray(byte[][]::new));
            length = frame.length;
            umem.putBytes(i * Arrivals.CHUNK_BYTES, frame);
        }
        if (parse() != keys || countSpaces() != keys) {
            throw new IllegalStateException("not the keys that were asked for");
        }
    }

    /**
     * Ours.
     *
     * @return number of keys
     */
    @Benchmark
    @ComparedWith("countSpaces")
    public int parse() {
        if (parser.parse(umem, advance(), length) != RequestParser.OK) {
            throw new IllegalStateException("refused");
        }
        return parser.keyCount();
    }

    /**
     * The baseline.
     *
     * @return number of spaces
     */
    @Benchmark
    public int countSpaces() {
        int offset = advance();
        int spaces = 0;
        for (int at = offset + textOffset; at < offset + length; at++) {
            if (umem.getByte(at) == ' ') {
                spaces++;
            }
        }
        return spaces;
    }

    private int advance() {
        next = next + 1 & FRAMES - 1;
        return next * Arrivals.CHUNK_BYTES;
    }
}
