package dev.javelin.bench.vm;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Waiting. */
final class Pause {
    private Pause() {
    }

    /**
     * Sleeps.
     *
     * @param milliseconds how long
     * @throws IOException if this thread is interrupted
     */
    static void ofMs(final long milliseconds) throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(milliseconds);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
