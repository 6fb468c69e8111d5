package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real processes: exit codes, and one line on standard error for a mistake. */
class CommandLineTest {
    @TempDir
    private Path directory;

    private Path config;

    @BeforeEach
    void writeConfig() throws IOException {
        config = directory.resolve("javelin.properties");
        Files.writeString(config, "javelin.interface=no-such-if\njavelin.coherence=max-age\njavelin.port=11299\n"
            + "javelin.memcached=127.0.0.1:1\n");
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
            Arguments.of("Missing required subcommand", List.of()),
            Arguments.of("'bogus'", List.of("bogus")),
            Arguments.of("--config=FILE", List.of("doctor")),
            Arguments.of("--config: '/absent' is not allowed", List.of("doctor", "--config", "/absent")),
            Arguments.of("'--frobnicate'", List.of("doctor", "--config", "CONFIG", "--frobnicate")),
            Arguments.of("KEY=VALUE", List.of("doctor", "--config", "CONFIG", "-Dkey")),
            Arguments.of("javelin.prot: '1' is not allowed", List.of("doctor", "--config", "CONFIG",
                "-Djavelin.prot=1")),
            Arguments.of("javelin.port: '0' is not allowed; allowed: 1 to 65535",
                List.of("doctor", "--config", "CONFIG", "-Djavelin.port=0")),
            Arguments.of("'many'", List.of("stat", "--pid", "many")));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void shouldExitWithTwoAndOneLineWhenTheUsageIsWrong(final String expected, final List<String> arguments) {
        final ProcessResult result = JavelinCommand.execute(
            arguments.stream().map(a -> "CONFIG".equals(a) ? config.toString() : a).toArray(String[]::new));
        assertEquals(2, result.exitCode(), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("javelin: "), result.err());
        assertTrue(result.err().contains(expected), result.err());
        assertEquals("", result.out());
    }

    @Test
    void shouldExitWithTwoAndNameTheInterfaceWhenDoctorDoesNotFindIt() {
        final ProcessResult result = JavelinCommand.execute("doctor", "--config", config.toString());
        assertEquals(2, result.exitCode(), result.err());
        assertTrue(result.out().contains("WRONG javelin.interface: no-such-if"), result.out());
        assertTrue(result.out().contains("FAIL  memcached: no answer at 127.0.0.1:1 "), result.out());
        assertTrue(result.out().stripTrailing().endsWith("to mend"), result.out());
    }

    @Test
    void shouldTeachWhenAskedForHelp() {
        final ProcessResult result = JavelinCommand.execute("--help");
        assertEquals(0, result.exitCode());
        assertTrue(result.out().contains("doctor") && result.out().contains("stat"), result.out());
    }

    @Test
    void shouldExitWithOneAndOneLineWhenStatFindsNoSuchProcess() {
        final ProcessResult result = JavelinCommand.execute("stat", "--pid", "1");
        assertEquals(1, result.exitCode());
        assertEquals("javelin: no Javelin process 1 is running: start one with scripts/javelin run --config FILE",
            result.err().strip());
    }
}
