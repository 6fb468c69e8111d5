package dev.javelin.slowpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tests that memcached ships with its source, all of them and unmodified, against memcached-sr with its write table
 * on.
 */
@RequiresRoot
class MemcachedOwnTestsTest {
    private static final int TIMEOUT_MINUTES = 12;

    @Test
    void shouldPassMemcachedsOwnTests(@TempDir Path directory) throws IOException, InterruptedException {
        Path log = directory.resolve("prove.log");
        Path source = directory.resolve("source");
        Process copy = new ProcessBuilder("cp", "-a", MemcachedProcess.source().toString(), source.toString())
            .inheritIO().start();
        assertTrue(copy.waitFor(1, TimeUnit.MINUTES) && copy.exitValue() == 0, "the source could be copied");
        withWriteTable(source.resolve("memcached-debug"));
        // Most of these tests wait for memcached's clock, so several at once cost little.
        Process prove = new ProcessBuilder("sh", "-c", "exec prove -j6 t/*.t")
            .directory(source.toFile())
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

    /** The tests start memcached-debug; from now on that is a script that adds the option and starts the real one. */
    private static void withWriteTable(Path program) throws IOException {
        Path real = program.resolveSibling("memcached-with-table");
        Files.move(program, real);
        Files.writeString(program, "#!/bin/sh\nexec '" + real + "' -o write_table \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
