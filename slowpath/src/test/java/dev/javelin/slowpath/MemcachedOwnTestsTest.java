package dev.javelin.slowpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tests that memcached ships with its source, all of them and unmodified, against memcached-sr.
 */
@RequiresRoot
class MemcachedOwnTestsTest {
    private static final int TIMEOUT_MINUTES = 12;

    @Test
    void shouldPassMemcachedsOwnTests(@TempDir Path directory) throws IOException, InterruptedException {
        Path log = directory.resolve("prove.log");
        // Most of these tests wait for memcached's clock, so several at once cost little.
        Process prove = new ProcessBuilder("sh", "-c", "exec prove -j6 t/*.t")
            .directory(MemcachedProcess.source().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
        boolean ended = prove.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES);
        prove.destroyForcibly();
        String output = Files.readString(log);
        assertTrue(ended, output);
        assertEquals(0, prove.exitValue(), output);
        assertTrue(output.contains("Result: PASS"), output);
    }
}
