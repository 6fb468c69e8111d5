package dev.javelin.bench.vm;

import java.time.Duration;

/** Ends the process if it takes too long, whatever it waits for; the shutdown hooks clean up. */
final class Watchdog {
    private Watchdog() {
    }

    /**
     * The time begins now.
     *
     * @param limit after which it ends
     */
    static void start(final Duration limit) {
        final Thread thread = new Thread(() -> watch(limit), "watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    private static void watch(final Duration limit) {
        try {
            Thread.sleep(limit);
        } catch (final InterruptedException e) {
            return;
        }
        Vm.endsNow();
        System.err.println("vm: not done within " + limit.toSeconds() + " s (--limit)");
        System.exit(1);
    }
}
