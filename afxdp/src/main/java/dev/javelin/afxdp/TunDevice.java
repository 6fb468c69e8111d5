package dev.javelin.afxdp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A TUN device of this process: what is written to it, the kernel receives as if it came from a network
 * (<a href="https://docs.kernel.org/networking/tuntap.html">tuntap.rst</a>). It vanishes with the process.
 * <p>
 * A packet is a {@code struct virtio_net_hdr} (linux/virtio_net.h, native byte order) and then IPv4 or IPv6:
 * <pre>
 *   0 u8  flags        1 (VIRTIO_NET_HDR_F_NEEDS_CSUM): the checksum field holds the pseudo-header's sum only
 *   1 u8  gso_type     0
 *   2 u16 hdr_len      0
 *   4 u16 gso_size     0
 *   6 u16 csum_start   where summing begins, from the IP header
 *   8 u16 csum_offset  of the checksum field from there; 6 for UDP
 *  10     IP header
 * </pre>
 * Opened in the calling thread's network namespace. One thread writes.
 */
public final class TunDevice implements AutoCloseable {
    /** Bytes in front of the IP header. */
    public static final int HEADER_BYTES = 10;

    private static final int TUNSETIFF = 0x400454ca;
    private static final short IFF_TUN = 1;
    private static final short IFF_NO_PI = 0x1000;
    private static final short IFF_VNET_HDR = 0x4000;
    private static final int IFREQ_BYTES = 40;
    private static final int FLAGS_OFFSET = 16;

    /** RFC 7600: the IPv4 dummy address, which is nobody's. */
    private static final byte[] DUMMY_ADDRESS = {(byte) 192, 0, 0, 8};

    private final int fd;
    private final String name;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment captureState = arena.allocate(NativeLinker.CAPTURE_LAYOUT);

    private TunDevice(final int fd, final String name) {
        this.fd = fd;
        this.name = name;
    }

    /**
     * Makes a device, brings it up, and lets packets from everywhere in.
     *
     * @param namePattern up to 15 characters; {@code %d} becomes the first free number
     * @return the device
     * @throws NativeException without CAP_NET_ADMIN or /dev/net/tun
     */
    public static TunDevice open(final String namePattern) {
        final int fd;
        try (Arena arena = Arena.ofConfined()) {
            fd = NativeException.check("open",
                LibC.open(arena.allocateFrom("/dev/net/tun").address(),
                    LibC.O_RDWR | LibC.O_NONBLOCK | LibC.O_CLOEXEC, 0),
                "/dev/net/tun: needs CAP_NET_ADMIN and the tun module (modprobe tun)");
        }
        try {
            final TunDevice device = new TunDevice(fd, create(fd, namePattern));
            device.configure();
            return device;
        } catch (final RuntimeException e) {
            LibC.close(fd);
            throw e;
        }
    }

    private static String create(final int fd, final String namePattern) {
        if (namePattern.length() >= FLAGS_OFFSET) {
            throw new IllegalArgumentException("a device name has at most 15 characters: " + namePattern);
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = arena.allocate(IFREQ_BYTES, Long.BYTES);
            request.setString(0, namePattern);
            request.set(ValueLayout.JAVA_SHORT, FLAGS_OFFSET, (short) (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR));
            NativeException.check("TUNSETIFF", LibC.ioctl(fd, TUNSETIFF, request.address()),
                namePattern + ": the name is taken, or CAP_NET_ADMIN is missing");
            return request.getString(0);
        }
    }

    private void configure() {
        final boolean isFilteredEverywhere = !"0".equals(read(Path.of("/proc/sys/net/ipv4/conf/all/rp_filter")));
        sysctl("ipv6", "addr_gen_mode", "1");
        sysctl("ipv6", "accept_ra", "0");
        sysctl("ipv6", "router_solicitations", "0");
        sysctl("ipv6", "disable_ipv6", "0");
        // The kernel takes the larger of "all" and the device's own: loose is the least that is left then, and the
        // loose check also drops whatever comes from a device without an address.
        sysctl("ipv4", "rp_filter", isFilteredEverywhere ? "2" : "0");
        if (isFilteredEverywhere) {
            try {
                Interfaces.address(name, InetAddress.getByAddress(DUMMY_ADDRESS));
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        Interfaces.up(name);
    }

    private void sysctl(final String family, final String key, final String value) {
        final Path path = Path.of("/proc/sys/net", family, "conf", name, key);
        // A kernel without IPv6 has no such file; a read-only /proc may hold the right value already.
        if (!Files.exists(path) || value.equals(read(path))) {
            return;
        }
        try {
            Files.writeString(path, value);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot write " + value + " to " + path, e);
        }
    }

    private static String read(final Path path) {
        try {
            return Files.readString(path).strip();
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /**
     * The name that the kernel gave.
     *
     * @return for example {@code javelin0}
     */
    public String name() {
        return name;
    }

    /**
     * Gives the kernel one packet. Allocates nothing, does not block.
     *
     * @param headerAndPacketAddress of the 10-byte header, with the IP header directly behind it
     * @param length                 of both, in bytes
     * @return false if the kernel refused it
     */
    public boolean write(final long headerAndPacketAddress, final int length) {
        return LibC.write(captureState, fd, headerAndPacketAddress, length) == length;
    }

    /** Removes the device. */
    @Override
    public void close() {
        LibC.close(fd);
        arena.close();
    }
}
