package dev.javelin.afxdp;

import org.agrona.DirectBuffer;

/**
 * The keys of sampled misses, out of the BPF ring buffer in which the XDP program leaves them. A record is
 * {u8 key length, u8 key[250]}. Belongs to one thread; owned by its {@link XdpProgram}.
 */
public final class MissRing {
    private static final int MAX_KEY = 250;

    private final BpfRing ring;
    private final BpfRing.Handler records = this::onRecord;
    private MissHandler handler;
    private int skipped;

    MissRing(final BpfRing ring) {
        this.ring = ring;
    }

    /**
     * Hands over waiting keys, oldest first. Allocates nothing. If the handler throws, the key it was given is taken
     * all the same.
     *
     * @param to    called for each key
     * @param limit of keys in this call
     * @return number of keys handed over
     */
    public int poll(final MissHandler to, final int limit) {
        handler = to;
        skipped = 0;
        return ring.poll(records, limit) - skipped;
    }

    private void onRecord(final DirectBuffer buffer, final int offset, final int length) {
        final int keyLength = buffer.getByte(offset) & 0xff;
        if (keyLength < 1 || keyLength > MAX_KEY || keyLength >= length) {
            skipped++;
            return;
        }
        handler.onMiss(buffer, offset + 1, keyLength);
    }
}
