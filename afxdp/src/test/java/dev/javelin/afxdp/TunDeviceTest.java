package dev.javelin.afxdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packets that are handed to the kernel reach its UDP sockets with the client's address. */
@RequiresRoot
@Timeout(60)
class TunDeviceTest {
    private static final byte[] PAYLOAD = Packet.get(Lab.bytes("k"));
    private static final byte[] NO_MAC = new byte[6];
    private static final int UDP_CHECKSUM_OFFSET = 6;

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "2, 0", "0, 1", "1, 1", "2, 1"})
    void shouldReachSocketWithClientAddressWhenReversePathFilterIs(final int everywhere, final int byDefault)
        throws IOException {
        try (VethPair pair = VethPair.create(1); NetworkNamespace _ = pair.enterServer()) {
            Command.run("ip", "netns", "exec", pair.serverNamespace(), "sysctl", "-q", "-w",
                "net.ipv4.conf.all.rp_filter=" + everywhere, "net.ipv4.conf.default.rp_filter=" + byDefault,
                "net.ipv6.conf.default.disable_ipv6=" + byDefault);
            try (TunDevice tun = TunDevice.open("javelin%d"); DatagramSocket server = new DatagramSocket(Lab.PORT)) {
                assertEquals("javelin0", tun.name());
                server.setSoTimeout(5_000);
                final byte[] ipv4 = Packet.ipv4(NO_MAC, VethPair.CLIENT_IPV4, VethPair.SERVER_IPV4, PAYLOAD);
                write(tun, ipv4, 0);
                assertReceived(server, VethPair.CLIENT_IPV4);
                final byte[] ipv6 = Packet.ipv6(NO_MAC, VethPair.CLIENT_IPV6, VethPair.SERVER_IPV6, PAYLOAD);
                write(tun, withPseudoHeaderSum(ipv6), Packet.IPV6);
                assertReceived(server, VethPair.CLIENT_IPV6);
            }
        }
    }

    @Test
    void shouldReturnFalseWhenKernelRefusesPacket() {
        try (VethPair pair = VethPair.create(1);
            NetworkNamespace _ = pair.enterServer();
            TunDevice tun = TunDevice.open("javelin%d")) {
            final UnsafeBuffer packet = new UnsafeBuffer(ByteBuffer.allocateDirect(64));
            assertFalse(tun.write(packet.addressOffset(), TunDevice.HEADER_BYTES - 1));
            assertFalse(tun.write(packet.addressOffset(), 64), "IP version 0");
        }
    }

    @Test
    void shouldRefuseNameWhenItIsTaken() {
        try (VethPair pair = VethPair.create(1);
            NetworkNamespace _ = pair.enterServer();
            TunDevice tun = TunDevice.open("javelin0")) {
            assertEquals("javelin0", tun.name());
            final NativeException e = assertThrows(NativeException.class, () -> TunDevice.open("javelin0"));
            assertEquals(LibC.EBUSY, e.errno());
            assertThrows(IllegalArgumentException.class, () -> TunDevice.open("a-name-that-is-long"));
        }
    }

    /** A header length of 0 leaves the UDP checksum to nobody; else the kernel is told where to complete it. */
    private static void write(final TunDevice tun, final byte[] frame, final int ipHeaderBytes) {
        final ByteBuffer packet =
            ByteBuffer.allocateDirect(TunDevice.HEADER_BYTES + frame.length).order(ByteOrder.nativeOrder());
        packet.put((byte) (ipHeaderBytes > 0 ? 1 : 0)).put((byte) 0).putShort((short) 0).putShort((short) 0);
        packet.putShort((short) ipHeaderBytes).putShort((short) (ipHeaderBytes > 0 ? UDP_CHECKSUM_OFFSET : 0));
        packet.put(frame, Packet.ETHERNET, frame.length - Packet.ETHERNET);
        if (!tun.write(new UnsafeBuffer(packet).addressOffset(), packet.position())) {
            throw new AssertionError("the kernel refused the packet");
        }
    }

    /** RFC 8200, 8.1: the sum that a sender leaves for its NIC to complete. */
    private static byte[] withPseudoHeaderSum(final byte[] frame) {
        final ByteBuffer buffer = ByteBuffer.wrap(frame);
        int sum = 17 + buffer.getShort(Packet.ETHERNET + 4);
        for (int i = 8; i < Packet.IPV6; i += 2) {
            sum += buffer.getShort(Packet.ETHERNET + i) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        buffer.putShort(Packet.ETHERNET + Packet.IPV6 + UDP_CHECKSUM_OFFSET, (short) sum);
        return frame;
    }

    private static void assertReceived(final DatagramSocket server, final String from) throws IOException {
        final DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        server.receive(packet);
        assertArrayEquals(PAYLOAD, Arrays.copyOf(packet.getData(), packet.getLength()));
        assertEquals(InetAddress.getByName(from), packet.getAddress());
        assertEquals(40000, packet.getPort());
    }
}
