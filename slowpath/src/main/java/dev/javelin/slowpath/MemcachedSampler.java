package dev.javelin.slowpath;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.agrona.concurrent.Agent;

/**
 * Asks memcached now and then how many gets it has answered itself, so that hits here and there can be shown together:
 * memcached's own {@code stats} know nothing of those that are answered here.
 *
 * <p>Runs on a thread of its own, since it waits for memcached. The only writer of {@code memcached_get_hits} and
 * {@code memcached_get_misses}, which count from this process' start, whatever restarts memcached makes.
 */
public final class MemcachedSampler implements Agent {
    private static final int TIMEOUT_MS = 500;
    private static final byte[] REQUEST = "stats\r\n".getBytes(StandardCharsets.US_ASCII);

    private final InetSocketAddress memcached;
    private final SlowPathCounters counters;
    private Socket socket;
    private BufferedReader reader;
    private long hitsBefore = -1;
    private long missesBefore = -1;

    /**
     * Creates the sampler; nothing is connected yet.
     *
     * @param memcached where it listens on TCP.
     * @param counters  two of them are written by this agent's thread.
     */
    public MemcachedSampler(InetSocketAddress memcached, SlowPathCounters counters) {
        this.memcached = memcached;
        this.counters = counters;
    }

    @Override
    public String roleName() {
        return "javelin-mc-stat";
    }

    @Override
    public int doWork() {
        try {
            if (socket == null) {
                connect();
            }
            sample();
        } catch (IOException | NumberFormatException notNow) {
            // The filler's counters say that memcached is gone; the next sample starts from what it then shows.
            onClose();
        }
        return 0;
    }

    private void connect() throws IOException {
        socket = new Socket();
        socket.setSoTimeout(TIMEOUT_MS);
        socket.connect(memcached, TIMEOUT_MS);
        reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    private void sample() throws IOException {
        socket.getOutputStream().write(REQUEST);
        Map<String, String> stats = MemcachedStats.read(reader);
        hitsBefore = add(SlowPathCounter.MEMCACHED_GET_HITS, hitsBefore, Long.parseLong(stats.get("get_hits")));
        missesBefore =
            add(SlowPathCounter.MEMCACHED_GET_MISSES, missesBefore, Long.parseLong(stats.get("get_misses")));
    }

    /** A figure smaller than before is that of a new process. */
    private long add(SlowPathCounter counter, long before, long now) {
        long more = before < 0 ? 0 : now < before ? now : now - before;
        counters.set(counter, counters.get(counter) + more);
        return now;
    }

    @Override
    public void onClose() {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException ignored) {
            // A socket that fails to close is closed all the same.
        }
        socket = null;
    }
}
