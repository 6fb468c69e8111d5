package dev.javelin.afxdp;

import static dev.javelin.afxdp.Packet.ETHERNET;
import static dev.javelin.afxdp.Packet.IPV4;
import static dev.javelin.afxdp.Packet.IPV6;
import static dev.javelin.afxdp.Packet.UDP;
import static dev.javelin.afxdp.Packet.changed;
import static dev.javelin.afxdp.Packet.concat;
import static dev.javelin.afxdp.XdpTestRun.XDP_PASS;
import static dev.javelin.afxdp.XdpTestRun.XDP_REDIRECT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decision of the XDP program, packet by packet: every frame that is not exactly right is the kernel's. */
@RequiresRoot
@Timeout(120)
class SteeringTest {
    private static final byte[] KEY = Lab.bytes("k1");
    private static final int IPV4_PAYLOAD = ETHERNET + IPV4 + UDP;

    private static Lab lab;
    private static byte[] mac;
    private static byte[] ipv4;
    private static byte[] ipv6;

    @BeforeAll
    static void open() {
        lab = Lab.create();
        mac = Interfaces.hardwareAddress(VethPair.SERVER);
        ipv4 = ipv4(Packet.get(KEY));
        ipv6 = Packet.ipv6(mac, VethPair.CLIENT_IPV6, VethPair.SERVER_IPV6, Packet.get(KEY));
    }

    @AfterAll
    static void close() {
        lab.close();
    }

    @BeforeEach
    void indexKey() {
        lab.clearIndex();
        lab.index(KEY);
        lab.beat(0);
        drain();
    }

    private static byte[] ipv4(final byte[] payload) {
        return Packet.ipv4(mac, VethPair.CLIENT_IPV4, VethPair.SERVER_IPV4, payload);
    }

    private static byte[] line(final String line) {
        return ipv4(Packet.request(Lab.bytes(line)));
    }

    private static String drain() {
        final StringBuilder keys = new StringBuilder();
        lab.program.misses().poll((buffer, at, length) -> {
            final byte[] key = new byte[length];
            buffer.getBytes(at, key);
            keys.append(new String(key, StandardCharsets.ISO_8859_1)).append(' ');
        }, Integer.MAX_VALUE);
        return keys.toString();
    }

    /** Runs a frame, asserts that exactly one counter of actions moved, that the frame stays as it was. */
    private static XdpTestRun run(final byte[] frame) {
        final long[] before = lab.counters(0);
        final XdpTestRun run = XdpTestRun.of(lab.program, frame);
        final long[] after = lab.counters(0);
        final int counted = run.action() == XDP_REDIRECT ? 1 : 0;
        assertEquals(before[1] + counted, after[1], "redirected");
        assertEquals(before[0] + 1 - counted, after[0], "passed");
        assertArrayEquals(frame, run.frame(), "the frame was changed");
        return run;
    }

    private static void assertRedirected(final byte[] frame, final byte[] key, final int keyOffset) {
        final XdpTestRun run = run(frame);
        assertEquals(XDP_REDIRECT, run.action());
        final ByteBuffer metadata = run.littleEndianMetadata();
        assertEquals(16, metadata.remaining());
        assertEquals(KeyHashReference.hash(Lab.SEED, key), metadata.getLong());
        assertEquals(keyOffset, metadata.getShort());
        assertEquals(key.length, metadata.getShort());
        assertEquals(0x4a564c4e, metadata.getInt());
    }

    /** Passed, without having been taken for a miss. */
    private static void assertNotOurs(final byte[] frame, final String what) {
        final long misses = lab.counters(0)[XdpCounter.MISSES.ordinal()];
        final XdpTestRun run = run(frame);
        assertEquals(XDP_PASS, run.action(), what);
        assertEquals(0, run.metadata().length, what);
        assertEquals(misses, lab.counters(0)[XdpCounter.MISSES.ordinal()], what);
    }

    private static void assertNotOurs(final byte[] frame, final Consumer<ByteBuffer> change, final String what) {
        assertNotOurs(changed(frame, change), what);
    }

    @Test
    void shouldRedirectWhenKeyIsIndexed() {
        assertRedirected(ipv4, KEY, IPV4_PAYLOAD + 8 + 4);
        assertRedirected(ipv6, KEY, ETHERNET + IPV6 + UDP + 8 + 4);
    }

    @Test
    void shouldRedirectWhenTagIsInAnyWay() {
        for (int length = 1; length <= 16; length++) {
            final byte[] key = "x".repeat(length).getBytes();
            lab.clearIndex();
            lab.index(key);
            assertRedirected(ipv4(Packet.get(key)), key, IPV4_PAYLOAD + 12);
        }
    }

