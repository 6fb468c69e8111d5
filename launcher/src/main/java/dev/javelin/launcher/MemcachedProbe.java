package dev.javelin.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import dev.javelin.slowpath.WriteTableLink;

/**
 * Asks memcached over TCP what it is.
 *
 * @param version as it says
 * @param udpPort where it listens on UDP; 0 if it does not
 * @param table   file of its write table; null if it has none
 * @param instance of its write table, hexadecimal; null if it has none
 */
record MemcachedProbe(String version, int udpPort, String table, String instance) {
    private static final int TIMEOUT_MS = 2000;
    private static final int MAX_LINES = 500;

    static MemcachedProbe ask(final InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.getOutputStream().write("version\r\nstats settings\r\n".getBytes(StandardCharsets.US_ASCII));
            final BufferedReader reader =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            final String version = reader.readLine();
            if (version == null || !version.startsWith("VERSION ")) {
                throw new IOException("what listens there does not speak memcached's text protocol");
            }
            final Map<String, String> settings = settings(reader);
            return new MemcachedProbe(
                version.substring("VERSION ".length()),
                Integer.parseInt(settings.getOrDefault("udpport", "0")),
                settings.get("write_table"),
                settings.get("write_table_instance"));
        } catch (final NumberFormatException e) {
            throw new IOException("its settings are not memcached's", e);
        }
    }

    private static Map<String, String> settings(final BufferedReader reader) throws IOException {
        final Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < MAX_LINES; i++) {
            final String line = reader.readLine();
            if (line == null || "END".equals(line)) {
                return settings;
            }
            final String[] words = line.split(" ", 3);
            if (words.length == 3) {
                settings.put(words[1], words[2]);
            }
        }
        throw new IOException("its settings have no end");
    }

    static Check check(final Configuration configuration) {
        final InetSocketAddress address = configuration.memcached();
        final String where = Text.endpoint(address);
        try {
            final MemcachedProbe probe = ask(address);
            if (probe.udpPort != configuration.port()) {
                return Check.fail(
                    "memcached",
                    where + " listens on " + (probe.udpPort == 0 ? "no UDP port" : "UDP port " + probe.udpPort)
                        + ", so nobody would answer misses on port " + configuration.port(),
                    "start it with -U " + configuration.port());
            }
            return Check.ok("memcached", probe.version + " at " + where + ", UDP port " + probe.udpPort);
        } catch (final IOException e) {
            return Check.fail(
                "memcached",
                "no answer at " + where + " (" + e.getMessage() + ")",
                "start memcached, or set " + Configuration.MEMCACHED + " to where it listens on TCP");
        }
    }

    /** Whether the write table that coherence relies on can be read. */
    static Check checkWriteTable(final Configuration configuration) {
        final String where = Text.endpoint(configuration.memcached());
        final String orElse = ", or set " + Configuration.COHERENCE + "=max-age and accept hits up to "
            + Configuration.MAX_AGE + " old";
        Path file = null;
        try {
            final MemcachedProbe probe = ask(configuration.memcached());
            if (probe.table == null || probe.instance == null) {
                return Check.fail("write table", "memcached at " + where + " has none",
                    "start scripts/memcached-sr in its place (with -o write_table)" + orElse);
            }
            file = configuration.writeTable().orElse(Path.of(probe.table));
            WriteTableLink.open(file, probe.instance);
            return Check.ok("write table", file.toString());
        } catch (final NoSuchFileException e) {
            return Check.fail("write table", file + " is not there",
                "set " + Configuration.WRITE_TABLE + " to where this process finds memcached's file" + orElse);
        } catch (final IOException e) {
            return Check.fail("write table", file == null ? "memcached did not say where it is"
                : file + " cannot be used: " + e.getMessage(),
                "see that it is the one of memcached at " + where + " and readable" + orElse);
        }
    }
}
