package dev.javelin.bench.load;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.BpfObject;
import dev.javelin.afxdp.Interfaces;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The XDP program xdp_load.bpf.c on the interface: it redirects the server's replies into the sockets, everything else
 * goes to the kernel. Belongs to one thread.
 */
final class XdpLoad implements AutoCloseable {
    private static final int CONFIG_BYTES = 24;
    private static final int ADDRESS_BYTES = 16;
    private static final short ETHERNET_TYPE_IPV4 = 0x0800;
    private static final short ETHERNET_TYPE_IPV6 = (short) 0x86DD;
    private static final long CARRIER_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(15);

    private final BpfObject object;

    private XdpLoad(BpfObject object) {
        this.object = object;
    }

    /**
     * Loads the program and puts it on the interface.
     *
     * @param queues sockets of queue 0, 1 and so on.
     * @throws IOException if the interface's link does not come back.
     */
    static XdpLoad attach(Route route, int firstPort, int portCount, List<XskQueue> queues) throws IOException {
        BpfObject object = BpfObject.open(XdpLoad.class, "xdp_load.bpf.o");
        try {
            object.constants(config(route, firstPort, portCount)).resize("xsks", queues.size()).load("xdp_load");
            for (int queue = 0; queue < queues.size(); queue++) {
                object.update("xsks", queue, queues.get(queue).socket().fd());
            }
            object.attach(route.interfaceName(), AttachMode.AUTO);
            awaitCarrier(route.interfaceName());
            return new XdpLoad(object);
        } catch (RuntimeException | IOException e) {
            object.close();
            throw e;
        }
    }

    /** Some drivers take the link down for seconds while they make room for a program. */
    private static void awaitCarrier(String interfaceName) throws IOException {
        long deadlineNs = System.nanoTime() + CARRIER_TIMEOUT_NS;
        while (!Interfaces.carrier(interfaceName)) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException(interfaceName + " has lost its link when the XDP program was attached");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static byte[] config(Route route, int firstPort, int portCount) {
        boolean ipv4 = route.server().getAddress() instanceof Inet4Address;
        return ByteBuffer.allocate(CONFIG_BYTES)
            .put(route.server().getAddress().getAddress())
            .position(ADDRESS_BYTES)
            .putShort(ipv4 ? ETHERNET_TYPE_IPV4 : ETHERNET_TYPE_IPV6)
            .putShort((short) route.server().getPort())
            .order(ByteOrder.nativeOrder())
            .putShort((short) firstPort)
            .putShort((short) portCount)
            .array();
    }

    /** Takes the program off; the kernel gets every packet from here on. May be called twice. */
    void detach() {
        object.detach();
    }

    @Override
    public void close() {
        object.close();
    }
}
