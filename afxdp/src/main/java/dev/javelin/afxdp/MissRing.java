package dev.javelin.afxdp;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * The keys of sampled misses, out of the BPF ring buffer in which the XDP program leaves them. A record is
 * {u64 key length, u8 key[256]}. Belongs to one thread; owned by its {@link XdpProgram}.
 */
public final class MissRing {
    private static final int MAX_KEY = 250;
    private static final int KEY_OFFSET = Long.BYTES;

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
        final long keyLength = buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
        if (keyLength < 1 || keyLength > MAX_KEY || KEY_OFFSET + keyLength > length) {
            skipped++;
            return;
        }
        handler.onMiss(buffer, offset + KEY_OFFSET, (int) keyLength);
    }
}
