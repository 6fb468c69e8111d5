package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Facts about network interfaces, in the calling thread's network namespace. The JDK's own NetworkInterface and /sys
 * look at the process's namespace instead.
 */
public final class Interfaces {
    private static final int NAME_BYTES = 16;

    /** struct ifreq: the name, then a union. */
    private static final int IFREQ_BYTES = 40;
    static final int IFREQ_UNION_OFFSET = NAME_BYTES;

    private static final int SIOCGIFFLAGS = 0x8913;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int SIOCSIFADDR = 0x8916;
    private static final int SIOCGIFMTU = 0x8921;
    private static final int SIOCGIFHWADDR = 0x8927;
    static final int SIOCETHTOOL = 0x8946;
    private static final short IFF_UP = 1;
    private static final short IFF_RUNNING = 0x40;

    /** struct ifaddrs, 64 bit: next, name, flags, address. */
    private static final int IFADDRS_BYTES = 56;
    private static final int IFADDRS_NAME_OFFSET = 8;
    private static final int IFADDRS_ADDRESS_OFFSET = 24;
    private static final int SOCKADDR_IN_ADDRESS_OFFSET = 4;
    private static final int SOCKADDR_IN6_ADDRESS_OFFSET = 8;

    private Interfaces() {
    }

    /**
     * The kernel's number of an interface.
     *
     * @param name of the interface
     * @return positive
     * @throws NativeException ENODEV if there is no such interface
     */
    public static int index(final String name) {
        try (Arena arena = Arena.ofConfined()) {
            return NativeException.check(
                "if_nametoindex",
                LibC.if_nametoindex(arena.allocateFrom(name).address()),
                "no interface " + name + " in this network namespace: ip link shows what there is");
        }
    }

    /**
     * The interface's own MAC address.
     *
     * @param name of the interface
     * @return 6 bytes
     */
    public static byte[] hardwareAddress(final String name) {
        final MemorySegment request = request(name, "SIOCGIFHWADDR", SIOCGIFHWADDR);
        return request.asSlice(IFREQ_UNION_OFFSET + Short.BYTES, 6).toArray(ValueLayout.JAVA_BYTE);
    }

    /**
     * The largest IP packet.
     *
     * @param name of the interface
     * @return in bytes
     */
    public static int mtu(final String name) {
        return request(name, "SIOCGIFMTU", SIOCGIFMTU).get(INT, IFREQ_UNION_OFFSET);
    }

    /**
     * Whether the interface is up and its link is too.
     *
     * @param name of the interface
     * @return true if packets can flow
     */
    public static boolean carrier(final String name) {
        final int both = IFF_UP | IFF_RUNNING;
        return (flags(name) & both) == both;
    }

    /**
     * Number of receive queues in use, which is what {@code ethtool -l} shows as RX plus Combined.
     *
     * @param name of the interface
     * @return at least 1; 1 also for a driver that does not say
     */
    public static int queues(final String name) {
        return Ethtool.channels(name).map(channels -> Math.max(1, channels.receiving())).orElse(1);
    }

    /**
     * All addresses of the interface, link-local ones included.
     *
     * @param name of the interface
     * @return IPv4 and IPv6
     */
    public static List<InetAddress> addresses(final String name) {
        index(name);
        final List<InetAddress> addresses = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment list = arena.allocate(LONG);
            NativeException.check("getifaddrs", LibC.getifaddrs(list.address()));
            final long first = list.get(LONG, 0);
            try {
                for (long next = first; next != 0; ) {
                    final MemorySegment entry = NativeLinker.view(next, IFADDRS_BYTES);
                    final long socketAddress = entry.get(LONG, IFADDRS_ADDRESS_OFFSET);
                    if (socketAddress != 0 && name.equals(NativeLinker.string(entry.get(LONG, IFADDRS_NAME_OFFSET)))) {
                        addAddress(socketAddress, addresses);
                    }
                    next = entry.get(LONG, 0);
                }
            } finally {
                LibC.freeifaddrs(first);
            }
        }
        return addresses;
    }

    private static void addAddress(final long socketAddress, final List<InetAddress> addresses) {
        final int family = NativeLinker.view(socketAddress, Short.BYTES).get(ValueLayout.JAVA_SHORT, 0);
        final int offset = family == LibC.AF_INET ? SOCKADDR_IN_ADDRESS_OFFSET : SOCKADDR_IN6_ADDRESS_OFFSET;
        final int bytes = family == LibC.AF_INET ? 4 : 16;
        if (family != LibC.AF_INET && family != LibC.AF_INET6) {
            return;
        }
        try {
            addresses.add(InetAddress.getByAddress(
                NativeLinker.view(socketAddress + offset, bytes).toArray(ValueLayout.JAVA_BYTE)));
        } catch (final UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    static void up(final String name) {
        change(name, "SIOCSIFFLAGS", SIOCSIFFLAGS, (short) (flags(name) | IFF_UP));
    }

    /** Gives the interface an IPv4 address, with the prefix length of its class. */
    static void address(final String name, final InetAddress address) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = named(arena, name);
            request.set(ValueLayout.JAVA_SHORT, IFREQ_UNION_OFFSET, (short) LibC.AF_INET);
            MemorySegment.copy(
                address.getAddress(),
                0,
                request,
                ValueLayout.JAVA_BYTE,
                IFREQ_UNION_OFFSET + SOCKADDR_IN_ADDRESS_OFFSET,
                4);
            NativeException.check("SIOCSIFADDR", control(request, SIOCSIFADDR));
        }
    }

    private static short flags(final String name) {
        return request(name, "SIOCGIFFLAGS", SIOCGIFFLAGS).get(ValueLayout.JAVA_SHORT, IFREQ_UNION_OFFSET);
    }

    private static void change(final String name, final String what, final int code, final short value) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = named(arena, name);
            request.set(ValueLayout.JAVA_SHORT, IFREQ_UNION_OFFSET, value);
            NativeException.check(what, control(request, code));
        }
    }

    private static MemorySegment request(final String name, final String what, final int code) {
        final MemorySegment request = named(Arena.ofAuto(), name);
        final int result = control(request, code);
        NativeException.check(what, result, name + ": " + LibC.strerrordesc_np(-result));
        return request;
    }

    static MemorySegment named(final Arena arena, final String name) {
        if (name.isEmpty() || name.length() >= NAME_BYTES) {
            throw new NativeException("ifreq", LibC.ENODEV, "no interface can have the name '" + name + "'");
        }
        final MemorySegment request = arena.allocate(IFREQ_BYTES, Long.BYTES);
        request.setString(0, name);
        return request;
    }

    static int control(final MemorySegment request, final int code) {
        final int fd = NativeException.check(
            "socket", LibC.socket(LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0));
        try {
            return LibC.ioctl(fd, code, request.address());
        } finally {
            LibC.close(fd);
        }
    }
}
