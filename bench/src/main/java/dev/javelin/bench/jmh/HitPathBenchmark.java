package dev.javelin.bench.jmh;

import dev.javelin.afxdp.HugePages;
import dev.javelin.fastpath.CacheEntry;
import dev.javelin.fastpath.CurrentWriteTable;
import dev.javelin.fastpath.KeyHash;
import dev.javelin.fastpath.ReplyBuilder;
import dev.javelin.fastpath.RequestParser;
import dev.javelin.fastpath.ValueCache;
import dev.javelin.fastpath.WriteTable;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * All that a worker does in user space for one hit: parse the request, find the value, build the reply in the request's
 * frame. With {@code write-table} the entry's words are compared besides. Keys come in random order, so that index,
 * record and slot are where a real load finds them; {@link #receiveOnly} is the baseline, the frame's arrival.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class HitPathBenchmark {
    private static final int CACHE_BYTES = 64 << 20;
    private static final int FRAME_BYTES = 2_048;
    private static final int VALUE_BYTES = 32;

    /** How many keys are asked for; 256 stay in the core's own caches, 16,384 do not. */
    @Param({"256", "16384"})
    public int keys;

    /** What keeps a hit from being stale. */
    @Param({"max-age", "write-table"})
    public String coherence;

    private final UnsafeBuffer frames = new UnsafeBuffer(BufferUtil.allocateDirectAligned(FRAME_BYTES, 64));
    private final RequestParser parser = new RequestParser(RequestFrame.PORT);
    private byte[][] requests;
    private long[] hashes;
    private HugePages memory;
    private ReplyBuilder builder;
    private int next;

    /** Fills the cache under a table that nobody changes. */
    @Setup
    public void fill() {
        memory = HugePages.allocate(CACHE_BYTES);
        UnsafeBuffer tags = new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(16 * ValueCache.bucketsFor(CACHE_BYTES), 64));
        ValueCache cache = new ValueCache(memory.address(), memory.bytes(), tags);
        WriteTable table = QuietWriteTable.create();
        CurrentWriteTable current = new CurrentWriteTable();
        current.set(table);
        KeyHash keyHash = new KeyHash(3);
        builder = new ReplyBuilder(cache.newReader(coherence.equals("max-age") ? null : current), keyHash, 1_500);
        UnsafeBuffer value = new UnsafeBuffer(new byte[VALUE_BYTES]);
        CacheEntry entry = new CacheEntry();
        requests = new byte[keys][];
        hashes = new long[keys];
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < keys; i++) {
            String name = "key%013d".formatted(random.nextInt(keys));
            UnsafeBuffer key = new UnsafeBuffer(name.getBytes(StandardCharsets.US_ASCII));
            int slot = table.slot(key, 0, key.capacity());
            hashes[i] = keyHash.hash(key, 0, key.capacity());
            requests[i] = RequestFrame.of("get " + name + "\r\n");
            cache.put(entry.key(hashes[i], key, 0, key.capacity()).value(value, 0, VALUE_BYTES, 0, 1)
                .lifetime(0, CacheEntry.NO_DEADLINE)
                .words(slot, table.slotWord(slot), table.globalWord(), 1, WriteTable.NO_DEADLINE_TICK));
        }
    }

    /** Gives the memory back. */
    @TearDown
    public void free() {
        memory.close();
    }

    /** The baseline: a request arrives. */
    @Benchmark
    public int receiveOnly() {
        return receive();
    }

    /** A request arrives and becomes its reply; throws if it does not. */
    @Benchmark
    public int hit() {
        int length = receive();
        long hash = hashes[next];
        if (parser.parse(frames, 0, length) != RequestParser.OK
            || builder.build(parser, frames, 0, FRAME_BYTES, hash, 1) != RequestParser.OK) {
            throw new IllegalStateException("no hit");
        }
        return builder.replyLength();
    }

    private int receive() {
        next = next + 1 & keys - 1;
        byte[] request = requests[next];
        frames.putBytes(0, request);
        return request.length;
    }
}
