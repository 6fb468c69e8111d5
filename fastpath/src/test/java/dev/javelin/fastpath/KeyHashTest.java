package dev.javelin.fastpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class KeyHashTest {
    private static final BigInteger WORD = BigInteger.ONE.shiftLeft(64);

    @Test
    void shouldAgreeWithTheDefinitionForEveryLength() {
        final Random random = new Random(7);
        for (int length = 0; length <= KeyHash.MAX_KEY_LENGTH; length++) {
            final byte[] key = new byte[length];
            random.nextBytes(key);
            final long seed = random.nextLong();
            final byte[] exact = key.clone();
            assertEquals(definition(seed, key), new KeyHash(seed).hash(new UnsafeBuffer(exact), 0, length));
        }
    }

    @Test
    void shouldAgreeWithTheVectorsOfTheXdpProgram() throws IOException {
        final List<String> lines = Files.readAllLines(
            Path.of(System.getProperty("javelin.root"), "afxdp/src/test/resources/key-hash-vectors.txt"));
        int vectors = 0;
        for (final String line : lines) {
            if (!line.isBlank() && !line.startsWith("#")) {
                final String[] fields = line.trim().split("\\s+");
                final byte[] key = HexFormat.of().parseHex(fields[1]);
                final KeyHash hash = new KeyHash(Long.parseUnsignedLong(fields[0], 16));
                assertEquals(fields[2], HexFormat.of().toHexDigits(hash.hash(new UnsafeBuffer(key), 0, key.length)));
                vectors++;
            }
        }
        assertTrue(vectors >= 10, vectors + " vectors");
    }

    @Test
    void shouldNotReadOutsideTheKey() {
        final byte[] bytes = new byte[300];
        final KeyHash hash = new KeyHash(1);
        for (int length = 1; length <= KeyHash.MAX_KEY_LENGTH; length++) {
            final long inside = hash.hash(new UnsafeBuffer(bytes), 20, length);
            bytes[19] = 1;
            bytes[20 + length] = 1;
            assertEquals(inside, hash.hash(new UnsafeBuffer(bytes), 20, length));
            bytes[19] = 0;
            bytes[20 + length] = 0;
        }
    }

    @Test
    void shouldTakeTagFromTheTopAndNeverBeZero() {
        assertEquals(1, KeyHash.tag(0x0000_FFFF_FFFF_FFFFL));
        assertEquals(0xFFFF, KeyHash.tag(-1));
        assertEquals(0x1234, KeyHash.tag(0x1234_0000_0000_0000L));
        assertEquals(7, KeyHash.bucket(0xFFFF_FFFF_FFFF_FFF7L, 15));
    }

    @Test
    void shouldDependOnTheSeed() {
        final UnsafeBuffer key = new UnsafeBuffer(Frames.bytes("key"));
        assertNotEquals(new KeyHash(1).hash(key, 0, 3), new KeyHash(2).hash(key, 0, 3));
        final int[] expanded = new KeyHash(1).expandedKeys();
        assertEquals(64, expanded.length);
        expanded[0]++;
        assertFalse(expanded[0] == new KeyHash(1).expandedKeys()[0]);
    }

    /** The definition in big integers. */
    private static long definition(final long seed, final byte[] key) {
        BigInteger acc = BigInteger.ZERO;
        long state = seed;
        for (int word = 0; word * 8 < key.length; word++) {
            state += 0x9E3779B97F4A7C15L;
            long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            long w = 0;
            for (int i = 0; i < 8 && word * 8 + i < key.length; i++) {
                w |= (key[word * 8 + i] & 0xFFL) << (8 * i);
            }
            acc = acc.add(BigInteger.valueOf((w + z) & 0xFFFF_FFFFL)
                .multiply(BigInteger.valueOf(((w >>> 32) + (z >>> 32)) & 0xFFFF_FFFFL)));
        }
        long h = acc.mod(WORD).longValue() ^ (key.length * 0x9E3779B97F4A7C15L);
        h = (h ^ (h >>> 33)) * 0xFF51AFD7ED558CCDL;
        h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return h ^ (h >>> 33);
    }
}
