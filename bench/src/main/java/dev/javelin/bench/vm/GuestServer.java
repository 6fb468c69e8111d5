package dev.javelin.bench.vm;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** memcached-sr and Javelin in a virtual machine, as a user would run them. One thread uses it. */
final class GuestServer {
    /** The accelerated port, and memcached's TCP port. */
    static final int PORT = 11_211;
    /** Where Javelin's metrics are. */
    static final int METRICS_PORT = 9_199;

    private static final Duration SHORT = Duration.ofSeconds(20);
    private static final long START_LIMIT_NS = TimeUnit.SECONDS.toNanos(120);
    private static final long STOP_LIMIT_NS = TimeUnit.SECONDS.toNanos(30);
    private static final String LOG = "/tmp/javelin.log";
    private static final String EXIT_CODE = "/tmp/javelin.rc";
    private static final String CONFIGURATION = "/tmp/javelin.properties";

    private final Guest guest;
    private final RunOptions options;
    private final Steps steps;

    /**
     * Nothing runs yet.
     *
     * @param guest   where it will
     * @param options how
     * @param steps   told of the waiting
     */
    GuestServer(final Guest guest, final RunOptions options, final Steps steps) {
        this.guest = guest;
        this.options = options;
        this.steps = steps;
    }

    /**
     * Starts memcached-sr.
     *
     * @throws IOException if it does not listen
     */
    void startMemcached() throws IOException {
        guest.start("memcached -o write_table -u nobody -t 2 -U " + PORT + " -l " + ClientNetwork.SERVER_IPV4 + ","
            + ClientNetwork.SERVER_IPV6, "/tmp/memcached.log");
        final long deadlineNs = System.nanoTime() + STOP_LIMIT_NS;
        while (!succeeds("ss -Hltn | grep -q :" + PORT)) {
            if (System.nanoTime() > deadlineNs) {
                throw new IOException("memcached-sr does not start: " + output("cat /tmp/memcached.log"));
            }
            Pause.ofMs(100);
        }
    }

    /**
     * Starts Javelin and waits until it serves.
     *
     * @return its line that begins with {@code ready}
     * @throws IOException if it ends or takes too long; the message has its last line
     */
    String startJavelin() throws IOException {
        succeeds("rm -f " + EXIT_CODE + "; printf '%s\\n' javelin.interface=eth0 javelin.memcached="
            + ClientNetwork.SERVER_IPV4 + ":" + PORT + " javelin.cache.bytes=16m javelin.metrics="
            + ClientNetwork.SERVER_IPV4 + ":" + METRICS_PORT + " javelin.bind.mode="
            + options.bind().name().toLowerCase(Locale.ROOT) + " >" + CONFIGURATION);
        guest.start("sh -c \"" + options.java() + " -Xmx192m -Dagrona.disable.bounds.checks=true -jar "
            + "/javelin/javelin.jar run --config " + CONFIGURATION + "; echo \\$? >" + EXIT_CODE + "\"", LOG);
        final long deadlineNs = System.nanoTime() + START_LIMIT_NS;
        while (System.nanoTime() < deadlineNs) {
            steps.waiting("Javelin starts");
            final String ready = output("grep '^ready ' " + LOG);
            if (!ready.isEmpty()) {
                return ready;
            }
            if (succeeds("test -e " + EXIT_CODE)) {
                throw new IOException("Javelin ended while starting: " + output("tail -n 1 " + LOG));
            }
            Pause.ofMs(200);
        }
        throw new IOException("Javelin is not ready within " + TimeUnit.NANOSECONDS.toSeconds(START_LIMIT_NS)
            + " s: " + output("tail -n 1 " + LOG));
    }

    /**
     * Sends Javelin a signal.
     *
     * @param name without SIG
     * @throws IOException if there is no such process
     */
    void signalJavelin(final String name) throws IOException {
        if (!succeeds("kill -" + name + " $(pidof java)")) {
            throw new IOException("Javelin does not run any more: " + output("tail -n 1 " + LOG));
        }
    }

    /**
     * Waits for Javelin's end.
     *
     * @return its exit code, 128 and more if a signal killed it
     * @throws IOException if it does not end
     */
    int awaitJavelinsEnd() throws IOException {
        final long deadlineNs = System.nanoTime() + STOP_LIMIT_NS;
        while (!succeeds("test -s " + EXIT_CODE)) {
            if (System.nanoTime() > deadlineNs) {
                throw new IOException("Javelin does not end: " + output("tail -n 1 " + LOG));
            }
            Pause.ofMs(100);
        }
        return Integer.parseInt(output("cat " + EXIT_CODE));
    }

    /**
     * Runs a short command.
     *
     * @param command for sh
     * @return whether its exit code is 0
     * @throws IOException if the guest does not answer
     */
    boolean succeeds(final String command) throws IOException {
        return guest.run(command, SHORT).exitCode() == 0;
    }

    /**
     * Runs a short command.
     *
     * @param command for sh
     * @return all that it printed, without white space at the ends
     * @throws IOException if the guest does not answer
     */
    String output(final String command) throws IOException {
        return guest.run(command, SHORT).output().strip();
    }
}
