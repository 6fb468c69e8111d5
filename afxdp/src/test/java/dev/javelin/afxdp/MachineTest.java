package dev.javelin.afxdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.net.InetAddress;
import java.util.BitSet;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory, CPUs, interfaces and namespaces. */
class MachineTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 4096, (2 << 20) + 1, 3L << 30})
    void shouldGiveZeroedAlignedMemoryWhenAllocating(final long bytes) {
        try (HugePages memory = HugePages.allocate(bytes)) {
            assertEquals(bytes, memory.bytes());
            assertEquals(0, memory.address() % (2 << 20));
            assertTrue(memory.pages().contains("pages"));
            final UnsafeBuffer last = new UnsafeBuffer(memory.address() + bytes - 1, 1);
            assertEquals(0, last.getByte(0));
            last.putByte(0, (byte) 1);
        }
    }

    @Test
    void shouldSayNoMemoryWhenThereIsNotThatMuch() {
        assertThrows(IllegalArgumentException.class, () -> HugePages.allocate(0));
        assertThrows(NativeException.class, () -> HugePages.allocate(1L << 50));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Umem.MAX_FRAMES + 1})
    void shouldRefuseFrameCountWhenOutOfRange(final int frames) {
        assertThrows(IllegalArgumentException.class, () -> Umem.allocate(frames));
    }

    @Test
    void shouldCoverAllFramesWhenUmemIsAllocated() {
        try (Umem umem = Umem.allocate(3)) {
            assertEquals(3 * Umem.FRAME_SIZE, umem.buffer().capacity());
            assertEquals(umem.address(), umem.buffer().addressOffset());
        }
    }

    @Test
    void shouldRunOnOneCpuWhenPinned() {
        final BitSet before = Affinity.allowed();
        try {
            final int cpu = before.nextSetBit(0);
            Affinity.pin(cpu);
            assertEquals(BitSet.valueOf(new long[] {1L << cpu}), Affinity.allowed());
        } finally {
            Affinity.set(before);
        }
        assertEquals(before, Affinity.allowed());
    }

    @ParameterizedTest
    @ValueSource(ints = {1023, 1024, 100_000})
    void shouldNameCpuWhenThereIsNone(final int cpu) {
        final NativeException e = assertThrows(NativeException.class, () -> Affinity.pin(cpu));
        assertEquals(LibC.EINVAL, e.errno());
        assertTrue(e.getMessage().contains(Integer.toString(cpu)), e.getMessage());
    }

    @Test
    void shouldWriteFunctionNameNumberAndHintWhenNativeCallFails() {
        assertEquals("f: EBUSY (16): why", new NativeException("f", LibC.EBUSY, "why").getMessage());
        assertEquals("f: EINVAL (22): Invalid argument", new NativeException("f", LibC.EINVAL).getMessage());
    }

    @RequiresRoot
    @Test
    void shouldDescribeInterfaceOfOwnNamespaceWhenAsked() throws Exception {
        try (VethPair pair = VethPair.create(3); NetworkNamespace _ = pair.enterServer()) {
            final String name = VethPair.SERVER;
            final String shown = Command.run("ip", "-n", pair.serverNamespace(), "link", "show", name);
            final byte[] mac = Interfaces.hardwareAddress(name);
            final String macText = String.format(
                "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
            assertTrue(shown.contains(macText), shown);
            assertTrue(shown.startsWith(Interfaces.index(name) + ":"), shown);
            assertEquals(1500, Interfaces.mtu(name));
            assertEquals(3, Interfaces.queues(name));
            assertEquals(1, Interfaces.queues("lo"));
            assertTrue(Interfaces.carrier(name));
            final List<InetAddress> addresses = Interfaces.addresses(name);
            assertTrue(addresses.containsAll(Lab.addresses()), addresses.toString());
            assertTrue(addresses.stream().anyMatch(InetAddress::isLinkLocalAddress), addresses.toString());
            Command.run("ip", "-n", pair.clientNamespace(), "link", "set", VethPair.CLIENT, "down");
            // The kernel tells of a lost carrier with a delay of up to a second.
            final long deadlineNs = System.nanoTime() + 10_000_000_000L;
            while (Interfaces.carrier(name)) {
                assertTrue(System.nanoTime() < deadlineNs, "the carrier stays");
                Thread.onSpinWait();
            }
        }
        assertThrows(NativeException.class, () -> Interfaces.index(VethPair.SERVER));
    }

    @RequiresRoot
    @Test
    void shouldNameNamespaceWhenItIsMissing() {
        final NativeException e = assertThrows(NativeException.class, () -> NetworkNamespace.enter("no-such"));
        assertTrue(e.getMessage().startsWith("open: ENOENT (2): /var/run/netns/no-such"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0,1,16,1", "65536,1,16,1", "1,0,16,1", "1,1025,16,1", "1,1,0,1", "1,1,3,1", "1,1,16,0"})
    void shouldRefuseOptionWhenOutOfRange(final int port, final int queues, final int buckets, final long limitNs) {
        assertThrows(
            IllegalArgumentException.class,
            () -> new XdpOptions(port, queues, buckets, 0, limitNs, Lab.addresses(), new byte[6]));
    }

    @Test
    void shouldServeOnlyUnicastAddressesWhenGivenAll() throws Exception {
        final List<InetAddress> all = List.of(
            InetAddress.getByName("192.0.2.1"), InetAddress.getByName("fe80::1"), InetAddress.getByName("ff02::1"));
        assertEquals(all.subList(0, 1), new XdpOptions(1, 1, 1, 0, 1, all, new byte[6]).addresses());
        for (final String refused : new String[] {"0.0.0.0", "::", "127.0.0.1", "::1"}) {
            final List<InetAddress> addresses = List.of(InetAddress.getByName(refused));
            assertThrows(
                IllegalArgumentException.class, () -> new XdpOptions(1, 1, 1, 0, 1, addresses, new byte[6]));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, -4, Integer.MIN_VALUE})
    void shouldRefuseRingSizeWhenNotPowerOfTwo(final int size) {
        assertThrows(IllegalArgumentException.class, () -> new RingSizes(size, 1, 1, 1));
    }

    /** Some drivers give the card a frame's size in whole KiB; a packet of 1,500 bytes, with headers, must fit it. */
    @Test
    void shouldHoldOrdinaryPacketInWholeKibibytesOfFrame() {
        assertTrue((Umem.FRAME_SIZE - Umem.HEADROOM) / 1_024 * 1_024 >= 1_522);
    }
}
