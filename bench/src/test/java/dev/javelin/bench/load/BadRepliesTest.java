package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.BindMode;
import dev.javelin.afxdp.Interfaces;
import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.RingSizes;
import dev.javelin.afxdp.Umem;
import dev.javelin.afxdp.XskSocket;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames that no server would send, put on the wire byte by byte: none is taken for a reply, and none does harm. */
@RequiresRoot
@Timeout(120)
class BadRepliesTest {
    private static final int PORT = 11_211;
    private static final int CONNECTIONS = 4;
    private static final int ETHERNET = 14;
    private static final int PAYLOAD_BYTES = 20;
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(5);

    /** What becomes of a frame. */
    private enum Fate { TAKEN, IGNORED, KERNEL }

    /** The server's end of the pair: an AF_XDP socket that sends whatever it is told. */
    private static final class Wire implements AutoCloseable {
        final VethPair pair = VethPair.create(1);
        final Umem umem = Umem.allocate(64);
        final XskSocket socket;
        final XskTransport transport;
        final RequestFrames good;
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[PAYLOAD_BYTES]);
        final List<Integer> arrived = new ArrayList<>();

        Wire(String server, String client) throws IOException {
            try (NetworkNamespace _ = pair.enterServer()) {
                socket = XskSocket.open(VethPair.SERVER, 0, umem, BindMode.COPY, new RingSizes(64, 64, 64, 64));
            }
            InetAddress serverAddress = InetAddress.getByName(server);
            try (NetworkNamespace _ = pair.enterClient()) {
                transport = XskTransports.open(new InetSocketAddress(serverAddress, PORT), List.of(), CONNECTIONS, 1)
                    .get(0);
            }
            good = new RequestFrames(
                new Route(new InetSocketAddress(client, 32_768 - CONNECTIONS + 2), VethPair.SERVER, serverAddress,
                    hardware(true), hardware(false), 1_500),
                new InetAddress[] {serverAddress}, new int[] {PORT});
        }

        private byte[] hardware(boolean ofServer) {
            try (NetworkNamespace _ = ofServer ? pair.enterServer() : pair.enterClient()) {
                return Interfaces.hardwareAddress(ofServer ? VethPair.SERVER : VethPair.CLIENT);
            }
        }

        /** A right reply to connection 2 with bytes changed and cut off. */
        void send(int cutOff, int... offsetsAndBytes) {
            int length = good.write(umem.address(), 0, payload, 0, payload.capacity());
            for (int i = 0; i < offsetsAndBytes.length; i += 2) {
                umem.buffer().putByte(offsetsAndBytes[i], (byte) offsetsAndBytes[i + 1]);
            }
            socket.tx().reserve(1);
            socket.tx().descriptor(0, 0, length - cutOff);
            socket.tx().submit(1);
            socket.wakeTx();
            assertEquals(1, socket.completion().peek(1));
            socket.completion().release(1);
        }

        /** Sends that frame and a right one behind it, so that it is known when the first has come. */
        void check(String what, Fate fate, int cutOff, int... offsetsAndBytes) {
            long ignored = transport.ignored();
            arrived.clear();
            send(cutOff, offsetsAndBytes);
            send(0);
            int expected = fate == Fate.TAKEN ? 2 : 1;
            long deadlineNs = System.nanoTime() + WAIT_NS;
            while (arrived.size() < expected && System.nanoTime() - deadlineNs < 0) {
                transport.receive((connection, buffer, offset, length) -> {
                    assertEquals(2, connection);
                    arrived.add(length);
                }, 1);
            }
            assertEquals(expected, arrived.size(), what);
            assertEquals(PAYLOAD_BYTES, arrived.get(expected - 1), what);
            assertEquals(fate == Fate.IGNORED ? 1 : 0, transport.ignored() - ignored, what);
        }

