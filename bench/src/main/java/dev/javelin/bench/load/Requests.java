package dev.javelin.bench.load;

/**
 * The requests of one engine, those on their way and those of a while ago, in a table of {@value #SLOTS} slots in the
 * order in which they were sent. A slot's number is the request id, so a reply finds its request without a search, and
 * the oldest request is the next to be counted lost. Used by one thread.
 */
final class Requests {
    static final int SLOTS = 1 << 16;
    /** So many slots are always free of waiting requests, so that a late reply is told from a reply to the next. */
    private static final int SPARE = 64;

    static final byte UNUSED = 0;
    static final byte WAITING = 1;
    static final byte ANSWERED = 2;
    static final byte LOST = 3;

    final int keysEach;
    final byte[] state = new byte[SLOTS];
    final long[] intendedNs = new long[SLOTS];
    final int[] connection = new int[SLOTS];
    /** Items asked for: {@code keysEach} from {@code slot * keysEach} on. */
    final int[] item;
    /** Version that was acknowledged before the request was sent, for each item. */
    final int[] leastVersion;
    /** Bit {@code i}: the value of the request's i-th key has come; of use only if there are several. */
    final long[] found = new long[SLOTS];

    private final long[] sentNs = new long[SLOTS];
    private long next;
    private long oldest;
    private int waiting;

    Requests(int keysEach) {
        this.keysEach = keysEach;
        item = new int[SLOTS * keysEach];
        leastVersion = new int[SLOTS * keysEach];
    }

    /** Returns the slot of the request that {@link #sent} is going to tell of. */
    int nextSlot() {
        return (int) next & SLOTS - 1;
    }

    int waiting() {
        return waiting;
    }

    /** The request in the next slot has left. */
    void sent(int port, long dueNs, long nowNs) {
        int slot = nextSlot();
        state[slot] = WAITING;
        if (keysEach > 1) {
            found[slot] = 0;
        }
        connection[slot] = port;
        intendedNs[slot] = dueNs;
        sentNs[slot] = nowNs;
        next++;
        waiting++;
    }

    void answered(int slot) {
        state[slot] = ANSWERED;
        waiting--;
    }

    /** Gives up requests that were sent so long ago; returns how many. */
    int expire(long nowNs, long timeoutNs) {
        int lost = 0;
        while (oldest < next) {
            int slot = (int) oldest & SLOTS - 1;
            if (state[slot] == WAITING) {
                if (nowNs - sentNs[slot] < timeoutNs && next - oldest < SLOTS - SPARE) {
                    break;
                }
                state[slot] = LOST;
                waiting--;
                lost++;
            }
            oldest++;
        }
        return lost;
    }
}
