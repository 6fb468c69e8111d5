package dev.javelin.fastpath;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * Reads a received frame, trusting nobody: not the sender, not the XDP program that chose it. Every length is checked
 * against the bytes that are really there before it is used.
 * <p>
 * Served is one form only: Ethernet, IPv4 without options or IPv6 without extension headers, UDP to our port, a frame
 * header "first of one datagram", and the text {@code get KEY[ KEY...]\r\n} with single spaces that ends with the
 * datagram. Keys have 1 to 250 bytes, none of them a control character or a space. Whatever else memcached may accept
 * (bare {@code \n}, doubled spaces, other commands) is refused here, for memcached to answer.
 * <p>
 * One thread owns it and reuses it: what the getters return belongs to the latest {@link #parse} that returned
 * {@link #OK}. The slow path may use one of its own to find the keys of a frame that was handed back.
 */
public final class RequestParser {
    /** The request can be looked up. Any other answer of {@link #parse} is a {@link HandBackReason#code}. */
    public static final int OK = 0;

    /**
     * Most keys of a request: as many as fit a reply if every key has one byte and every value none
     * ({@code "VALUE k 0 0\r\n\r\n"}). More could never be answered in one datagram.
     */
    public static final int MAX_KEYS = ValueCache.MAX_REPLY_TEXT / 15;

    private static final int MALFORMED = HandBackReason.MALFORMED.code();
    private static final int CHECKSUM = HandBackReason.CHECKSUM.code();
    private static final int SENDER = HandBackReason.SENDER.code();
    private static final int TOO_LARGE = HandBackReason.REPLY_TOO_LARGE.code();

    private static final int GET = 'g' | 'e' << 8 | 't' << 16 | ' ' << 24;
    private static final long EACH_BYTE = 0x0101_0101_0101_0101L;
    private static final long BYTE_TOPS = 0x8080_8080_8080_8080L;
    private static final int COMMAND_LENGTH = 4;
    private static final int LINE_END_LENGTH = 2;
    private static final short LINE_END = '\r' | '\n' << 8;

    private final EthernetFlyweight ethernet = new EthernetFlyweight();
    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final UdpFlyweight udp = new UdpFlyweight();
    private final FrameHeaderFlyweight frameHeader = new FrameHeaderFlyweight();
    private final int port;
    private final int[] keyOffsets = new int[MAX_KEYS];
    private final int[] keyLengths = new int[MAX_KEYS];
    private boolean isIpv6;
    private boolean checksumPartial;
    private int udpOffset;
    private int textOffset;
    private int textLength;
    private int keyCount;
    private long addressSum;

    /**
     * A parser for one port.
     *
     * @param port UDP port memcached listens on, 1 to 65,535
     */
    public RequestParser(final int port) {
        this.port = port;
    }

    /**
     * Parses a frame; changes nothing in it.
     *
     * @param frames buffer that holds it
     * @param offset of the Ethernet header
     * @param length of the frame in bytes; offset + length must lie inside the buffer
     * @return {@link #OK}, or the code of the reason to hand it back
     */
    public int parse(final MutableDirectBuffer frames, final int offset, final int length) {
        if (length < EthernetFlyweight.LENGTH) {
            return MALFORMED;
        }
        ethernet.wrap(frames, offset);
        final int ipOffset = offset + EthernetFlyweight.LENGTH;
        final int available = length - EthernetFlyweight.LENGTH;
        final int type = ethernet.type();
        final int code;
        if (type == EthernetFlyweight.TYPE_IPV4) {
            code = parseIpv4(frames, ipOffset, available);
        } else if (type == EthernetFlyweight.TYPE_IPV6) {
            code = parseIpv6(frames, ipOffset, available);
        } else {
            code = MALFORMED;
        }
        return code == OK && ethernet.isSourceGroup() ? SENDER : code;
    }

    private int parseIpv4(final MutableDirectBuffer frames, final int offset, final int available) {
        if (available < Ipv4Flyweight.LENGTH) {
            return MALFORMED;
        }
        ipv4.wrap(frames, offset);
        final int totalLength = ipv4.totalLength();
        if (!ipv4.isPlain() || totalLength < Ipv4Flyweight.LENGTH || totalLength > available || ipv4.isFragment()
            || ipv4.protocol() != UdpFlyweight.PROTOCOL) {
            return MALFORMED;
        }
        if (!ipv4.isChecksumRight()) {
            return CHECKSUM;
        }
        if (!ipv4.isSourceUnicast()) {
            return SENDER;
        }
        isIpv6 = false;
        addressSum = ipv4.addressSum();
        return parseUdp(frames, offset + Ipv4Flyweight.LENGTH, totalLength - Ipv4Flyweight.LENGTH);
    }

    private int parseIpv6(final MutableDirectBuffer frames, final int offset, final int available) {
        if (available < Ipv6Flyweight.LENGTH) {
            return MALFORMED;
        }
        ipv6.wrap(frames, offset);
        final int payloadLength = ipv6.payloadLength();
        if (ipv6.version() != 6 || payloadLength > available - Ipv6Flyweight.LENGTH
            || ipv6.nextHeader() != UdpFlyweight.PROTOCOL) {
            return MALFORMED;
        }
        if (!ipv6.isSourceUnicast()) {
            return SENDER;
        }
        isIpv6 = true;
        addressSum = ipv6.addressSum();
        return parseUdp(frames, offset + Ipv6Flyweight.LENGTH, payloadLength);
    }

    private int parseUdp(final MutableDirectBuffer frames, final int offset, final int available) {
        if (available < UdpFlyweight.LENGTH + FrameHeaderFlyweight.LENGTH) {
            return MALFORMED;
        }
        udp.wrap(frames, offset);
        final int length = udp.length();
        if (length < UdpFlyweight.LENGTH + FrameHeaderFlyweight.LENGTH || length > available
            || udp.destinationPort() != port) {
            return MALFORMED;
        }
        if (udp.sourcePort() == 0) {
            return SENDER;
        }
        frameHeader.wrap(frames, offset + UdpFlyweight.LENGTH);
        if (!frameHeader.isSingle()) {
            return MALFORMED;
        }
        if (!checkChecksum(frames, offset, length)) {
            return CHECKSUM;
        }
        udpOffset = offset;
        textOffset = offset + UdpFlyweight.LENGTH + FrameHeaderFlyweight.LENGTH;
        textLength = length - UdpFlyweight.LENGTH - FrameHeaderFlyweight.LENGTH;
        return parseText(frames);
    }

    /**
     * Right are: none (IPv4 only, RFC 8200 section 8.1), a full checksum, and the bare pseudo header sum that a sender
     * on the same machine leaves for hardware to complete (Linux, checksum-offloads.rst, CHECKSUM_PARTIAL).
     */
    private boolean checkChecksum(final MutableDirectBuffer frames, final int offset, final int length) {
        checksumPartial = false;
        final int checksum = udp.checksum();
        if (checksum == 0) {
            return !isIpv6;
        }
        final long pseudo = UdpFlyweight.pseudoHeaderSum(addressSum, length);
        if (InternetChecksum.fold(pseudo + InternetChecksum.sum(frames, offset, length)) == 0xFFFF) {
            return true;
        }
        checksumPartial = checksum == InternetChecksum.fold(pseudo);
        return checksumPartial;
    }

    private int parseText(final MutableDirectBuffer frames) {
        if (textLength < COMMAND_LENGTH + 1 + LINE_END_LENGTH
            || frames.getInt(textOffset, ByteOrder.LITTLE_ENDIAN) != GET
            || frames.getShort(textOffset + textLength - LINE_END_LENGTH, ByteOrder.LITTLE_ENDIAN) != LINE_END) {
            return MALFORMED;
        }
        final int end = textOffset + textLength - LINE_END_LENGTH;
        int keyStart = textOffset + COMMAND_LENGTH;
        int count = 0;
        while (keyStart <= end) {
            final int keyEnd = firstSpecial(frames, keyStart, end);
            final int keyLength = keyEnd - keyStart;
            if (keyLength == 0 || keyLength > KeyHash.MAX_KEY_LENGTH
                || (keyEnd != end && frames.getByte(keyEnd) != ' ')) {
                return MALFORMED;
            }
            if (count == MAX_KEYS) {
                return TOO_LARGE;
            }
            keyOffsets[count] = keyStart - textOffset;
            keyLengths[count++] = keyLength;
            keyStart = keyEnd + 1;
        }
        keyCount = count;
        return OK;
    }

    /** Offset of the first byte that is a space, a control character or DEL; {@code end}, where one is, if no other. */
    private static int firstSpecial(final MutableDirectBuffer frames, final int start, final int end) {
        int at = start;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            final long specials = specials(frames.getLong(at, ByteOrder.LITTLE_ENDIAN));
            if (specials != 0) {
                return at + (Long.numberOfTrailingZeros(specials) >>> 3);
            }
        }
        // The rest by one load that ends with the byte at end, and so reads nothing behind the text.
        final int last = end + 1 - Long.BYTES;
        final long rest = frames.getLong(last, ByteOrder.LITTLE_ENDIAN) >>> ((at - last) << 3);
        return at + (Long.numberOfTrailingZeros(specials(rest)) >>> 3);
    }

    /** The top bit of each byte that is at most a space, or DEL; above the lowest such byte others may be shown too. */
    private static long specials(final long word) {
        final long del = word ^ EACH_BYTE * 0x7F;
        return ((word - EACH_BYTE * (' ' + 1)) & ~word | (del - EACH_BYTE) & ~del) & BYTE_TOPS;
    }

    /**
     * IP version of the request.
     *
     * @return true for IPv6, false for IPv4
     */
    public boolean isIpv6() {
        return isIpv6;
    }

    /**
     * Whether the UDP checksum is only the pseudo header's sum, left to be completed by hardware. Whoever hands the
     * frame on has to complete or mark it.
     *
     * @return true if so
     */
    public boolean checksumPartial() {
        return checksumPartial;
    }

    /**
     * Where the UDP header is.
     *
     * @return absolute offset in the buffer
     */
    public int udpOffset() {
        return udpOffset;
    }

    /**
     * Where the text behind the frame header is.
     *
     * @return absolute offset in the buffer
     */
    public int textOffset() {
        return textOffset;
    }

    /**
     * Length of the text.
     *
     * @return bytes, the final {@code \r\n} included
     */
    public int textLength() {
        return textLength;
    }

    /**
     * How many keys the request has; the same key twice counts twice.
     *
     * @return 1 to {@link #MAX_KEYS}
     */
    public int keyCount() {
        return keyCount;
    }

    /**
     * Where a key is.
     *
     * @param i 0 to keyCount - 1, in the order of the request
     * @return offset from {@link #textOffset}
     */
    public int keyOffset(final int i) {
        return keyOffsets[i];
    }

    /**
     * Length of a key.
     *
     * @param i 0 to keyCount - 1, in the order of the request
     * @return 1 to 250 bytes
     */
    public int keyLength(final int i) {
        return keyLengths[i];
    }

    /**
     * The pseudo header's addresses.
     *
     * @return partial sum of both IP addresses
     */
    long addressSum() {
        return addressSum;
    }
}
