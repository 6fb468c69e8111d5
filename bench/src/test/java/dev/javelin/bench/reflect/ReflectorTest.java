package dev.javelin.bench.reflect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reflector against the echo servers, which count what they send back. */
@RequiresRoot
@Timeout(120)
class ReflectorTest {
    private static final long RUN_NS = TimeUnit.MILLISECONDS.toNanos(1_000);

    @ParameterizedTest
    @CsvSource({
        "XDP, " + VethPair.SERVER_IPV4, "XDP, " + VethPair.SERVER_IPV6,
        "AF_XDP, " + VethPair.SERVER_IPV4, "AF_XDP, " + VethPair.SERVER_IPV6})
    void shouldCountWhatTheEchoCounts(final EchoServer.Kind kind, final String address) throws IOException {
        final long[] verified = new long[1];
        try (ReflectLab lab = new ReflectLab(1);
             EchoServer echo = echo(lab, kind)) {
            final Reflector reflector = lab.open(ReflectLab.options(address, 32, true, 10), ReflectLab.uniform(),
                (item, buffer, offset, length) -> {
                    final byte[] text = new byte[length];
                    buffer.getBytes(offset, text);
                    assertArrayEquals(ReflectProgram.request(ReflectLab.key(item)), text);
                    verified[0]++;
                });
            final Totals warmUp = reflector.run(RUN_NS / 5, false, () -> { });
            final long echoedBefore = echo.echoed();
            final Totals totals = reflector.run(RUN_NS, true, () -> { });
            assertEquals(0, totals.lost(), "lost");
            assertEquals(0, warmUp.lost(), "lost while warming up");
            assertEquals(totals.sent(), totals.get(ReflectCounter.ANSWERED));
            assertEquals(totals.sent(), echo.echoed() - echoedBefore);
            assertEquals(echoedBefore, warmUp.sent());
            assertEquals(totals.sent(), totals.get(ReflectCounter.HITS) + totals.get(ReflectCounter.SAMPLED));
            assertEquals(verified[0], totals.get(ReflectCounter.SAMPLED) + warmUp.get(ReflectCounter.SAMPLED));
            assertEquals(totals.sent(), Arrays.stream(totals.latencies()).sum());
            assertEquals(32, totals.seeded());
            final long inWindows = Arrays.stream(reflector.windows()).sum();
            assertTrue(Math.abs(inWindows - totals.sent()) <= 32, inWindows + " in windows of " + totals.sent());
        }
    }

    private static EchoServer echo(final ReflectLab lab, final EchoServer.Kind kind) {
        try (NetworkNamespace _ = lab.pair.enterServer()) {
            return EchoServer.start(kind, VethPair.SERVER, ReflectLab.PORT);
        }
    }
}
