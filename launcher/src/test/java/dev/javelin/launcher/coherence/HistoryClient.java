package dev.javelin.launcher.coherence;

import java.io.IOException;

/** One client of a concurrent history. */
interface HistoryClient extends AutoCloseable {
    /** Sends some requests at once and records what comes back. */
    void exchange() throws IOException;

    /** Returns what this client has recorded. */
    Recorder recorder();

    @Override
    void close() throws IOException;
}
