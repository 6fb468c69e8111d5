package dev.javelin.bench.jmh;

import dev.javelin.fastpath.InternetChecksum;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Summing a value for the UDP checksum: what each hit would cost on top if the cache did not keep the sum.
 * <p>
 * The baseline is RFC 1071's own loop, 16 bits at a time.
 */
@State(Scope.Thread)
public class InternetChecksumBenchmark {
    private static final int VALUES = 256;
    private static final int STRIDE = 1_024;

    /** Bytes of a value. */
    @Param({"32", "230", "1000"})
    public int valueLength;

    private final UnsafeBuffer values = new UnsafeBuffer(BufferUtil.allocateDirectAligned(VALUES * STRIDE, 64));
    private int next;

    /** Bytes that differ from value to value. */
    @Setup
    public void fill() {
        for (int at = 0; at < values.capacity(); at++) {
            values.putByte(at, (byte) (at * 31 >>> 3));
        }
        if (InternetChecksum.fold(sum()) != InternetChecksum.fold(sumShorts(next * STRIDE))) {
            throw new IllegalStateException("the sums differ");
        }
    }

    /**
     * Ours.
     *
     * @return partial sum
     */
    @Benchmark
    @ComparedWith("shorts")
    public long sum() {
        return InternetChecksum.sum(values, advance(), valueLength);
    }

    /**
     * The baseline.
     *
     * @return partial sum
     */
    @Benchmark
    public long shorts() {
        return sumShorts(advance());
    }

    private long sumShorts(int offset) {
        long sum = 0;
        for (int at = offset; at < offset + valueLength; at += Short.BYTES) {
            sum += values.getShort(at) & 0xffff;
        }
        return sum;
    }

    private int advance() {
        next = next + 1 & VALUES - 1;
        return next * STRIDE;
    }
}
