package dev.javelin.bench.jmh;

import dev.javelin.fastpath.ReplyBuilder;
import dev.javelin.fastpath.RequestParser;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Turning a parsed request into its reply: the request's text is saved, the value found and copied (256 keys of 16
 * bytes, with the comparison of the write table's words), headers turned round, both checksums made.
 * <p>
 * The baseline copies the whole finished reply into the frame from a table whose places are known beforehand: the least
 * that a reply can cost. Both begin with the arrival of the request in the frame.
 */
@State(Scope.Thread)
public class ReplyBuilderBenchmark {
    private static final int KEYS = 256;
    private static final int KEY_BYTES = 16;
    private static final int MTU = 1_500;

    /** Bytes of a value. */
    @Param({"32", "230", "1000"})
    public int valueLength;

    /** IP version. */
    @Param({"4", "6"})
    public int ip;

    private final RequestParser parser = new RequestParser(RequestFrame.PORT);
    private CachedItems items;
    private Arrivals arrivals;
    private ReplyBuilder builder;
    private UnsafeBuffer replies;
    private int replyLength;

    /** Fills the cache and the table. */
    @Setup
    public void fill() {
        Keys keys = new Keys(KEYS, KEY_BYTES);
        items = new CachedItems(keys, valueLength);
        arrivals = new Arrivals(keys, ip, 1);
        arrivals.receive();
        if (parser.parse(arrivals.umem, arrivals.offset(), arrivals.length) != RequestParser.OK) {
            throw new IllegalStateException("refused");
        }
        builder = new ReplyBuilder(items.witnessedReader(), items.keyHash, MTU);
        replies = new UnsafeBuffer(BufferUtil.allocateDirectAligned(KEYS * Arrivals.CHUNK_BYTES, 64));
        for (int i = 0; i < KEYS; i++) {
            replyLength = build();
            replies.putBytes(arrivals.request() * Arrivals.CHUNK_BYTES, arrivals.umem, arrivals.offset(), replyLength);
        }
    }

    /** Gives the memory back. */
    @TearDown
    public void free() {
        items.close();
    }

    /**
     * Ours. All requests have their key in the same place of the same chunk, so the parser need not be asked again.
     *
     * @return length of the reply
     */
    @Benchmark
    @ComparedWith("copyReply")
    public int build() {
        arrivals.receive();
        if (builder.build(parser, arrivals.umem, arrivals.offset(), arrivals.chunkEnd(),
            items.hashes[arrivals.request()], CachedItems.NOW_NS) != RequestParser.OK) {
            throw new IllegalStateException("no reply");
        }
        return builder.replyLength();
    }

    /**
     * The baseline.
     *
     * @return length of the reply
     */
    @Benchmark
    public int copyReply() {
        arrivals.receive();
        arrivals.umem.putBytes(arrivals.offset(), replies, arrivals.request() * Arrivals.CHUNK_BYTES, replyLength);
        return replyLength;
    }
}
