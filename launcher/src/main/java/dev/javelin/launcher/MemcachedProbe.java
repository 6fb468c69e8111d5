package dev.javelin.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Asks memcached over TCP what it is.
 *
 * @param version as it says
 * @param udpPort where it listens on UDP; 0 if it does not
 */
record MemcachedProbe(String version, int udpPort) {
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
            final int udpPort = Integer.parseInt(settings(reader).getOrDefault("udpport", "0"));
            return new MemcachedProbe(version.substring("VERSION ".length()), udpPort);
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
}
