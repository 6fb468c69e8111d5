package dev.javelin.slowpath;

import dev.javelin.afxdp.TunDevice;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Gives a request that user space did not answer to the kernel's network stack, as if it had just arrived.
 *
 * <p>The packet goes through a TUN device, byte for byte as the client sent it and with the client's source address,
 * so memcached answers the client directly. The Ethernet header is not part of what a TUN device takes, and the
 * {@code virtio_net_hdr} which it does take is shorter, so the one is written over the end of the other and nothing
 * is copied:
 *
 * <pre>
 *    0             4                    14
 *   +-------------+--------------------+------------------------+
 *   | Ethernet header (14)             | IPv4 or IPv6 packet    |   frame as received
 *   +-------------+--------------------+------------------------+
 *                 | virtio_net_hdr (10)| IPv4 or IPv6 packet    |   as written to the device
 *                 +--------------------+------------------------+
 * </pre>
 *
 * <p>A request from a sender on the same machine carries only the sum of its pseudo header where the UDP checksum
 * belongs (CHECKSUM_PARTIAL). Such a packet is marked {@code VIRTIO_NET_HDR_F_NEEDS_CSUM}, with which the kernel
 * treats it as it would have treated the original; any other is left for the kernel to verify.
 *
 * <p>Used by the slow path's thread. Sources: linux/virtio_net.h, Documentation/networking/tuntap.rst, RFC 768.
 */
final class HandBack {
    private static final int ETHERNET_LENGTH = 14;
    private static final int VNET_HEADER_LENGTH = 10;
    private static final int VNET_FLAGS_OFFSET = 0;
    private static final int VNET_CSUM_START_OFFSET = 6;
    private static final int VNET_CSUM_OFFSET_OFFSET = 8;
    private static final byte VNET_NEEDS_CSUM = 1;

    private static final int IPV4_HEADER_LENGTH = 20;
    private static final int IPV6_HEADER_LENGTH = 40;
    private static final int UDP_CHECKSUM_OFFSET = 6;
    private static final int UDP_HEADER_LENGTH = 8;
    private static final int PROTOCOL_UDP = 17;

    private final TunDevice tun;

    HandBack(TunDevice tun) {
        this.tun = tun;
    }

    /**
     * Writes one frame's packet to the device. The frame's Ethernet header is destroyed.
     *
     * @param umem   buffer over the UMEM.
     * @param offset of the Ethernet header.
     * @param length of the frame, from the Ethernet header on.
     * @return whether the kernel took it.
     */
    boolean write(UnsafeBuffer umem, int offset, int length) {
        if (length < ETHERNET_LENGTH + IPV4_HEADER_LENGTH + UDP_HEADER_LENGTH) {
            return false;
        }
        int packet = offset + ETHERNET_LENGTH;
        int packetLength = length - ETHERNET_LENGTH;
        int header = packet - VNET_HEADER_LENGTH;
        int udpOffset = udpOffset(umem, packet, packetLength);
        umem.setMemory(header, VNET_HEADER_LENGTH, (byte) 0);
        if (udpOffset > 0 && isChecksumPartial(umem, packet, udpOffset)) {
            umem.putByte(header + VNET_FLAGS_OFFSET, VNET_NEEDS_CSUM);
            umem.putShort(header + VNET_CSUM_START_OFFSET, (short) udpOffset, ByteOrder.nativeOrder());
            umem.putShort(header + VNET_CSUM_OFFSET_OFFSET, (short) UDP_CHECKSUM_OFFSET, ByteOrder.nativeOrder());
        }
        return tun.write(umem.addressOffset() + header, VNET_HEADER_LENGTH + packetLength);
    }

    /** @return offset of the UDP header from the IP header, or 0 when there is none we know how to find. */
    private static int udpOffset(UnsafeBuffer umem, int packet, int packetLength) {
        int version = (umem.getByte(packet) & 0xf0) >> 4;
        if (version == 4) {
            boolean plain = umem.getByte(packet) == 0x45 && umem.getByte(packet + 9) == PROTOCOL_UDP;
            return plain ? IPV4_HEADER_LENGTH : 0;
        }
        boolean plain = version == 6 && packetLength >= IPV6_HEADER_LENGTH + UDP_HEADER_LENGTH
            && umem.getByte(packet + 6) == PROTOCOL_UDP;
        return plain ? IPV6_HEADER_LENGTH : 0;
    }

    private static boolean isChecksumPartial(UnsafeBuffer umem, int packet, int udpOffset) {
        int addresses = udpOffset == IPV4_HEADER_LENGTH ? 12 : 8;
        int sum = PROTOCOL_UDP + bigEndian(umem, packet + udpOffset + 4);
        for (int i = packet + addresses; i < packet + udpOffset; i += 2) {
            sum += bigEndian(umem, i);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return sum == bigEndian(umem, packet + udpOffset + UDP_CHECKSUM_OFFSET);
    }

    private static int bigEndian(UnsafeBuffer umem, int index) {
        return umem.getShort(index, ByteOrder.BIG_ENDIAN) & 0xffff;
    }
}