    @Test
    void shouldTellEmptyWayFromTagWhenTopBitsOfHashAreZero() {
        int i = 0;
        while (KeyHashReference.hash(Lab.SEED, Lab.bytes("z" + i)) >>> 48 != 0) {
            i++;
        }
        final byte[] key = Lab.bytes("z" + i);
        assertEquals(XDP_PASS, run(ipv4(Packet.get(key))).action());
        lab.index(key);
        assertRedirected(ipv4(Packet.get(key)), key, 54);
    }

    @Test
    void shouldCountMissAndSampleKeyWhenKeyIsNotIndexed() {
        lab.clearIndex();
        final long[] before = lab.counters(0);
        assertEquals(XDP_PASS, run(ipv4).action());
        assertEquals(XDP_PASS, run(ipv6).action());
        final long[] after = lab.counters(0);
        assertEquals(before[XdpCounter.MISSES.ordinal()] + 2, after[XdpCounter.MISSES.ordinal()]);
        assertEquals(before[XdpCounter.SAMPLES.ordinal()] + 2, after[XdpCounter.SAMPLES.ordinal()]);
        assertEquals("k1 k1 ", drain());
    }

    @Test
    void shouldCountStaleHeartbeatWhenWorkerIsSilent() {
        final long[] silences = {0, System.nanoTime() - Lab.HEARTBEAT_LIMIT_NS - 1};
        for (final long silence : silences) {
            lab.program.heartbeats().putLongRelease(0, silence);
            final long before = lab.counters(0)[XdpCounter.STALE_HEARTBEAT.ordinal()];
            assertEquals(XDP_PASS, run(ipv4).action());
            assertEquals(before + 1, lab.counters(0)[XdpCounter.STALE_HEARTBEAT.ordinal()]);
        }
        lab.program.heartbeats().putLongRelease(0, System.nanoTime() - Lab.HEARTBEAT_LIMIT_NS / 2);
        assertEquals(XDP_REDIRECT, run(ipv4).action());
    }

    @Test
    void shouldPassWhenTruncatedAtAnyLength() {
        for (final byte[] whole : new byte[][] {ipv4, ipv6, ipv4(Packet.get(Lab.bytes("key-of-17-bytes--")))}) {
            // The kernel's test run takes no frame shorter than an Ethernet header.
            for (int length = ETHERNET; length < whole.length; length++) {
                assertNotOurs(Arrays.copyOf(whole, length), "truncated at " + length);
            }
        }
    }

    @Test
    void shouldIgnorePaddingWhenItFollowsDatagram() {
        for (int padding = 1; padding < 32; padding++) {
            final byte[] padded = Arrays.copyOf(ipv4, ipv4.length + padding);
            Arrays.fill(padded, ipv4.length, padded.length, (byte) 'x');
            assertRedirected(padded, KEY, IPV4_PAYLOAD + 12);
            final byte[] padded6 = Arrays.copyOf(ipv6, ipv6.length + padding);
            assertRedirected(padded6, KEY, ETHERNET + IPV6 + UDP + 12);
        }
    }

    @Test
    void shouldPassWhenUdpLengthDoesNotFit() {
        // UDP may be shorter than its IP packet: the kernel trims it. The datagram must end with the line then.
        final byte[] longer = ipv4(concat(Packet.get(KEY), Lab.bytes("abc")));
        assertRedirected(changed(longer, p -> p.putShort(ETHERNET + IPV4 + 4, (short) (ipv4.length - 34))), KEY, 54);
        assertNotOurs(longer, "bytes behind the line");
        for (int length = 0; length < 100; length++) {
            final int udpLength = length;
            if (length != ipv4.length - 34) {
                assertNotOurs(
                    ipv4, p -> p.putShort(ETHERNET + IPV4 + 4, (short) udpLength), "UDP length " + length);
            }
        }
        assertNotOurs(ipv4, p -> p.putShort(ETHERNET + IPV4 + 4, (short) 0xffff), "UDP length 65535");
    }

    @Test
    void shouldPassWhenIpLengthDoesNotFit() {
        for (int length = 0; length < 200; length++) {
            final int ipLength = length;
            if (length != ipv4.length - ETHERNET) {
                assertNotOurs(ipv4, p -> p.putShort(ETHERNET + 2, (short) ipLength), "IPv4 length " + length);
            }
            if (length != ipv6.length - ETHERNET - IPV6) {
                assertNotOurs(ipv6, p -> p.putShort(ETHERNET + 4, (short) ipLength), "IPv6 length " + length);
            }
        }
        assertNotOurs(ipv4, p -> p.putShort(ETHERNET + 2, (short) 0xffff), "IPv4 length 65535");
        assertNotOurs(ipv6, p -> p.putShort(ETHERNET + 4, (short) 0xffff), "IPv6 length 65535");
    }

