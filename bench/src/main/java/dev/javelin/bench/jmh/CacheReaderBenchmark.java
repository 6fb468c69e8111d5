package dev.javelin.bench.jmh;

import dev.javelin.fastpath.CacheReader;
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
 * Finding a key in the cache and copying its value of 32 bytes. The keys themselves are read one after the other from
 * memory, as they would come out of frames; their hashes are there already, as XDP leaves them.
 * <p>
 * {@code copyBlock}, the baseline of hits, copies the same blocks in the same random order from a table whose places
 * are known beforehand: what the index, the comparison of the key and the checks add is the rest. {@code nothing}, the
 * baseline of a miss, gets the same arguments and looks nothing up.
 */
@State(Scope.Thread)
public class CacheReaderBenchmark {
    private static final int VALUE_BYTES = 32;
    private static final long OTHER_KEY = 0x0001_0000_0000_0001L;

    /** How many keys are asked for; 256 stay in the core's own caches, 131,072 do not. */
    @Param({"256", "131072"})
    public int keys;

    /** Bytes of a key. */
    @Param({"16", "250"})
    public int keyLength;

    private final UnsafeBuffer to = new UnsafeBuffer(BufferUtil.allocateDirectAligned(2_048, 64));
    private CachedItems items;
    private UnsafeBuffer names;
    private CacheReader reader;
    private CacheReader witnessedReader;
    private UnsafeBuffer blocks;
    private int[] places;
    private int blockLength;
    private int next;

    /** Fills the cache and the table. */
    @Setup
    public void fill() {
        Keys order = new Keys(keys, keyLength);
        items = new CachedItems(order, VALUE_BYTES);
        reader = items.reader();
        witnessedReader = items.witnessedReader();
        names = new UnsafeBuffer(BufferUtil.allocateDirectAligned(keys * keyLength, 64));
        for (int i = 0; i < keys; i++) {
            names.putBytes(i * keyLength, order.name(i));
        }
        blockLength = hit();
        int stride = blockLength + 63 & -64;
        blocks = new UnsafeBuffer(BufferUtil.allocateDirectAligned(keys * stride, 64));
        places = new int[keys];
        for (int i = 0; i < keys; i++) {
            places[i] = order.number(i) * stride;
            blocks.putBytes(places[i], to, 0, blockLength);
        }
    }

    /** Gives the memory back. */
    @TearDown
    public void free() {
        items.close();
    }

    /**
     * The key is there.
     *
     * @return length of the block
     */
    @Benchmark
    @ComparedWith("copyBlock")
    public int hit() {
        return lookUp(reader);
    }

    /**
     * The same, and the entry's words are compared with the write table's.
     *
     * @return length of the block
     */
    @Benchmark
    @ComparedWith("copyBlock")
    public int hitWitnessed() {
        return lookUp(witnessedReader);
    }

    /**
     * Another key of the bucket next to that of a key that is there.
     *
     * @return the code for "not cached"
     */
    @Benchmark
    @ComparedWith("nothing")
    public int miss() {
        int i = advance();
        int code = reader.copy(items.hashes[i] + OTHER_KEY, names, i * keyLength, keyLength, CachedItems.NOW_NS, to, 0,
            ValueCache.MAX_REPLY_TEXT);
        if (code >= 0) {
            throw new IllegalStateException("a hit");
        }
        return code;
    }

    /**
     * The baseline of a hit.
     *
     * @return length of the block
     */
    @Benchmark
    public int copyBlock() {
        to.putBytes(0, blocks, places[advance()], blockLength);
        return blockLength;
    }

    /**
     * The baseline of a miss.
     *
     * @return the hash
     */
    @Benchmark
    public long nothing() {
        return items.hashes[advance()] + OTHER_KEY;
    }

    private int lookUp(CacheReader from) {
        int i = advance();
        int length = from.copy(items.hashes[i], names, i * keyLength, keyLength, CachedItems.NOW_NS, to, 0,
            ValueCache.MAX_REPLY_TEXT);
        if (length < 0) {
            throw new IllegalStateException("no hit");
        }
        return length;
    }

    private int advance() {
        next = next + 1 & keys - 1;
        return next;
    }
}
