package dev.javelin.afxdp;

import dev.javelin.afxdp.testing.VethPair;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** A veth pair with the loaded program and a registered socket on queue 0 of its server's end; not attached. */
final class Lab implements AutoCloseable {
    static final int PORT = 11211;
    static final int BUCKETS = 1 << 10;
    static final int FRAMES = 256;
    static final long SEED = 0x0123456789abcdefL;
    static final long HEARTBEAT_LIMIT_NS = 60_000_000_000L;

    final VethPair pair;
    final NetworkNamespace home;
    final Umem umem = Umem.allocate(FRAMES);
    final XskSocket socket;
    final XdpProgram program;
    private boolean isSocketOpen = true;

    /** The program knows one queue of the pair's. */
    Lab(final int queues) {
        this(queues, XdpProgram::load);
    }

    private Lab(final int queues, final Function<XdpOptions, XdpProgram> loader) {
        pair = VethPair.create(queues);
        home = pair.enterServer();
        socket = XskSocket.open(VethPair.SERVER, 0, umem, BindMode.AUTO, new RingSizes(256, 256, 256, 256));
        program = load(loader);
        program.registerSocket(0, socket);
    }

    /** With one queue, so that every packet of the client meets the socket. */
    static Lab create() {
        return new Lab(1);
    }

    /** A refused program leaves no namespace behind. */
    private XdpProgram load(final Function<XdpOptions, XdpProgram> loader) {
        try {
            return loader.apply(new XdpOptions(
                PORT,
                1,
                BUCKETS,
                SEED,
                HEARTBEAT_LIMIT_NS,
                addresses(),
                Interfaces.hardwareAddress(VethPair.SERVER)));
        } catch (final RuntimeException e) {
            closeSocket();
            umem.close();
            home.close();
            pair.close();
            throw e;
        }
    }

    /** The same with what another compiler made of the program. */
    static Lab of(final Path object) {
        return new Lab(1, options -> XdpProgram.load(options, object));
    }

    static List<InetAddress> addresses() {
        try {
            return List.of(
                InetAddress.getByName(VethPair.SERVER_IPV4), InetAddress.getByName(VethPair.SERVER_IPV6));
        } catch (final UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    void beat(final int queue) {
        program.heartbeats().putLongRelease(queue * XdpProgram.HEARTBEAT_BYTES, System.nanoTime());
    }

    void index(final byte[] key) {
        final long hash = KeyHashReference.hash(SEED, key);
        final int bucket = (int) hash & BUCKETS - 1;
        // The way depends on the key, so that every way is used by some test.
        final int way = key.length % XdpOptions.WAYS;
        program.tags().putShort(
            bucket * XdpProgram.BUCKET_BYTES + way * Short.BYTES, KeyHashReference.tag(hash));
    }

    void clearIndex() {
        program.tags().setMemory(0, program.tags().capacity(), (byte) 0);
    }

    long[] counters(final int queue) {
        final long[] counters = new long[XdpCounter.COUNT];
        program.readCounters(queue, counters);
        return counters;
    }

    void fill(final int frames) {
        socket.fill().reserve(frames);
        for (int i = 0; i < frames; i++) {
            socket.fill().address(i, (long) i * Umem.FRAME_SIZE);
        }
        socket.fill().submit(frames);
    }

    void closeSocket() {
        if (isSocketOpen) {
            isSocketOpen = false;
            socket.close();
        }
    }

    static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        program.detach();
        closeSocket();
        umem.close();
        program.close();
        home.close();
        pair.close();
    }
}
