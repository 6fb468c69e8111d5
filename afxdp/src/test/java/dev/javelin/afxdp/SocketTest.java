package dev.javelin.afxdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sockets and programs where something is refused, taken, or dies. */
@RequiresRoot
@Timeout(120)
class SocketTest {
    private static final RingSizes SIZES = new RingSizes(64, 64, 64, 64);

    private static final int ROUNDS = 20_000;

    private final VethPair pair = VethPair.create(1);
    private final NetworkNamespace home = pair.enterServer();
    private final Umem umem = Umem.allocate(64);

    @AfterEach
    void close() {
        umem.close();
        home.close();
        pair.close();
    }

    private XskSocket open(final String interfaceName, final int queue, final BindMode mode) {
        return XskSocket.open(interfaceName, queue, umem, mode, SIZES);
    }

    private XdpProgram load() {
        return XdpProgram.load(new XdpOptions(
            Lab.PORT, 1, 16, 1, 1_000_000, Lab.addresses(), Interfaces.hardwareAddress(VethPair.SERVER)));
    }

    private static void assertRefused(final int errno, final String words, final Runnable call) {
        final NativeException e = assertThrows(NativeException.class, call::run);
        assertEquals(errno, e.errno(), e.getMessage());
        assertTrue(e.getMessage().startsWith(e.function() + ": E"), e.getMessage());
        assertTrue(e.getMessage().contains(words), e.getMessage());
    }

    @Test
    void shouldNameInterfaceWhenItIsMissing() {
        assertRefused(LibC.ENODEV, "nowhere", () -> open("nowhere", 0, BindMode.AUTO));
        assertRefused(LibC.ENODEV, "nowhere", () -> Interfaces.mtu("nowhere"));
        assertRefused(LibC.ENODEV, "a-name-that-is-too-long", () -> Interfaces.mtu("a-name-that-is-too-long"));
        try (XdpProgram program = load()) {
            assertRefused(LibC.ENODEV, "nowhere", () -> program.attach("nowhere", AttachMode.AUTO));
        }
    }

    @Test
    void shouldNameQueueWhenItIsOutOfRange() {
        assertRefused(LibC.EINVAL, "queue 7 of jv-server", () -> open(VethPair.SERVER, 7, BindMode.AUTO));
    }

    @Test
    void shouldSayThatModeIsRefusedWhenDriverHasNoZeroCopy() {
        assertRefused(LibC.EOPNOTSUPP, "ZEROCOPY", () -> open(VethPair.SERVER, 0, BindMode.ZEROCOPY));
        open(VethPair.SERVER, 0, BindMode.AUTO).close();
    }

    @Test
    void shouldSayBusyWhenQueueIsHeld() {
        try (Umem other = Umem.allocate(64);
            XskSocket holder = XskSocket.open(VethPair.SERVER, 0, other, BindMode.COPY, SIZES)) {
            assertEquals("copy", holder.granted());
            assertRefused(LibC.EBUSY, "held", () -> open(VethPair.SERVER, 0, BindMode.AUTO));
        }
    }

    @Test
    void shouldBindAgainWhenJustClosed() {
        for (int i = 0; i < 20; i++) {
            open(VethPair.SERVER, 0, BindMode.AUTO).close();
        }
    }

    @Test
    void shouldNameProgramWhenInterfaceHasOne() {
        try (XdpProgram first = load(); XdpProgram second = load()) {
            first.attach(VethPair.SERVER, AttachMode.AUTO);
            final int id = XdpProgram.attachedProgram(VethPair.SERVER);
            assertTrue(id > 0);
            assertRefused(LibC.EBUSY, "program " + id, () -> second.attach(VethPair.SERVER, AttachMode.AUTO));
            assertThrows(IllegalStateException.class, () -> first.attach(VethPair.SERVER, AttachMode.AUTO));
            first.detach();
            second.attach(VethPair.SERVER, AttachMode.GENERIC);
            assertEquals("generic", second.granted());
        }
        assertEquals(0, XdpProgram.attachedProgram(VethPair.SERVER));
    }

    @Test
    void shouldRefuseQueueBeyondMapsWhenRegistering() {
        try (XdpProgram program = load(); XskSocket socket = open(VethPair.SERVER, 0, BindMode.AUTO)) {
            assertThrows(NativeException.class, () -> program.registerSocket(1, socket));
            assertThrows(NativeException.class, () -> program.readCounters(2, new long[XdpCounter.COUNT]));
            program.registerSocket(0, socket);
        }
    }

