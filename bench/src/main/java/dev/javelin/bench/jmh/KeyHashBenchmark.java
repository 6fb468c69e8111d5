package dev.javelin.bench.jmh;

import dev.javelin.fastpath.KeyHash;
import java.nio.ByteOrder;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Hashing a key, as the worker does where XDP has not left the hash, for 256 keys in random order.
 * <p>
 * The baseline only adds up the key's bytes eight at a time: the least that reading a key costs, and what the
 * multiplications and the finaliser come on top of. {@code fnv1a}, a byte at a time, is the hash that BMC uses.
 */
@State(Scope.Thread)
public class KeyHashBenchmark {
    private static final int KEYS = 256;
    private static final int FNV_OFFSET_BASIS = 0x811c_9dc5;
    private static final int FNV_PRIME = 0x0100_0193;

    /** Bytes of a key. */
    @Param({"16", "64", "250"})
    public int keyLength;

    private final KeyHash keyHash = new KeyHash(3);
    private UnsafeBuffer names;
    private int next;

    /** Writes the keys, each at the start of a cache line as far as its length allows. */
    @Setup
    public void fill() {
        Keys order = new Keys(KEYS, keyLength);
        names = new UnsafeBuffer(BufferUtil.allocateDirectAligned(KEYS * 256, 64));
        for (int i = 0; i < KEYS; i++) {
            names.putBytes(i * 256, order.name(i));
        }
    }

    /**
     * Ours.
     *
     * @return the hash
     */
    @Benchmark
    @ComparedWith("addWords")
    public long hash() {
        return keyHash.hash(names, advance(), keyLength);
    }

    /**
     * A byte at a time.
     *
     * @return the hash
     */
    @Benchmark
    @ComparedWith("addWords")
    public int fnv1a() {
        int offset = advance();
        int hash = FNV_OFFSET_BASIS;
        for (int i = offset; i < offset + keyLength; i++) {
            hash = (hash ^ names.getByte(i) & 0xff) * FNV_PRIME;
        }
        return hash;
    }

    /**
     * The baseline.
     *
     * @return the sum; bytes of the last, partial word count twice
     */
    @Benchmark
    public long addWords() {
        int offset = advance();
        int last = offset + keyLength - Long.BYTES;
        long sum = names.getLong(last, ByteOrder.LITTLE_ENDIAN);
        for (int at = offset; at < last; at += Long.BYTES) {
            sum += names.getLong(at, ByteOrder.LITTLE_ENDIAN);
        }
        return sum;
    }

    private int advance() {
        next = next + 1 & KEYS - 1;
        return next * 256;
    }
}
