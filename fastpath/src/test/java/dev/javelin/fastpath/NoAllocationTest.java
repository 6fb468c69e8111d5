package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.ringbuffers.RxRing;
import java.lang.management.ManagementFactory;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * The steady loop must not allocate: hits, multi-gets, IPv6 and hand-backs alike.
 */
class NoAllocationTest {
    private static final byte[] NO_METADATA = {};
    private static final int MAX_ROUNDS = 10;
    private static final int REQUESTS_PER_ROUND = 20_000;
    private static final byte[][] REQUESTS = {Frames.ipv4("get key\r\n"), Frames.ipv6("get key\r\n"),
        Frames.ipv4("get key key key\r\n"), Frames.ipv4("get none\r\n"), Frames.ipv4("gets key\r\n")};

    @Test
    void shouldAllocateNothingInTheSteadyLoop() {
        final CacheFixture cache = new CacheFixture(64, 1 << 20);
        cache.put("key", "value");
        try (KernelPlayer kernel = new KernelPlayer(64, 64)) {
            final QueueCounters counters = new QueueCounters(new UnsafeBuffer(new byte[512]), 0);
            final QueueWorker worker = new QueueWorker(0, kernel, kernel.umem,
                new FrameRange(0, 64, KernelPlayer.FRAME_SIZE), new RequestParser(Frames.PORT),
                new ReplyBuilder(cache.cache.newReader(null), cache.hash, 1_500),
                new QueueWorker.HandOff(kernel.toSlowPath, kernel.fromSlowPath), counters,
                new QueueWorker.Heartbeat(new UnsafeBuffer(BufferUtil.allocateDirectAligned(64, 64)), 0));
            final long before = allocatedBytes();
            final long nothing = allocatedBytes() - before;
            // The JVM itself allocates a few bytes on this thread now and then, when it links or compiles something. A
            // loop that allocates does so in every round.
            long least = Long.MAX_VALUE;
            int rounds = 0;
            while (least != 0 && rounds++ < MAX_ROUNDS) {
                final long start = allocatedBytes();
                run(kernel, worker, REQUESTS_PER_ROUND);
                least = Math.min(least, allocatedBytes() - start - nothing);
            }
            assertEquals(0, least);
            assertTrue(counters.get(QueueCounter.REPLIES_SENT) >= rounds * 11_500L);
            assertTrue(counters.get(QueueCounter.HANDED_BACK) >= rounds * 7_500L);
        }
    }

    private static void run(final KernelPlayer kernel, final QueueWorker worker, final int requests) {
        for (int i = 0; i < requests; i++) {
            kernel.receive(REQUESTS[i % REQUESTS.length], NO_METADATA);
            worker.doWork();
            kernel.completeAll();
            final RxRing back = kernel.toSlowPath.consumer();
            for (int n = back.peek(8); n > 0; n = back.peek(8)) {
                for (int k = 0; k < n; k++) {
                    kernel.giveBack(back.address(k));
                }
                back.release(n);
            }
        }
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
