package dev.javelin.bench.jmh;

import dev.javelin.fastpath.CacheEntry;
import dev.javelin.fastpath.CacheReader;
import dev.javelin.fastpath.CurrentWriteTable;
import dev.javelin.fastpath.InternetChecksum;
import dev.javelin.fastpath.KeyHash;
import dev.javelin.fastpath.RequestParser;
import dev.javelin.fastpath.ValueCache;
import dev.javelin.fastpath.WriteTable;
import java.nio.charset.StandardCharsets;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * The single steps of a hit, for one key that stays in the core's own caches: what remains when memory is not waited
 * for.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class StepsBenchmark {
    private static final int CACHE_BYTES = 1 << 20;
    private static final int VALUE_BYTES = 32;

    /** Bytes of the key. */
    @Param({"16", "250"})
    public int keyLength;

    private final UnsafeBuffer memory = new UnsafeBuffer(BufferUtil.allocateDirectAligned(CACHE_BYTES, 64));
    private final UnsafeBuffer tags = new UnsafeBuffer(
        BufferUtil.allocateDirectAligned(16 * ValueCache.bucketsFor(CACHE_BYTES), 64));
    private final UnsafeBuffer frame = new UnsafeBuffer(BufferUtil.allocateDirectAligned(2_048, 64));
    private final UnsafeBuffer to = new UnsafeBuffer(BufferUtil.allocateDirectAligned(2_048, 64));
    private final RequestParser parser = new RequestParser(RequestFrame.PORT);
    private final KeyHash keyHash = new KeyHash(3);
    private CacheReader reader;
    private CacheReader witnessedReader;
    private UnsafeBuffer key;
    private long hash;
    private int frameLength;

    /** One entry, and one request for it. */
    @Setup
    public void fill() {
        ValueCache cache = new ValueCache(memory.addressOffset(), CACHE_BYTES, tags);
        WriteTable table = QuietWriteTable.create();
        CurrentWriteTable current = new CurrentWriteTable();
        current.set(table);
        reader = cache.newReader(null);
        witnessedReader = cache.newReader(current);
        String name = "k".repeat(keyLength);
        key = new UnsafeBuffer(BufferUtil.allocateDirectAligned(256, 64));
        key.putBytes(0, name.getBytes(StandardCharsets.US_ASCII));
        hash = keyHash.hash(key, 0, keyLength);
        cache.put(new CacheEntry().key(hash, key, 0, keyLength)
            .value(new UnsafeBuffer(new byte[VALUE_BYTES]), 0, VALUE_BYTES, 0, 1).lifetime(0, CacheEntry.NO_DEADLINE)
            .words(table.slot(key, 0, keyLength), 0, 0, table.instance(), WriteTable.NO_DEADLINE_TICK));
        byte[] request = RequestFrame.of("get " + name + "\r\n");
        frameLength = request.length;
        frame.putBytes(0, request);
    }

    /** Checks every length and both checksums, and finds the key. */
    @Benchmark
    public int parse() {
        return parser.parse(frame, 0, frameLength);
    }

    /** Hashes the key, as is done where XDP has not left the hash. */
    @Benchmark
    public long hash() {
        return keyHash.hash(key, 0, keyLength);
    }

    /** Finds the key's value and copies it. */
    @Benchmark
    public int lookUpHit() {
        return reader.copy(hash, key, 0, keyLength, 1, to, 0, 1_392);
    }

    /** The same, and compares the words of the write table. */
    @Benchmark
    public int lookUpHitWitnessed() {
        return witnessedReader.copy(hash, key, 0, keyLength, 1, to, 0, 1_392);
    }

    /** Finds nothing under a hash of another bucket. */
    @Benchmark
    public int lookUpMiss() {
        return reader.copy(hash + 1, key, 0, keyLength, 1, to, 0, 1_392);
    }

    /** Sums a reply of 1,400 bytes, which the cache does once per fill instead of once per hit. */
    @Benchmark
    public long checksum() {
        return InternetChecksum.sum(to, 0, 1_400);
    }

    /** The baseline: the call and one load. */
    @Benchmark
    public long baseline() {
        return key.getLong(0);
    }
}