    @Test
    void shouldNameKernelWhenItRefusesObject() {
        assertEquals(List.of(), KernelFeature.missing());
        try (BpfObject object = BpfObject.open(XdpProgram.class, "xdp_memcached.bpf.o")) {
            object.resize("heartbeats", -1);
            final String refusal = assertThrows(NativeException.class, () -> object.load("xdp_memcached")).getMessage();
            assertTrue(refusal.contains("): Linux " + System.getProperty("os.version") + " says: "), refusal);
        }
    }

    @Test
    void shouldBeAcceptedByVerifierWhenOptionsAreAtTheirLimits() throws IOException {
        final List<InetAddress> addresses = new ArrayList<>();
        for (int i = 1; i <= XdpOptions.MAX_ADDRESSES; i++) {
            addresses.add(InetAddress.getByName("192.0.2." + i));
            addresses.add(InetAddress.getByName("fd00:6a::" + i));
        }
        final XdpOptions most = new XdpOptions(
            0xffff, XdpOptions.MAX_QUEUES, 1 << 20, -1, Long.MAX_VALUE, addresses, new byte[6]);
        try (XdpProgram program = XdpProgram.load(most)) {
            assertEquals((1 << 20) * XdpProgram.BUCKET_BYTES, program.tags().capacity());
            assertEquals(XdpOptions.MAX_QUEUES * XdpProgram.HEARTBEAT_BYTES, program.heartbeats().capacity());
            program.tags().putShort(program.tags().capacity() - Short.BYTES, (short) 1);
            assertEquals("detached", program.granted());
        }
        addresses.add(InetAddress.getByName("192.0.2.99"));
        assertThrows(
            IllegalArgumentException.class, () -> new XdpOptions(1, 1, 1, 0, 1, addresses, new byte[6]));
        XdpProgram.load(new XdpOptions(1, 1, 1, 0, 1, List.of(), new byte[6])).close();
    }

    @Test
    void shouldAllocateNothingWhenWakingAndPolling() {
        final var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (XskSocket socket = open(VethPair.SERVER, 0, BindMode.AUTO)) {
            // The linker's stubs allocate until the JIT has compiled the loop in full; then never again.
            final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            long allocated;
            do {
                final long before = threads.getCurrentThreadAllocatedBytes();
                wake(socket, ROUNDS);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            } while (allocated >= ROUNDS && System.nanoTime() < deadlineNs);
            // Less than one byte a round: what the measuring itself takes.
            assertTrue(allocated < ROUNDS, allocated + " bytes");
        }
    }

    private static void wake(final XskSocket socket, final int rounds) {
        for (int i = 0; i < rounds; i++) {
            socket.wakeTx();
            socket.wakeFill();
            socket.poll(0);
        }
    }

    @Test
    void shouldLeaveNoProgramAndNoTunDeviceWhenProcessIsKilled() throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(
            "nsenter", "--net=/var/run/netns/" + pair.serverNamespace(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), Victim.class.getName()));
        final Process victim = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader out =
            new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("ready native", out.readLine());
            assertTrue(XdpProgram.attachedProgram(VethPair.SERVER) > 0);
            assertTrue(links().contains("victim0"), links());
        } finally {
            victim.destroyForcibly();
        }
        assertTrue(victim.waitFor(10, TimeUnit.SECONDS));
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (XdpProgram.attachedProgram(VethPair.SERVER) != 0 || links().contains("victim0")) {
            assertTrue(System.nanoTime() < deadlineNs, "left behind: " + links());
            LockSupport.parkNanos(10_000_000);
        }
        open(VethPair.SERVER, 0, BindMode.AUTO).close();
    }

    private String links() {
        return Command.run("ip", "-n", pair.serverNamespace(), "link");
    }

    /** A process that holds everything there is to hold, and waits to be killed. */
    static final class Victim {
        private Victim() {
        }

        public static void main(final String[] args) throws InterruptedException {
            final Umem umem = Umem.allocate(64);
            final XskSocket socket = XskSocket.open(VethPair.SERVER, 0, umem, BindMode.AUTO, SIZES);
            final XdpProgram program = XdpProgram.load(new XdpOptions(
                Lab.PORT, 1, 16, 1, 1_000_000, Lab.addresses(), Interfaces.hardwareAddress(VethPair.SERVER)));
            program.registerSocket(0, socket);
            program.attach(VethPair.SERVER, AttachMode.AUTO);
            TunDevice.open("victim%d");
            System.out.println("ready " + program.granted());
            Thread.sleep(TimeUnit.MINUTES.toMillis(1));
        }
    }
}
