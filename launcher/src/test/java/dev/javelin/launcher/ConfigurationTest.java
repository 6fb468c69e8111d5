package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.BindMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    private static Properties properties(final String... keysAndValues) {
        final Properties properties = new Properties();
        properties.setProperty("javelin.interface", "eth7");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.setProperty(keysAndValues[i], keysAndValues[i + 1]);
        }
        return properties;
    }

    @Test
    void shouldUseDefaultsWhenOnlyTheInterfaceIsGiven() {
        assertEquals(
            new Configuration("eth7", List.of(), List.of(), 11211, new InetSocketAddress("127.0.0.1", 11211),
                BindMode.AUTO, AttachMode.AUTO, 256L << 20, Coherence.WRITE_TABLE, 1_000_000_000L,
                Optional.empty(), 60_000_000_000L, Optional.empty(), IdleMode.ADAPTIVE),
            Configuration.of(properties()));
    }

    @Test
    void shouldReadEveryKeyWhenAllAreGiven() {
        assertEquals(
            new Configuration("eth7", List.of(0, 2, 3), List.of(5, 1, 2), 65535,
                new InetSocketAddress("fd00:6a::1", 22122), BindMode.ZEROCOPY, AttachMode.GENERIC, 2L << 30,
                Coherence.MAX_AGE, 250_000_000L, Optional.of(Path.of("/run/table")), 5_000_000_000L,
                Optional.of(new InetSocketAddress("127.0.0.1", 9150)), IdleMode.SPIN),
            Configuration.of(properties(
                "javelin.queues", "0,2-3",
                "javelin.cpus", "5,1-2",
                "javelin.port", "65535",
                "javelin.memcached", "[fd00:6a::1]:22122",
                "javelin.bind.mode", "zerocopy",
                "javelin.attach.mode", "generic",
                "javelin.cache.bytes", "2g",
                "javelin.coherence", "max-age",
                "javelin.max.age", "250ms",
                "javelin.write.table", "/run/table",
                "javelin.heat.refresh", "5s",
                "javelin.metrics", "127.0.0.1:9150",
                "javelin.idle.strategy", "spin")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        javelin.interface     | ''
        javelin.interface     | sixteen-letters-
        javelin.interface     | a b
        javelin.interface     | a/b
        javelin.queues        | ''
        javelin.queues        | none
        javelin.queues        | 3-1
        javelin.queues        | 1,1
        javelin.queues        | 1-
        javelin.queues        | -1
        javelin.queues        | 0,
        javelin.queues        | 0-9999
        javelin.cpus          | every
        javelin.port          | 0
        javelin.port          | 65536
        javelin.port          | 11211x
        javelin.memcached     | 127.0.0.1
        javelin.memcached     | 127.0.0.1:0
        javelin.memcached     | 127.0.0.1:65536
        javelin.memcached     | :11211
        javelin.memcached     | user@127.0.0.1:11211
        javelin.memcached     | 127.0.0.1:11211/x
        javelin.memcached     | no-such-host.invalid:11211
        javelin.bind.mode     | zero-copy
        javelin.bind.mode     | AUTO
        javelin.attach.mode   | skb
        javelin.cache.bytes   | 1023k
        javelin.cache.bytes   | 65g
        javelin.cache.bytes   | 99999999999999999999m
        javelin.cache.bytes   | 999999999999999999g
        javelin.cache.bytes   | -1
        javelin.cache.bytes   | 256mb
        javelin.coherence     | none
        javelin.max.age       | 0s
        javelin.max.age       | 1
        javelin.max.age       | 61m
        javelin.max.age       | 1d
        javelin.write.table   | relative/path
        javelin.metrics       | on
        javelin.metrics       | 9150
        javelin.idle.strategy | yield
        """)
    void shouldNameKeyValueAndWhatIsAllowedWhenAValueIsWrong(final String key, final String value) {
        final String message = assertThrows(
            ConfigurationException.class, () -> Configuration.of(properties(key, value))).getMessage();
        assertTrue(message.startsWith(key + ": '" + value + "' is not allowed; allowed: "), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void shouldRefuseAnUnknownKey() {
        final String message = assertThrows(
            ConfigurationException.class, () -> Configuration.of(properties("javelin.prot", "1"))).getMessage();
        assertTrue(message.startsWith("javelin.prot: '1' is not allowed; allowed: only these keys: "), message);
        assertTrue(message.contains("javelin.port"), message);
    }

    @Test
    void shouldStayOnOneLineWhenTheValueDoesNot() {
        final String message = assertThrows(
            ConfigurationException.class, () -> Configuration.of(properties("javelin.port", "1\n2"))).getMessage();
        assertEquals(1, message.lines().count());
    }

    @Test
    void shouldPreferTheCommandLineToTheFile(@TempDir final Path directory) throws IOException {
        final Path file = directory.resolve("javelin.properties");
        Files.writeString(file, "javelin.interface = eth7\njavelin.port = 1\n");
        final Configuration configuration = Configuration.load(file, Map.of("javelin.port", "2"));
        assertEquals("eth7", configuration.interfaceName());
        assertEquals(2, configuration.port());
    }

    @Test
    void shouldNameTheFileWhenItCannotBeRead(@TempDir final Path directory) {
        final Path file = directory.resolve("absent");
        final String message = assertThrows(
            ConfigurationException.class, () -> Configuration.load(file, Map.of())).getMessage();
        assertTrue(message.startsWith("--config: '" + file + "'"), message);
    }

    @Test
    void shouldAcceptTheExampleFile() {
        final Path example = Path.of(System.getProperty("javelin.root"), "config", "javelin.properties");
        assertFalse(Configuration.load(example, Map.of()).interfaceName().isEmpty());
    }

    @Test
    void shouldNameTheMissingCapabilitiesWhenThereAreSome() {
        assertEquals(
            List.of("CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_PERFMON", "CAP_BPF"), Capabilities.missing(0));
        assertEquals(List.of(), Capabilities.missing(1L << 12 | 1L << 13 | 1L << 14 | 1L << 38 | 1L << 39));
        assertEquals(List.of(), Capabilities.missing(1L << 12 | 1L << 13 | 1L << 14 | 1L << 21));
    }
}