    @Test
    void shouldPassWhenHeadersAreNotOurs() {
        for (int i = 0; i < 6; i++) {
            final int octet = i;
            assertNotOurs(ipv4, p -> p.put(octet, (byte) (p.get(octet) ^ 1)), "MAC octet " + i);
        }
        assertNotOurs(ipv4, p -> p.putShort(12, (short) 0x8100), "VLAN tag");
        assertNotOurs(ipv4, p -> p.putShort(12, (short) 0x86dd), "IPv4 marked as IPv6");
        assertNotOurs(ipv6, p -> p.putShort(12, (short) 0x0800), "IPv6 marked as IPv4");
        assertNotOurs(ipv4, p -> p.put(ETHERNET, (byte) 0x46), "IP options");
        assertNotOurs(ipv4, p -> p.put(ETHERNET, (byte) 0x44), "short IP header");
        assertNotOurs(ipv4, p -> p.put(ETHERNET + 9, (byte) 6), "TCP");
        assertNotOurs(ipv4, p -> p.putShort(ETHERNET + 6, (short) 0x2000), "more fragments");
        assertNotOurs(ipv4, p -> p.putShort(ETHERNET + 6, (short) 1), "last fragment");
        assertNotOurs(ipv4, p -> p.put(ETHERNET + 19, (byte) 9), "other IPv4 address");
        assertNotOurs(ipv4, p -> p.put(ETHERNET + 12, (byte) 127), "loopback source");
        assertNotOurs(ipv4, p -> p.put(ETHERNET + 12, (byte) 224), "multicast source");
        assertNotOurs(ipv4, p -> p.put(ETHERNET + 12, (byte) 0), "source of this network");
        for (int nextHeader = 0; nextHeader < 256; nextHeader++) {
            final byte header = (byte) nextHeader;
            if (nextHeader != 17) {
                assertNotOurs(ipv6, p -> p.put(ETHERNET + 6, header), "IPv6 next header " + nextHeader);
            }
        }
        assertNotOurs(ipv6, p -> p.put(ETHERNET, (byte) 0x50), "IP version 5");
        assertNotOurs(ipv6, p -> p.put(ETHERNET + 39, (byte) 9), "other IPv6 address");
        assertNotOurs(ipv6, p -> p.putShort(ETHERNET + 8, (short) 0xfe80), "link-local source");
        assertNotOurs(ipv6, p -> p.putShort(ETHERNET + 8, (short) 0xff02), "multicast source");
        assertNotOurs(ipv4, p -> p.putShort(ETHERNET + IPV4 + 2, (short) 11212), "other port");
        assertNotOurs(ipv4, p -> p.putShort(ETHERNET + IPV4, (short) 0), "source port 0");
    }

    @Test
    void shouldRedirectWhenOnlyIgnoredFieldsDiffer() {
        assertRedirected(changed(ipv4, p -> p.putShort(ETHERNET + 6, (short) 0)), KEY, 54);
        assertRedirected(changed(ipv4, p -> p.put(ETHERNET + 1, (byte) 0xff)), KEY, 54);
        assertRedirected(changed(ipv6, p -> p.putInt(ETHERNET, 0x6fffffff)), KEY, 74);
        assertRedirected(changed(ipv4, p -> p.putShort(IPV4_PAYLOAD, (short) 0xffff)), KEY, 54);
    }

    @Test
    void shouldPassWhenIpv4ChecksumIsWrong() {
        for (int bit = 0; bit < 16; bit++) {
            final byte[] wrong = ipv4.clone();
            wrong[ETHERNET + 10 + bit / 8] ^= (byte) (1 << bit % 8);
            assertNotOurs(wrong, "checksum bit " + bit);
        }
    }