        @Override
        public void close() throws IOException {
            transport.close();
            socket.close();
            umem.close();
            pair.close();
        }
    }

    @Test
    void shouldIgnoreLyingIpv4Frames() throws Exception {
        try (Wire wire = new Wire(VethPair.SERVER_IPV4, VethPair.CLIENT_IPV4)) {
            int udp = ETHERNET + 20;
            int whole = 20 + 8 + PAYLOAD_BYTES;
            wire.check("a right one", Fate.TAKEN, 0);
            wire.check("cut off in the payload", Fate.IGNORED, 1);
            wire.check("cut off behind the UDP header", Fate.IGNORED, PAYLOAD_BYTES);
            wire.check("cut off in the UDP header", Fate.KERNEL, PAYLOAD_BYTES + 1);
            wire.check("total length too great", Fate.IGNORED, 0, ETHERNET + 3, whole + 1);
            wire.check("total length enormous", Fate.IGNORED, 0, ETHERNET + 2, 0xff);
            wire.check("total length too small", Fate.IGNORED, 0, ETHERNET + 3, whole - 1);
            wire.check("total length 0", Fate.IGNORED, 0, ETHERNET + 3, 0);
            wire.check("UDP length too great", Fate.IGNORED, 0, udp + 5, 8 + PAYLOAD_BYTES + 1);
            wire.check("UDP length enormous", Fate.IGNORED, 0, udp + 4, 0xff);
            wire.check("UDP length less than the header", Fate.IGNORED, 0, udp + 5, 7);
            wire.check("both lengths less than the header", Fate.IGNORED, 0, ETHERNET + 3, 27, udp + 5, 7);
            wire.check("no payload", Fate.TAKEN, 0, ETHERNET + 3, 28, udp + 5, 8);
            wire.check("to another address", Fate.IGNORED, 0, ETHERNET + 19, 77);
            wire.check("a first fragment", Fate.KERNEL, 0, ETHERNET + 6, 0x20);
            wire.check("a later fragment", Fate.KERNEL, 0, ETHERNET + 7, 1);
            wire.check("with options", Fate.KERNEL, 0, ETHERNET, 0x46);
            wire.check("TCP", Fate.KERNEL, 0, ETHERNET + 9, 6);
            wire.check("from another address", Fate.KERNEL, 0, ETHERNET + 15, 77);
            wire.check("from another port", Fate.KERNEL, 0, udp + 1, 0);
            wire.check("to the port below ours", Fate.KERNEL, 0, udp + 3, 0xfb);
            wire.check("to the port above ours", Fate.KERNEL, 0, udp + 2, 0x80, udp + 3, 0);
            wire.check("another Ethernet type", Fate.KERNEL, 0, 12, 0x88);
        }
    }

    @Test
    void shouldIgnoreLyingIpv6Frames() throws Exception {
        try (Wire wire = new Wire(VethPair.SERVER_IPV6, VethPair.CLIENT_IPV6)) {
            int udp = ETHERNET + 40;
            int whole = 8 + PAYLOAD_BYTES;
            wire.check("a right one", Fate.TAKEN, 0);
            wire.check("cut off in the payload", Fate.IGNORED, 1);
            wire.check("cut off in the UDP header", Fate.KERNEL, PAYLOAD_BYTES + 1);
            wire.check("payload length too great", Fate.IGNORED, 0, ETHERNET + 5, whole + 1);
            wire.check("payload length enormous", Fate.IGNORED, 0, ETHERNET + 4, 0xff);
            wire.check("payload length 0", Fate.IGNORED, 0, ETHERNET + 5, 0);
            wire.check("UDP length too great", Fate.IGNORED, 0, udp + 5, whole + 1);
            wire.check("both lengths less than the header", Fate.IGNORED, 0, ETHERNET + 5, 7, udp + 5, 7);
            wire.check("to another address", Fate.IGNORED, 0, ETHERNET + 39, 77);
            wire.check("an extension header", Fate.KERNEL, 0, ETHERNET + 6, 44);
            wire.check("from another address", Fate.KERNEL, 0, ETHERNET + 8, 77);
            wire.check("another version", Fate.KERNEL, 0, ETHERNET, 0x40);
        }
    }

    /** One more than all the frames there are: each comes back to the kernel after a bad reply as after a good one. */
    @Test
    void shouldLoseNoFrameToBadReplies() throws Exception {
        try (Wire wire = new Wire(VethPair.SERVER_IPV4, VethPair.CLIENT_IPV4)) {
            for (int i = 0; i < 5_000; i++) {
                wire.send(1);
                wire.transport.receive((connection, buffer, offset, length) -> { }, 0);
            }
            long deadlineNs = System.nanoTime() + WAIT_NS;
            while (wire.transport.ignored() < 5_000 && System.nanoTime() - deadlineNs < 0) {
                wire.transport.receive((connection, buffer, offset, length) -> { }, 1);
            }
            assertEquals(5_000, wire.transport.ignored());
            wire.check("a right one", Fate.TAKEN, 0);
            assertTrue(wire.arrived.size() == 2);
        }
    }
}
