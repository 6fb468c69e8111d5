package dev.javelin.afxdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real packets from a kernel's UDP socket into frames and back, over a veth pair. */
@RequiresRoot
@Timeout(60)
class EndToEndTest {
    private static final int TIMEOUT_MS = 5_000;
    private static final int ETHERNET_BYTES = 14;
    private static final int UDP_AND_FRAME_HEADER_BYTES = 16;
    private static final byte[] REQUEST = Lab.bytes("\0\7\0\0\0\1\0\0get k1\r\n");

    @ParameterizedTest
    @EnumSource(AttachMode.class)
    void shouldReceiveRequestWithMetadataAndSendItBackWhenKeyIsIndexed(final AttachMode mode) throws IOException {
        try (Lab lab = Lab.create(); DatagramSocket client = client(lab)) {
            lab.program.attach(VethPair.SERVER, mode);
            assertEquals(mode == AttachMode.GENERIC ? "generic" : "native", lab.program.granted());
            lab.fill(16);
            lab.beat(0);
            lab.index(Lab.bytes("k1"));
            send(client, VethPair.SERVER_IPV4, REQUEST);
            assertTrue(lab.socket.poll(TIMEOUT_MS), "nothing received");
            assertEquals(1, lab.socket.rx().peek(64));
            final int address = (int) lab.socket.rx().address(0);
            final int length = lab.socket.rx().length(0);
            assertEquals(ETHERNET_BYTES + 20 + 8 + REQUEST.length, length);
            final UnsafeBuffer frames = lab.umem.buffer();
            assertEquals(KeyHashReference.hash(Lab.SEED, Lab.bytes("k1")), frames.getLong(address - 16));
            assertEquals(ETHERNET_BYTES + 20 + UDP_AND_FRAME_HEADER_BYTES + 4, frames.getShort(address - 8));
            assertEquals(2, frames.getShort(address - 6));
            assertEquals(0x4a564c4e, frames.getInt(address - 4));
            swapAddresses(frames, address);
            assertEquals(1, lab.socket.tx().reserve(1));
            lab.socket.tx().descriptor(0, address, length);
            lab.socket.tx().submit(1);
            lab.socket.rx().release(1);
            assertTrue(lab.socket.tx().needsWakeup(), "copy mode needs a wake-up");
            lab.socket.wakeTx();
            assertArrayEquals(REQUEST, receive(client));
            awaitCompletion(lab);
            assertEquals(address & -Umem.FRAME_SIZE, lab.socket.completion().address(0) & -Umem.FRAME_SIZE);
            assertEquals(1, lab.counters(0)[XdpCounter.REDIRECTED.ordinal()]);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {VethPair.SERVER_IPV4, VethPair.SERVER_IPV6})
    void shouldLeaveRequestToKernelAndSampleItsKeyWhenKeyIsNotIndexed(final String address) throws IOException {
        try (Lab lab = Lab.create();
            DatagramSocket client = client(lab);
            DatagramSocket server = new DatagramSocket(Lab.PORT)) {
            lab.program.attach(VethPair.SERVER, AttachMode.AUTO);
            lab.fill(16);
            lab.beat(0);
            send(client, address, REQUEST);
            assertArrayEquals(REQUEST, receive(server));
            final StringBuilder keys = new StringBuilder();
            final MissHandler append = (buffer, at, size) -> keys.append(buffer.getStringWithoutLengthAscii(at, size));
            assertEquals(1, lab.program.misses().poll(append, 9));
            assertEquals("k1", keys.toString());
            assertFalse(lab.socket.poll(0));
        }
    }

    @Test
    void shouldLeaveRequestToKernelWhenSocketIsClosed() throws IOException {
        try (Lab lab = Lab.create();
            DatagramSocket client = client(lab);
            DatagramSocket server = new DatagramSocket(Lab.PORT)) {
            lab.program.attach(VethPair.SERVER, AttachMode.AUTO);
            lab.beat(0);
            lab.index(Lab.bytes("k1"));
            lab.closeSocket();
            send(client, VethPair.SERVER_IPV4, REQUEST);
            assertArrayEquals(REQUEST, receive(server));
        }
    }

    @Test
    void shouldCountWhatIsDroppedWhenFillRingIsEmpty() throws IOException {
        try (Lab lab = Lab.create(); DatagramSocket client = client(lab)) {
            lab.program.attach(VethPair.SERVER, AttachMode.AUTO);
            lab.beat(0);
            lab.index(Lab.bytes("k1"));
            assertEquals(new XdpStatistics(0, 0, 0, 0, 0, 0), lab.socket.statistics());
            send(client, VethPair.SERVER_IPV4, REQUEST);
            client.setSoTimeout(200);
            assertThrows(SocketTimeoutException.class, () -> receive(client));
            assertEquals(1, lab.socket.statistics().rxFillRingEmpty());
        }
    }

    @Test
    void shouldPassAndCountApartWhenQueueIsNotOurs() throws IOException {
        try (Lab lab = new Lab(2)) {
            lab.program.attach(VethPair.SERVER, AttachMode.NATIVE);
            lab.fill(64);
            lab.beat(0);
            lab.index(Lab.bytes("k1"));
            // The sender's kernel chooses the queue by the flow, so some of the ports come in on queue 1.
            for (int i = 0; i < 64; i++) {
                try (DatagramSocket client = client(lab)) {
                    send(client, VethPair.SERVER_IPV4, REQUEST);
                }
            }
            final long deadlineNs = System.nanoTime() + TIMEOUT_MS * 1_000_000L;
            while (redirected(lab) + lab.counters(1)[XdpCounter.PASSED.ordinal()] < 64) {
                assertTrue(System.nanoTime() < deadlineNs, "packets are missing");
            }
            assertTrue(lab.counters(1)[XdpCounter.PASSED.ordinal()] > 0, "nothing on queue 1");
            assertEquals(0, lab.counters(1)[XdpCounter.REDIRECTED.ordinal()]);
            assertEquals(redirected(lab), lab.socket.rx().peek(64));
        }
    }

    private static long redirected(final Lab lab) {
        return lab.counters(0)[XdpCounter.REDIRECTED.ordinal()];
    }

    private static DatagramSocket client(final Lab lab) throws IOException {
        try (NetworkNamespace _ = lab.pair.enterClient()) {
            final DatagramSocket socket = new DatagramSocket();
            socket.setSoTimeout(TIMEOUT_MS);
            return socket;
        }
    }

    private static void send(final DatagramSocket from, final String to, final byte[] datagram) throws IOException {
        from.send(new DatagramPacket(datagram, datagram.length, InetAddress.getByName(to), Lab.PORT));
    }

    private static byte[] receive(final DatagramSocket socket) throws IOException {
        final DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        socket.setSoTimeout(socket.getSoTimeout() == 0 ? TIMEOUT_MS : socket.getSoTimeout());
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static void awaitCompletion(final Lab lab) {
        final long deadlineNs = System.nanoTime() + TIMEOUT_MS * 1_000_000L;
        while (lab.socket.completion().peek(1) == 0) {
            assertTrue(System.nanoTime() < deadlineNs, "no completion");
            Thread.onSpinWait();
        }
    }

    /** Swapping source and destination changes no checksum; the UDP one is cleared, for the sender left it partial. */
    private static void swapAddresses(final UnsafeBuffer frames, final int frame) {
        swap(frames, frame, frame + 6, 6);
        swap(frames, frame + ETHERNET_BYTES + 12, frame + ETHERNET_BYTES + 16, 4);
        swap(frames, frame + ETHERNET_BYTES + 20, frame + ETHERNET_BYTES + 22, 2);
        frames.putShort(frame + ETHERNET_BYTES + 26, (short) 0);
    }

    private static void swap(final UnsafeBuffer frames, final int a, final int b, final int length) {
        final byte[] first = new byte[length];
        final byte[] second = new byte[length];
        frames.getBytes(a, first);
        frames.getBytes(b, second);
        frames.putBytes(a, second);
        frames.putBytes(b, first);
    }
}
