package dev.javelin.afxdp;

/**
 * Entries of the four rings of a socket; powers of two.
 *
 * @param fill       room for all frames of the UMEM lets any number of them wait to be received into
 * @param completion as tx at least
 * @param rx         received packets that the worker has not seen yet
 * @param tx         packets that the kernel has not sent yet
 */
public record RingSizes(int fill, int completion, int rx, int tx) {
    /** 4,096 frames to receive into, 2,048 packets in each direction. */
    public static final RingSizes DEFAULT = new RingSizes(4096, 4096, 2048, 2048);

    /** Checks that all are powers of two. */
    public RingSizes {
        check("fill", fill);
        check("completion", completion);
        check("rx", rx);
        check("tx", tx);
    }

    private static void check(final String name, final int size) {
        if (size < 1 || Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException(name + " ring must have a power of two entries, not " + size);
        }
    }
}
