package dev.javelin.fastpath;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Turns a parsed request into its reply, in the same frame: one datagram {@code VALUE ... VALUE ... END} as memcached
 * would send it, addresses changed, checksums right.
 * <p>
 * The request's text is first saved to a scratch buffer of the worker's, and keys are read from there; blocks are
 * copied straight from the cache into the frame. If a key turns out not to be servable the saved text is put back:
 * headers are touched only once every key has been found, so a frame that is handed back is bit for bit what was
 * received. Saving the request's some 20 bytes is cheaper than copying every value twice.
 * <p>
 * Owned by one worker.
 */
public final class ReplyBuilder {
    private static final int END_HEAD = 'E' | 'N' << 8 | 'D' << 16 | '\r' << 24;
    /** Of {@code END\r\n}, from an even offset. */
    private static final int END_SUM = InternetChecksum.fold(('E' | 'N' << 8) + ('D' | '\r' << 8) + '\n');
    private static final int NO_HINT = 0;
    private static final int HEADERS = UdpFlyweight.LENGTH + FrameHeaderFlyweight.LENGTH;
    private static final int MULTI_KEY_MISS = HandBackReason.MULTI_KEY_MISS.code();
    private static final int NOT_CACHED = HandBackReason.NOT_CACHED.code();

    private final EthernetFlyweight ethernet = new EthernetFlyweight();
    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final UdpFlyweight udp = new UdpFlyweight();
    private final FrameHeaderFlyweight frameHeader = new FrameHeaderFlyweight();
    private final UnsafeBuffer request = new UnsafeBuffer(new byte[4_096]);
    private final CacheReader cache;
    private final KeyHash keyHash;
    private final int mtu;
    private long textSum;
    private int replyLength;

    /**
     * A builder for one worker.
     *
     * @param cache   reader of the worker's own
     * @param keyHash the hash XDP uses
     * @param mtu     of the interface: most bytes of an IP packet
     */
    public ReplyBuilder(final CacheReader cache, final KeyHash keyHash, final int mtu) {
        this.cache = cache;
        this.keyHash = keyHash;
        this.mtu = mtu;
    }

    /**
     * Builds the reply.
     *
     * @param parsed    parser that has just found the request to be {@link RequestParser#OK}
     * @param frames    buffer that holds the frame
     * @param offset    of the Ethernet header
     * @param frameEnd  offset behind the last byte that may be written: the end of the UMEM chunk
     * @param firstHash hash of the first key if XDP has left it, else 0
     * @param nowNs     System.nanoTime() of this duty cycle
     * @return 0 if the frame now holds the reply, of {@link #replyLength} bytes; else the code of the reason to hand
     *     the unchanged frame back
     */
    public int build(final RequestParser parsed, final MutableDirectBuffer frames, final int offset, final int frameEnd,
        final long firstHash, final long nowNs) {
        final int textOffset = parsed.textOffset();
        final int ipOffset = offset + EthernetFlyweight.LENGTH;
        final int room = Math.min(Math.min(ipOffset + mtu, frameEnd) - textOffset, ValueCache.MAX_REPLY_TEXT);
        request.putBytes(0, frames, textOffset, parsed.textLength());
        final int textLength = collect(parsed, frames, textOffset, room - ValueCache.END_LENGTH, firstHash, nowNs);
        if (textLength < 0) {
            frames.putBytes(textOffset, request, 0, parsed.textLength());
            return -textLength;
        }
        writeHeaders(parsed, frames, offset, textLength);
        replyLength = textOffset + textLength - offset;
        return RequestParser.OK;
    }

    /** Length of the reply's text, or the negative code of what is in the way. */
    private int collect(final RequestParser parsed, final MutableDirectBuffer frames, final int textOffset,
        final int room, final long firstHash, final long nowNs) {
        final int keys = parsed.keyCount();
        long sum = 0;
        int length = 0;
        for (int i = 0; i < keys; i++) {
            final int keyOffset = parsed.keyOffset(i);
            final int keyLength = parsed.keyLength(i);
            final long hash = i == 0 && firstHash != NO_HINT ? firstHash : keyHash.hash(request, keyOffset, keyLength);
            final int block = cache.copy(hash, request, keyOffset, keyLength, nowNs, frames, textOffset + length,
                room - length);
            if (block < 0) {
                return keys > 1 && block == -NOT_CACHED ? -MULTI_KEY_MISS : block;
            }
            sum += InternetChecksum.atOffset(cache.blockSum(), length);
            length += block;
        }
        frames.putInt(textOffset + length, END_HEAD, ByteOrder.LITTLE_ENDIAN);
        frames.putByte(textOffset + length + Integer.BYTES, (byte) '\n');
        textSum = sum + InternetChecksum.atOffset(END_SUM, length);
        return length + ValueCache.END_LENGTH;
    }

    /** The frame header stays: {@link RequestParser} has seen that it is "first of one datagram". */
    private void writeHeaders(final RequestParser parsed, final MutableDirectBuffer frames, final int offset,
        final int textLength) {
        final int udpLength = HEADERS + textLength;
        final int ipOffset = offset + EthernetFlyweight.LENGTH;
        ethernet.wrap(frames, offset);
        ethernet.swapAddresses(frames, offset);
        if (parsed.isIpv6()) {
            ipv6.wrap(frames, ipOffset);
            ipv6.reply(udpLength);
        } else {
            ipv4.wrap(frames, ipOffset);
            ipv4.reply(frames, ipOffset, Ipv4Flyweight.LENGTH + udpLength);
        }
        frameHeader.wrap(frames, parsed.udpOffset() + UdpFlyweight.LENGTH);
        udp.wrap(frames, parsed.udpOffset());
        udp.reply(frames, parsed.udpOffset(), udpLength, parsed.addressSum(), frameHeader.sum() + textSum);
    }

    /**
     * Length of the frame that was built last.
     *
     * @return bytes from the Ethernet header
     */
    public int replyLength() {
        return replyLength;
    }
}