    @Test
    void shouldPassWhenFrameHeaderIsNotOfOneDatagram() {
        assertNotOurs(ipv4, p -> p.putShort(IPV4_PAYLOAD + 2, (short) 1), "sequence 1");
        assertNotOurs(ipv4, p -> p.putShort(IPV4_PAYLOAD + 4, (short) 0), "0 datagrams");
        assertNotOurs(ipv4, p -> p.putShort(IPV4_PAYLOAD + 4, (short) 2), "2 datagrams");
        assertNotOurs(ipv4, p -> p.putShort(IPV4_PAYLOAD + 4, (short) 0x100), "256 datagrams");
        assertNotOurs(ipv4, p -> p.putShort(IPV4_PAYLOAD + 6, (short) 1), "reserved set");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "get\r\n", "get \r\n", "get  k1\r\n", "get k1", "get k1\n", "get k1\r", "get k1\r\n\n", "get k1\n\r\n",
        "get k1\r\r\n", "get k1\r\nget k2\r\n", "GET k1\r\n", "gets k1\r\n", "get\tk1\r\n", "get k1\tk2\r\n",
        "get k1\0\r\n", "get k1\u007f\r\n", "set k1 0 0 1\r\na\r\n", "gat 0 k1\r\n", "mg k1 v\r\n", "\u0080\0\0\2", "",
        "\r\n", "get k1 k2\n", "get k1 k2", "get k1\rk2\r\n", "get k1\r\r", "get k1 k2\rx"})
    void shouldPassWhenLineIsNotExactlyOneGet(final String line) {
        assertNotOurs(line(line), line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"get k1 k2\r\n", "get k1 \r\n", "get k1  k2\r\n", "get k1 k1 k1 k1 k1 k1 k1 k1 k1\r\n"})
    void shouldSteerByFirstKeyWhenThereAreMore(final String line) {
        assertRedirected(line(line), KEY, 54);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 7, 8, 9, 11, 12, 15, 16, 17, 63, 64, 65, 127, 128, 240, 247, 248, 249, 250})
    void shouldHashKeyOfAnyAllowedBytesWhenLengthIs(final int length) {
        final Random random = new Random(length);
        final byte[] key = new byte[length];
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < length; i++) {
                do {
                    key[i] = (byte) random.nextInt();
                } while ((key[i] & 0xff) <= 0x20 || key[i] == 0x7f);
            }
            lab.clearIndex();
            assertEquals(XDP_PASS, run(ipv4(Packet.get(key))).action());
            assertEquals(new String(key, StandardCharsets.ISO_8859_1) + " ", drain());
            lab.index(key);
            assertRedirected(ipv4(Packet.get(key)), key, 54);
            assertRedirected(
                ipv4(Packet.request(concat(Lab.bytes("get "), key, Lab.bytes(" another\r\n")))), key, 54);
        }
    }

    @Test
    void shouldPassWhenKeyIsTooLong() {
        for (int length = 251; length < 300; length++) {
            assertNotOurs(line("get " + "k".repeat(length) + "\r\n"), "key of " + length);
        }
        assertNotOurs(line("get " + "k".repeat(1400) + "\r\n"), "key of 1400");
    }

    @Test
    void shouldPassWhenAnyByteOfKeyIsForbidden() {
        for (int position = 0; position < 20; position++) {
            for (int forbidden = 0; forbidden <= 0x20; forbidden++) {
                final byte[] key = "abcdefghijklmnopqrst".getBytes();
                key[position] = (byte) forbidden;
                if (forbidden != ' ' || position == 0) {
                    assertNotOurs(ipv4(Packet.get(key)), "byte " + forbidden + " at " + position);
                }
            }
            final byte[] key = "abcdefghijklmnopqrst".getBytes();
            key[position] = 0x7f;
            assertNotOurs(ipv4(Packet.get(key)), "byte 0x7f at " + position);
        }
    }

    @Test
    void shouldPassWhenFrameIsLongerThanOnAnOrdinaryLink() {
        final int fits = 1_792;
        final int overhead = IPV4_PAYLOAD + 8 + "get k1 \r\n".length();
        assertRedirected(line("get k1 " + "k".repeat(fits - overhead) + "\r\n"), KEY, 54);
        assertNotOurs(line("get k1 " + "k".repeat(fits - overhead + 1) + "\r\n"), "frame of " + (fits + 1));
    }

    @Test
    void shouldPassWhenFrameIsGarbage() {
        final Random random = new Random(42);
        for (int round = 0; round < 20_000; round++) {
            final byte[] frame = (round % 2 == 0 ? ipv4 : ipv6).clone();
            final int header = frame.length - 10;
            // One to three random bytes; behind the addresses any change that still is a get of k1 is one of the id.
            for (int i = random.nextInt(3); i >= 0; i--) {
                frame[random.nextInt(header)] = (byte) random.nextInt();
            }
            final XdpTestRun run = run(frame);
            if (run.action() == XDP_REDIRECT) {
                assertRedirected(frame, KEY, frame.length - 4);
            }
            final byte[] noise = new byte[ETHERNET + random.nextInt(500)];
            random.nextBytes(noise);
            assertNotOurs(noise, "noise");
        }
    }
}
