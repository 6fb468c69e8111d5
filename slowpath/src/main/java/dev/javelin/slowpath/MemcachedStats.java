package dev.javelin.slowpath;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * memcached's answer to {@code stats} and {@code stats settings} (protocol.txt, "Statistics"), for those who can wait
 * for it.
 */
public final class MemcachedStats {
    private static final int MAX_LINES = 500;

    private MemcachedStats() {
    }

    /**
     * Reads one answer, up to {@code END}.
     *
     * @param reader at the answer's first line.
     * @return what it says, by name.
     * @throws IOException also when the answer is none, or ends too early or never.
     */
    public static Map<String, String> read(BufferedReader reader) throws IOException {
        Map<String, String> stats = new HashMap<>();
        for (int i = 0; i < MAX_LINES; i++) {
            String line = reader.readLine();
            if ("END".equals(line)) {
                return stats;
            }
            String[] words = line == null ? new String[0] : line.split(" ", 3);
            if (words.length < 2 || !"STAT".equals(words[0])) {
                throw new IOException("not a line of memcached's stats: " + line);
            }
            stats.put(words[1], words.length == 3 ? words[2] : "");
        }
        throw new IOException("memcached's stats have no end");
    }
}
