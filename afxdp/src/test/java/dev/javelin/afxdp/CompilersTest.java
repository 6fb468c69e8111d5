package dev.javelin.afxdp;

import static dev.javelin.afxdp.XdpTestRun.XDP_PASS;
import static dev.javelin.afxdp.XdpTestRun.XDP_REDIRECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every clang on this machine makes a program of the source that the verifier accepts with ease and that decides alike.
 * A verifier may take a compiler's way of writing a bounds check for one that is never passed, and cut out what
 * follows, without a word: so each object is asked, too. {@code scripts/vm run KERNEL load} loads the same objects on
 * other kernels.
 */
@RequiresRoot
@Timeout(120)
class CompilersTest {
    /** Half of what a verifier grants. */
    private static final int MOST_STEPS = 500_000;
    private static final Path SOURCE = Path.of("src/main/bpf").toAbsolutePath();
    private static final int LONGEST_KEY = 250;
    private static final int OLDEST_CLANG = 14;
    private static final int NEWEST_CLANG = 30;

    @TempDir
    private Path directory;

    static Stream<String> compilers() {
        return Stream.concat(
            Stream.of("clang"),
            IntStream.rangeClosed(OLDEST_CLANG, NEWEST_CLANG).mapToObj(version -> "clang-" + version)
                .filter(CompilersTest::isInstalled));
    }

    private static boolean isInstalled(final String program) {
        return Stream.of(System.getenv("PATH").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
    }

    private Path compile(final String compiler) throws IOException, InterruptedException {
        final Path object = directory.resolve(compiler + ".o");
        final ProcessBuilder builder = new ProcessBuilder(
            SOURCE.resolve("compile").toString(), SOURCE.resolve("xdp_memcached.bpf.c").toString(), object.toString());
        builder.environment().put("CLANG", compiler);
        assertEquals(0, builder.inheritIO().start().waitFor(), compiler);
        return object;
    }

    @ParameterizedTest
    @MethodSource("compilers")
    void shouldBeAcceptedAndDecideAlikeWhenCompiledBy(final String compiler) throws Exception {
        try (Lab lab = Lab.of(compile(compiler))) {
            final int steps = lab.program.verifiedInstructions();
            System.out.println(compiler + ": verified in " + steps + " steps");
            assertTrue(steps > 0 && steps <= MOST_STEPS, steps + " steps");
            lab.beat(0);
            for (int length = 1; length <= LONGEST_KEY; length++) {
                shouldSampleAndSteer(lab, key(length), new byte[0]);
                shouldSampleAndSteer(lab, key(length), new byte[length % 9]);
            }
        }
    }

    /** The frame ends behind the key's line, or some bytes later. */
    private static void shouldSampleAndSteer(final Lab lab, final byte[] key, final byte[] padding) {
        final byte[] frame = Packet.concat(Packet.ipv4(
            Interfaces.hardwareAddress(VethPair.SERVER), VethPair.CLIENT_IPV4, VethPair.SERVER_IPV4, Packet.get(key)),
            padding);
        lab.clearIndex();
        final long samples = lab.counters(0)[XdpCounter.SAMPLES.ordinal()];
        assertEquals(XDP_PASS, XdpTestRun.of(lab.program, frame).action());
        final boolean isSampled = lab.counters(0)[XdpCounter.SAMPLES.ordinal()] > samples;
        final StringBuilder sampled = new StringBuilder();
        lab.program.misses().poll(
            (buffer, offset, length) -> sampled.append(buffer.getStringWithoutLengthAscii(offset, length)), 1);
        assertEquals(isSampled ? new String(key) : "", sampled.toString());
        lab.index(key);
        final XdpTestRun run = XdpTestRun.of(lab.program, frame);
        assertEquals(XDP_REDIRECT, run.action(), "key of " + key.length);
        assertEquals(KeyHashReference.hash(Lab.SEED, key), run.littleEndianMetadata().getLong());
    }

    private static byte[] key(final int length) {
        final byte[] key = new byte[length];
        final Random random = new Random(length);
        for (int i = 0; i < length; i++) {
            key[i] = (byte) ('!' + random.nextInt('~' - '!'));
        }
        return key;
    }
}
