package dev.javelin.bench.jmh;

import dev.javelin.fastpath.CacheReader;
import dev.javelin.fastpath.ReplyBuilder;
import dev.javelin.fastpath.RequestParser;
import dev.javelin.fastpath.ValueCache;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * All that a worker does in user space for one hit (key of 16 bytes, value of 32, IPv4), and how it adds up: each
 * method does what the one before does and a step more. What a step costs is the difference, which is less than the
 * step alone would cost: the processor works on the end of one step and the start of the next at once.
 * <p>
 * The baseline is the arrival: the request is copied into the next frame, as the kernel does in copy mode. It belongs
 * to no worker's time; subtract it.
 */
@State(Scope.Thread)
public class HitPathBenchmark {
    private static final int KEY_BYTES = 16;
    private static final int VALUE_BYTES = 32;
    private static final int MTU = 1_500;

    /** How many keys are asked for; 256 stay in the core's own caches, 16,384 do not. */
    @Param({"256", "16384"})
    public int keys;

    private final RequestParser parser = new RequestParser(RequestFrame.PORT);
    private final UnsafeBuffer scratch = new UnsafeBuffer(BufferUtil.allocateDirectAligned(2_048, 64));
    private CachedItems items;
    private Arrivals arrivals;

    /** What keeps a hit from being stale. */
    @State(Scope.Thread)
    public static class Coherence {
        /** As the product's option {@code javelin.coherence}. */
        @Param({"max-age", "write-table"})
        public String coherence;

        private CacheReader reader;
        private ReplyBuilder builder;

        /**
         * A worker's own view of the cache.
         *
         * @param path filled before
         */
        @Setup
        public void open(HitPathBenchmark path) {
            boolean isWitnessed = coherence.equals("write-table");
            reader = isWitnessed ? path.items.witnessedReader() : path.items.reader();
            builder = new ReplyBuilder(reader, path.items.keyHash, MTU);
        }
    }

    /** Fills the cache. */
    @Setup
    public void fill() {
        Keys names = new Keys(keys, KEY_BYTES);
        items = new CachedItems(names, VALUE_BYTES);
        arrivals = new Arrivals(names, 4, Arrivals.BATCH);
    }

    /** Gives the memory back. */
    @TearDown
    public void free() {
        items.close();
    }

    /**
     * The baseline: a request arrives.
     *
     * @return where
     */
    @Benchmark
    public int receive() {
        arrivals.receive();
        return arrivals.offset();
    }

    /**
     * It is parsed: every length and both checksums are checked, and its key found.
     *
     * @return length of the key
     */
    @Benchmark
    @ComparedWith("receive")
    public int parse() {
        arrivals.receive();
        require(parser.parse(arrivals.umem, arrivals.offset(), arrivals.length) == RequestParser.OK);
        return parser.keyLength(0);
    }

    /**
     * The key is looked up, and its value copied to some other place.
     *
     * @param with the reader
     * @return length of the block
     */
    @Benchmark
    @ComparedWith("receive")
    public int lookUp(Coherence with) {
        arrivals.receive();
        require(parser.parse(arrivals.umem, arrivals.offset(), arrivals.length) == RequestParser.OK);
        int block = with.reader.copy(items.hashes[arrivals.request()], arrivals.umem,
            parser.textOffset() + parser.keyOffset(0), parser.keyLength(0), CachedItems.NOW_NS, scratch, 0,
            ValueCache.MAX_REPLY_TEXT);
        require(block > 0);
        return block;
    }

    /**
     * All of it: the frame becomes the reply.
     *
     * @param with the builder
     * @return length of the reply
     */
    @Benchmark
    @ComparedWith("receive")
    public int hit(Coherence with) {
        arrivals.receive();
        require(parser.parse(arrivals.umem, arrivals.offset(), arrivals.length) == RequestParser.OK);
        require(with.builder.build(parser, arrivals.umem, arrivals.offset(), arrivals.chunkEnd(),
            items.hashes[arrivals.request()], CachedItems.NOW_NS) == RequestParser.OK);
        return with.builder.replyLength();
    }

    private static void require(boolean isHit) {
        if (!isHit) {
            throw new IllegalStateException("no hit");
        }
    }
}
