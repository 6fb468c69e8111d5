package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueueWorkerTest {
    private static final int FRAMES = 256;
    private static final int RING = 128;
    private static final byte[] NO_METADATA = {};

    private final CacheFixture cache = new CacheFixture(256, 1 << 20);
    private KernelPlayer kernel = new KernelPlayer(FRAMES, RING);
    private final UnsafeBuffer counterBlock = new UnsafeBuffer(BufferUtil.allocateDirectAligned(512, 64));
    private final UnsafeBuffer heartbeat = new UnsafeBuffer(BufferUtil.allocateDirectAligned(64, 64));
    private final QueueCounters counters = new QueueCounters(counterBlock, 0);
    private QueueWorker worker = worker(1_500);

    private QueueWorker worker(final int mtu) {
        return new QueueWorker(0, kernel, kernel.umem, new FrameRange(0, FRAMES, KernelPlayer.FRAME_SIZE),
            new RequestParser(Frames.PORT), new ReplyBuilder(cache.cache.newReader(null), cache.hash, mtu),
            new QueueWorker.HandOff(kernel.toSlowPath, kernel.fromSlowPath), counters,
            new QueueWorker.Heartbeat(heartbeat, 0));
    }

    private void restart(final int mtu) {
        kernel.close();
        kernel = new KernelPlayer(FRAMES, RING);
        worker = worker(mtu);
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    private byte[] serve(final byte[] request) {
        worker.doWork();
        assertTrue(kernel.receive(request, NO_METADATA) >= 0);
        worker.doWork();
        final List<KernelPlayer.Packet> sent = kernel.send(9);
        assertEquals(1, sent.size(), () -> "handed back: " + kernel.handedBack(9));
        assertTrue(kernel.complete(sent.get(0).address()));
        return kernel.bytes(sent.get(0));
    }

    private HandBackReason refuse(final byte[] request) {
        worker.doWork();
        assertTrue(kernel.receive(request, NO_METADATA) >= 0);
        worker.doWork();
        final List<KernelPlayer.Packet> back = kernel.handedBack(9);
        assertEquals(1, back.size());
        assertArrayEquals(request, kernel.bytes(back.get(0)));
        assertTrue(kernel.giveBack(back.get(0).address()));
        return HandBackReason.of(back.get(0).options());
    }

    private static String text(final byte[] frame) {
        final int at = Frames.udpOffset(frame) + 16;
        return new String(frame, at, frame.length - at, StandardCharsets.ISO_8859_1);
    }

    @Test
    void shouldAnswerInTheSameFrameWhenIpv4() {
        cache.put("key", "value\0\u00ff", 7, 0, CacheEntry.NO_DEADLINE);
        final byte[] reply = serve(Frames.ipv4("get key\r\n"));
        final byte[] golden = Frames.ipv4("VALUE key 7 7\r\nvalue\0\u00ff\r\nEND\r\n");
        Frames.put(golden, 0, Frames.CLIENT_MAC);
        Frames.put(golden, 6, Frames.SERVER_MAC);
        Frames.put16(golden, 18, 0);
        Frames.put16(golden, 20, 0x4000);
        golden[22] = 64;
        golden[29] = 1;
        golden[33] = 2;
        Frames.put16(golden, 34, Frames.PORT);
        Frames.put16(golden, 36, 40_001);
        Frames.seal(golden);
        assertArrayEquals(golden, reply);
        assertEquals(1, counters.get(QueueCounter.GET_HITS));
        assertEquals(1, counters.get(QueueCounter.REPLIES_SENT));
    }

    @Test
    void shouldAnswerInTheSameFrameWhenIpv6() {
        cache.put("key", "v", 0, 0, CacheEntry.NO_DEADLINE);
        final byte[] reply = serve(Frames.ipv6("get key\r\n"));
        assertEquals("VALUE key 0 1\r\nv\r\nEND\r\n", text(reply));
        assertTrue(Frames.checksumsAreRight(reply));
        assertEquals(0x6000, Frames.get16(reply, 14));
        assertEquals(reply.length - 54, Frames.get16(reply, 18));
        assertEquals(64, reply[21]);
        assertEquals(1, reply[37]);
        assertEquals(2, reply[53]);
        assertEquals(Frames.PORT, Frames.get16(reply, 54));
    }

    @Test
    void shouldPackMultiGetIntoOneDatagramWithRightChecksumWhateverTheParity() {
        final Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            final StringBuilder request = new StringBuilder("get");
            final StringBuilder expected = new StringBuilder();
            for (int k = 0; k <= random.nextInt(6); k++) {
                final String key = "k".repeat(1 + random.nextInt(20));
                final String value = "v" + key.length() * 1_000 + "x".repeat(key.length());
                cache.put(key, value, 0, CacheEntry.NO_DEADLINE);
                request.append(' ').append(key);
                expected.append("VALUE " + key + " 0 " + value.length() + "\r\n" + value + "\r\n");
            }
            final String get = request + "\r\n";
            final byte[] reply = serve(random.nextBoolean() ? Frames.ipv4(get) : Frames.ipv6(get));
            assertEquals(expected + "END\r\n", text(reply));
            assertTrue(Frames.checksumsAreRight(reply), get);
        }
    }

    @Test
    void shouldHandBackUntouchedWhenAnyKeyCannotBeServed() {
        cache.put("a", "1");
        cache.put("old", "1", 0, 1);
        cache.put("big", "x".repeat(700));
        assertEquals(HandBackReason.NOT_CACHED, refuse(Frames.ipv4("get none\r\n")));
        assertEquals(HandBackReason.EXPIRED, refuse(Frames.ipv4("get old\r\n")));
        assertEquals(HandBackReason.MULTI_KEY_MISS, refuse(Frames.ipv4("get a none a\r\n")));
        assertEquals(HandBackReason.EXPIRED, refuse(Frames.ipv6("get a a old\r\n")));
        assertEquals(HandBackReason.REPLY_TOO_LARGE, refuse(Frames.ipv4("get a big big\r\n")));
        assertEquals(HandBackReason.MALFORMED, refuse(Frames.ipv4("gets a\r\n")));
        restart(600);
        assertEquals(HandBackReason.REPLY_TOO_LARGE, refuse(Frames.ipv4("get big\r\n")));
        assertEquals(7, counters.get(QueueCounter.HANDED_BACK));
        assertEquals(2, counters.get(QueueCounter.GET_MISSES));
        assertEquals(3, counters.get(HandBackReason.REPLY_TOO_LARGE) + counters.get(HandBackReason.MALFORMED));
        assertEquals(0, counters.get(QueueCounter.GET_HITS));
    }

    @Test
    void shouldServeExactlyUpToTheMtu() {
        cache.put("k", "x".repeat(100));
        final int packet = 28 + 8 + "VALUE k 0 100\r\n\r\nEND\r\n".length() + 100;
        restart(packet - 1);
        assertEquals(HandBackReason.REPLY_TOO_LARGE, refuse(Frames.ipv4("get k\r\n")));
        restart(packet);
        worker.doWork();
        kernel.receive(Frames.ipv4("get k\r\n"), NO_METADATA);
        worker.doWork();
        assertEquals(14 + packet, kernel.send(9).get(0).length());
    }

    @Test
    void shouldUseTheHashXdpLeftAndOnlyOnce() {
        cache.put("key", "v");
        final UnsafeBuffer key = new UnsafeBuffer(Frames.bytes("key"));
        final UnsafeBuffer metadata = new UnsafeBuffer(new byte[16]);
        metadata.putLong(0, cache.hash.hash(key, 0, 3) ^ 1L << 40);
        metadata.putShort(8, (short) 54);
        metadata.putShort(10, (short) 3);
        metadata.putInt(12, QueueWorker.METADATA_MAGIC);
        worker.doWork();
        final long address = kernel.receive(Frames.ipv4("get key\r\n"), metadata.byteArray());
        worker.doWork();
        assertEquals(1, kernel.handedBack(9).size(), "a wrong hash finds nothing: so it was used");
        assertNotEquals(QueueWorker.METADATA_MAGIC, kernel.umem.getInt((int) address - 4));
        metadata.putShort(8, (short) 53);
        kernel.receive(Frames.ipv4("get key\r\n"), metadata.byteArray());
        worker.doWork();
        assertEquals(1, kernel.send(9).size(), "metadata of another key is not used");
    }

    @Test
    void shouldWithholdTheHeartbeatWhenFramesRunShortOrCannotMoveOn() {
        worker.doWork();
        worker.doWork();
        worker.doWork();
        assertNotEquals(0, heartbeat.getLong(0));
        for (int i = 0; i < RING; i++) {
            assertTrue(kernel.receive(Frames.ipv4("get key\r\n"), NO_METADATA) >= 0);
        }
        for (int i = 0; i < 4; i++) {
            worker.doWork();
        }
        while (kernel.receive(Frames.ipv4("get key\r\n"), NO_METADATA) >= 0) {
            worker.doWork();
        }
        for (int i = 0; i < 10; i++) {
            worker.doWork();
        }
        assertEquals(0, heartbeat.getLong(0));
        assertTrue(counters.get(QueueCounter.STALLS) > 0);
        kernel.handedBack(RING).forEach(packet -> kernel.giveBack(packet.address()));
        for (int i = 0; i < 10; i++) {
            worker.doWork();
            kernel.handedBack(RING).forEach(packet -> kernel.giveBack(packet.address()));
        }
        assertTrue(System.nanoTime() - heartbeat.getLong(0) < 10_000_000_000L);
        worker.onClose();
        assertEquals(0, heartbeat.getLong(0));
    }

    @Test
    void shouldNeverLoseOrDoubleAFrameUnderRandomTraffic() {
        final Random random = new Random(1);
        for (int i = 0; i < 20; i++) {
            cache.put("key" + i, "x".repeat(i * 60));
        }
        final ArrayDeque<Long> inKernel = new ArrayDeque<>();
        final ArrayDeque<Long> inSlowPath = new ArrayDeque<>();
        for (int i = 0; i < 60_000; i++) {
            for (int n = random.nextInt(8); n > 0; n--) {
                kernel.receive(traffic(random), NO_METADATA);
            }
            worker.doWork();
            if (random.nextInt(300) != 0) {
                kernel.send(random.nextInt(10)).forEach(packet -> inKernel.add(packet.address()));
                kernel.handedBack(random.nextInt(10)).forEach(packet -> inSlowPath.add(packet.address()));
            }
            for (int n = random.nextInt(10); n > 0 && !inKernel.isEmpty(); n--) {
                assertTrue(kernel.complete(inKernel.poll()));
            }
            for (int n = random.nextInt(10); n > 0 && !inSlowPath.isEmpty(); n--) {
                assertTrue(kernel.giveBack(inSlowPath.poll()));
            }
        }
        assertTrue(counters.get(QueueCounter.REPLIES_SENT) > 10_000);
        assertTrue(counters.get(QueueCounter.HANDED_BACK) > 10_000);
        settle(inKernel, inSlowPath);
        assertMissing(0, 0);
        assertAllFramesThereOnce();
    }

    @Test
    void shouldTakeMissingFramesForTheDriversUpToWhatItsRingsHold() {
        kernel.driverFrames = 64;
        worker.doWork();
        worker.doWork();
        kernel.takeIntoDriver(64);
        assertMissing(64, 0);
        kernel.takeIntoDriver(6);
        assertMissing(64, 6);
    }

    @Test
    void shouldMissFramesAtOnceWhenThereIsNoDriverToHoldThem() {
        worker.doWork();
        kernel.takeIntoDriver(1);
        assertMissing(0, 1);
    }

    @Test
    void shouldCountFrameThatIsThereTwiceWhateverTheDriverHolds() {
        kernel.driverFrames = 64;
        worker.doWork();
        kernel.takeIntoDriver(1);
        assertTrue(kernel.complete(0) && kernel.complete(0));
        assertMissing(0, -1);
    }

    /** The worker looks once in a second without work. */
    private void assertMissing(final int inDriver, final int lost) {
        counters.set(QueueCounter.FRAMES_LOST, Long.MIN_VALUE);
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (counters.get(QueueCounter.FRAMES_LOST) == Long.MIN_VALUE && System.nanoTime() < deadlineNs) {
            worker.doWork();
            LockSupport.parkNanos(1_000_000);
        }
        assertEquals(inDriver, counters.get(QueueCounter.FRAMES_IN_DRIVER));
        assertEquals(lost, counters.get(QueueCounter.FRAMES_LOST));
    }

    private void settle(final ArrayDeque<Long> inKernel, final ArrayDeque<Long> inSlowPath) {
        for (int i = 0; i < 100; i++) {
            kernel.send(RING).forEach(packet -> inKernel.add(packet.address()));
            kernel.handedBack(RING).forEach(packet -> inSlowPath.add(packet.address()));
            while (!inKernel.isEmpty() && kernel.complete(inKernel.peek())) {
                inKernel.poll();
            }
            while (!inSlowPath.isEmpty() && kernel.giveBack(inSlowPath.peek())) {
                inSlowPath.poll();
            }
            worker.doWork();
        }
    }

    /** Receives with every frame there is: each address must come up exactly once. */
    private void assertAllFramesThereOnce() {
        final Set<Long> seen = new HashSet<>();
        for (int i = 0; i < FRAMES; i++) {
            worker.doWork();
            final long address = kernel.receive(Frames.ipv4("get none\r\n"), NO_METADATA);
            assertTrue(address >= 0, "only " + i + " frames left");
            assertTrue(seen.add(address / KernelPlayer.FRAME_SIZE), "twice: " + address);
            worker.doWork();
            kernel.handedBack(RING);
        }
        worker.doWork();
        assertEquals(-1, kernel.receive(Frames.ipv4("get none\r\n"), NO_METADATA));
    }

    private static byte[] traffic(final Random random) {
        final byte[] frame = switch (random.nextInt(4)) {
            case 0 -> Frames.ipv4("get none\r\n");
            case 1 -> Frames.ipv4("get key" + random.nextInt(25) + " key" + random.nextInt(25) + "\r\n");
            case 2 -> Frames.ipv6("get key" + random.nextInt(25) + "\r\n");
            default -> Frames.ipv4("get key" + random.nextInt(20) + "\r\n");
        };
        return random.nextInt(10) == 0 ? Arrays.copyOf(frame, random.nextInt(frame.length)) : frame;
    }
}
