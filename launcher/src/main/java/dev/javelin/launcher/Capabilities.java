package dev.javelin.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The capabilities(7) that {@code run} needs. Numbers from linux/capability.h. */
final class Capabilities {
    private static final int CAP_SYS_ADMIN = 21;

    private static final Map<Integer, String> NEEDED = new TreeMap<>(Map.of(
        12, "CAP_NET_ADMIN",
        13, "CAP_NET_RAW",
        14, "CAP_IPC_LOCK",
        38, "CAP_PERFMON",
        39, "CAP_BPF"));

    private Capabilities() {
    }

    static Check check() {
        final List<String> missing = missing(effective());
        return missing.isEmpty()
            ? Check.ok("privileges", "all that are needed: " + String.join(", ", NEEDED.values()))
            : Check.fail("privileges", "missing: " + String.join(", ", missing),
                "run as root, or give the process these capabilities");
    }

    static List<String> missing(final long effective) {
        final List<String> missing = new ArrayList<>();
        NEEDED.forEach((number, name) -> {
            // CAP_SYS_ADMIN was the one for BPF before CAP_BPF and CAP_PERFMON came, and still includes both.
            final boolean isIncluded = number > CAP_SYS_ADMIN && (effective >>> CAP_SYS_ADMIN & 1) == 1;
            if ((effective >>> number & 1) == 0 && !isIncluded) {
                missing.add(name);
            }
        });
        return missing;
    }

    private static long effective() {
        try {
            for (final String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    return Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16);
                }
            }
        } catch (final IOException e) {
            throw new RunException("cannot read /proc/self/status: is /proc mounted?");
        }
        return 0;
    }
}
