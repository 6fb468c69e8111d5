package dev.javelin.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import dev.javelin.slowpath.MemcachedStats;
import dev.javelin.slowpath.WriteTableLink;

/**
 * Asks memcached over TCP what it is.
 *
 * @param version  as it says
 * @param udpPort  where it listens on UDP; 0 if it does not
 * @param table    file of its write table; null if it has none
 * @param instance of its write table, hexadecimal; null if it has none
 */
record MemcachedProbe(String version, int udpPort, String table, String instance) {
    private static final int TIMEOUT_MS = 2000;

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
            final Map<String, String> settings = MemcachedStats.read(reader);
            return new MemcachedProbe(
                version.substring("VERSION ".length()),
                Integer.parseInt(settings.getOrDefault("udpport", "0")),
                settings.get("write_table"),
                settings.get("write_table_instance"));
        } catch (final NumberFormatException e) {
            throw new IOException("its settings are not memcached's", e);
        }
    }

    /** What stands in the way, or speaks for it, in the order in which it makes sense. */
    static List<Check> checks(final Configuration configuration) {
        final String where = Text.endpoint(configuration.memcached());
        try {
            final MemcachedProbe probe = ask(configuration.memcached());
            final Check memcached = probe.check(where, configuration);
            return memcached.isFault() || configuration.coherence() == Coherence.MAX_AGE
                ? List.of(memcached) : List.of(memcached, probe.checkWriteTable(where, configuration));
        } catch (final IOException e) {
            return List.of(Check.fail(
                "memcached",
                "no answer at " + where + " (" + e.getMessage() + ")",
                "start memcached, or set " + Configuration.MEMCACHED + " to where it listens on TCP"));
        }
    }

    private Check check(final String where, final Configuration configuration) {
        if (udpPort != configuration.port()) {
            return Check.fail(
                "memcached",
                where + " listens on " + (udpPort == 0 ? "no UDP port" : "UDP port " + udpPort)
                    + ", so nobody would answer misses on port " + configuration.port(),
                "start it with -U " + configuration.port());
        }
        return Check.ok("memcached", version + " at " + where + ", UDP port " + udpPort);
    }

    /** Whether the write table that coherence relies on can be read. */
    private Check checkWriteTable(final String where, final Configuration configuration) {
        final String orElse = ", or set " + Configuration.COHERENCE + "=max-age and accept hits up to "
            + Configuration.MAX_AGE + " old";
        if (table == null || instance == null) {
            return Check.fail("write table", "memcached at " + where + " has none",
                "start scripts/memcached-sr in its place (with -o write_table)" + orElse);
        }
        final Path file = configuration.writeTable().orElse(Path.of(table));
        try {
            WriteTableLink.open(file, instance);
            return Check.ok("write table", file.toString());
        } catch (final NoSuchFileException e) {
            return Check.fail("write table", file + " is not there",
                "set " + Configuration.WRITE_TABLE + " to where this process finds memcached's file" + orElse);
        } catch (final IOException e) {
            return Check.fail("write table", file + " cannot be used: " + e.getMessage(),
                "see that it is the one of memcached at " + where + " and readable" + orElse);
        }
    }
}
