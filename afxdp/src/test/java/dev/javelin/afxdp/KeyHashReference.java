package dev.javelin.afxdp;

/** The key hash written down a second time, straight from its definition and with no thought of speed. */
final class KeyHashReference {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private KeyHashReference() {
    }

    static long hash(final long seed, final byte[] key) {
        long sum = 0;
        for (int word = 0; word * 8 < key.length; word++) {
            final long expanded = splitMix64(seed + (word + 1) * GOLDEN);
            final int low = littleEndian(key, word * 8) + (int) expanded;
            final int high = littleEndian(key, word * 8 + 4) + (int) (expanded >>> 32);
            sum += Integer.toUnsignedLong(low) * Integer.toUnsignedLong(high);
        }
        long h = sum ^ key.length * GOLDEN;
        h = (h ^ h >>> 33) * 0xFF51AFD7ED558CCDL;
        h = (h ^ h >>> 33) * 0xC4CEB9FE1A85EC53L;
        return h ^ h >>> 33;
    }

    static short tag(final long hash) {
        final short tag = (short) (hash >>> 48);
        return tag == 0 ? 1 : tag;
    }

    private static long splitMix64(final long state) {
        final long first = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        final long second = (first ^ first >>> 27) * 0x94D049BB133111EBL;
        return second ^ second >>> 31;
    }

    private static int littleEndian(final byte[] key, final int offset) {
        int value = 0;
        for (int i = 0; i < 4 && offset + i < key.length; i++) {
            value |= (key[offset + i] & 0xff) << 8 * i;
        }
        return value;
    }
}
