package dev.javelin.bench.reflect;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.agrona.DirectBuffer;

/** A veth pair, and a reflector at its client's end with sockets that hold its ports. */
final class ReflectLab implements AutoCloseable {
    static final int PORT = 11211;
    static final int FIRST_PORT = 20_000;
    static final int PORTS = 8;
    static final int ITEMS = 100;
    static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

    final VethPair pair;
    private final List<DatagramChannel> channels = new ArrayList<>();
    private Reflector reflector;

    ReflectLab(final int queues) {
        pair = VethPair.create(queues);
        // Without NAPI an end drops what the other sends by XDP.
        gro(pair.clientNamespace(), VethPair.CLIENT);
        gro(pair.serverNamespace(), VethPair.SERVER);
    }

    private static void gro(final String namespace, final String device) {
        Command.run("ip", "netns", "exec", namespace, "ethtool", "-K", device, "gro", "on");
    }

    static byte[] key(final int item) {
        return ("key-" + "k".repeat(item % 40) + item).getBytes(StandardCharsets.US_ASCII);
    }

    static IntSupplier uniform() {
        final SplittableRandom random = new SplittableRandom(3);
        return () -> random.nextInt(ITEMS);
    }

    static ReflectOptions options(final String address, final int window, final boolean isEcho, final int verifyEvery) {
        return new ReflectOptions(new InetSocketAddress(address, PORT), VethPair.CLIENT, FIRST_PORT, PORTS, window,
            isEcho, verifyEvery, TIMEOUT_NS, 100);
    }

    Reflector open(final ReflectOptions options, final IntSupplier sampler, final Reflector.SampleHandler handler)
        throws IOException {
        try (NetworkNamespace _ = pair.enterClient()) {
            for (int i = 0; i < PORTS; i++) {
                final DatagramChannel channel = DatagramChannel.open();
                channels.add(channel);
                final boolean isIpv4 = options.server().getAddress().getAddress().length == 4;
                channel.bind(new InetSocketAddress(
                    InetAddress.getByName(isIpv4 ? VethPair.CLIENT_IPV4 : VethPair.CLIENT_IPV6), FIRST_PORT + i));
                channel.connect(options.server());
                channel.configureBlocking(false);
            }
            reflector = Reflector.open(options, ITEMS, ReflectLab::key, sampler, this::send, handler);
            return reflector;
        }
    }

    private boolean send(final int port, final DirectBuffer payload, final int length) throws IOException {
        return channels.get(port).write(ByteBuffer.wrap(payload.byteArray(), 0, length)) == length;
    }

    @Override
    public void close() throws IOException {
        if (reflector != null) {
            reflector.close();
        }
        for (final DatagramChannel channel : channels) {
            channel.close();
        }
        pair.close();
    }
}
