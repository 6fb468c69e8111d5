package dev.javelin.fastpath;

import dev.javelin.afxdp.HashKeys;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * The seeded hash of a memcached key: NH with a finaliser, bit for bit that of {@code key_hash.h}, so that the XDP
 * program, Java and memcached-sr agree.
 * <p>
 * NH (Black et al., "UMAC: Fast and Secure Message Authentication", CRYPTO '99) is 2^-32-almost-universal whatever keys
 * an attacker picks, as long as the seed is secret, and needs only 32 x 32 to 64 bit products, which eBPF has. The
 * finaliser is MurmurHash3's fmix64; the seed is expanded by splitmix64 (Steele, Lea, Flood, OOPSLA '14).
 * <p>
 * Immutable, so any thread may use it.
 */
public final class KeyHash {
    /** Longest key in bytes (protocol.txt: "the length limit of a key is set at 250 characters"). */
    public static final int MAX_KEY_LENGTH = 250;

    /** Number of secret 32-bit words the seed is expanded to: two for every 8 bytes of the longest key. */
    public static final int EXPANDED_KEYS = HashKeys.COUNT;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long LOW_32 = 0xFFFF_FFFFL;

    private final int[] keys;

    /**
     * Expands the seed.
     *
     * @param seed any value; to be drawn at random at start and kept secret
     */
    public KeyHash(final long seed) {
        keys = HashKeys.expand(seed);
    }

    /**
     * Hashes a key.
     *
     * @param buffer holding the key; no byte outside the key is read
     * @param offset of the key's first byte
     * @param length of the key, 0 to {@link #MAX_KEY_LENGTH} bytes
     * @return the hash; {@link #bucket} and {@link #tag} take their bits from it
     */
    public long hash(final DirectBuffer buffer, final int offset, final int length) {
        final int whole = length & -Long.BYTES;
        long sum = 0;
        int done = 0;
        for (; done < whole; done += Long.BYTES) {
            sum += product(buffer.getLong(offset + done, ByteOrder.LITTLE_ENDIAN), done >> 2);
        }
        if (done < length) {
            sum += product(lastWord(buffer, offset, done, length), done >> 2);
        }
        return finish(sum, length);
    }

    private long product(final long word, final int key) {
        final int low = (int) word + keys[key];
        final int high = (int) (word >>> 32) + keys[key + 1];
        return (low & LOW_32) * (high & LOW_32);
    }

    /** The last 1 to 7 bytes, zero-padded; of a longer key by one load that ends with the key. */
    private static long lastWord(final DirectBuffer buffer, final int offset, final int done, final int length) {
        if (length >= Long.BYTES) {
            final long word = buffer.getLong(offset + length - Long.BYTES, ByteOrder.LITTLE_ENDIAN);
            return word >>> ((Long.BYTES - (length - done)) << 3);
        }
        long word = 0;
        for (int i = length - 1; i >= 0; i--) {
            word = (word << 8) | (buffer.getByte(offset + i) & 0xFF);
        }
        return word;
    }

    private static long finish(final long sum, final int length) {
        long h = sum ^ (length * GOLDEN);
        h ^= h >>> 33;
        h *= 0xFF51AFD7ED558CCDL;
        h ^= h >>> 33;
        h *= 0xC4CEB9FE1A85EC53L;
        h ^= h >>> 33;
        return h;
    }

    /**
     * Bucket of the index that a key belongs to.
     *
     * @param hash of the key
     * @param mask number of buckets - 1, the number being a power of two
     * @return 0 to mask
     */
    public static int bucket(final long hash, final int mask) {
        return (int) hash & mask;
    }

    /**
     * Fingerprint of a key inside its bucket.
     *
     * @param hash of the key
     * @return 1 to 65,535: the top 16 bits, with 1 for 0, as 0 marks an empty way
     */
    public static int tag(final long hash) {
        final int tag = (int) (hash >>> 48);
        return tag == 0 ? 1 : tag;
    }

    /**
     * The expanded seed, for those who hash outside Java.
     *
     * @return a copy of the {@link #EXPANDED_KEYS} u32 words; words 2i and 2i + 1 belong to bytes 8i to 8i + 7 of a key
     */
    public int[] expandedKeys() {
        return keys.clone();
    }
}
