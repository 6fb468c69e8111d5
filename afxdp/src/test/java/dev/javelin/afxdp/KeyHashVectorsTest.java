package dev.javelin.afxdp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.javelin.afxdp.testing.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** key-hash-vectors.txt is what key_hash.h computes and what the reference computes. SteeringTest covers eBPF. */
class KeyHashVectorsTest {
    private static final int VECTORS = 4 * 48;

    @Test
    void shouldBePrintedByHeader(@TempDir final Path directory) throws IOException {
        final Path afxdp = Path.of(System.getProperty("javelin.root"), "afxdp");
        final String program = directory.resolve("vectors").toString();
        Command.run(
            "clang", "-O2", "-Wall", "-Wextra", "-Werror", "-I" + afxdp.resolve("src/main/bpf"),
            afxdp.resolve("src/test/c/key_hash_vectors.c").toString(), "-o", program);
        assertEquals(vectors(), Command.run(program));
    }

    @Test
    void shouldBeComputedByReference() throws IOException {
        int count = 0;
        for (final String line : vectors().lines().skip(1).toList()) {
            final String[] fields = line.split(" ");
            final long hash = KeyHashReference.hash(
                Long.parseUnsignedLong(fields[0], 16), HexFormat.of().parseHex(fields[1]));
            assertEquals(fields[2], HexFormat.of().toHexDigits(hash), line);
            count++;
        }
        assertEquals(VECTORS, count);
    }

    private static String vectors() throws IOException {
        try (InputStream in = KeyHashVectorsTest.class.getResourceAsStream("/key-hash-vectors.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
