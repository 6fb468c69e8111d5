package dev.javelin.bench.load;

import dev.javelin.bench.reflect.LatencyBuckets;
import dev.javelin.bench.reflect.ReflectCounter;
import dev.javelin.bench.reflect.ReflectOptions;
import dev.javelin.bench.reflect.Reflector;
import dev.javelin.bench.reflect.Totals;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.agrona.DirectBuffer;

/**
 * A closed loop that runs in XDP ({@link Reflector}): the same counts as the {@link Generator}'s, but most replies are
 * judged by their first bytes alone, the others by the same {@link ReplyVerifier}. Used by one thread.
 */
final class ReflectLoad implements AutoCloseable {
    private static final String NAME = "xdp reflect";

    private final Route route;
    private final ReservedPorts ports;
    private final Reflector reflector;
    private final Keys keys;
    private final ReplyVerifier verifier;
    private final int[] asked = new int[1];
    private final int[] leastVersion = new int[1];
    private final Versions versions;
    /** Of the replies that were judged here, since the beginning. */
    private final Counts judged = new Counts();

    /**
     * Puts the program on the interface; nothing is sent yet.
     *
     * @param keys     of all items.
     * @param items    what they are; null if the server is an echo.
     * @param sampler  draws the items that are asked for.
     * @param measured the longest phase that will be measured.
     */
    ReflectLoad(LoadOptions options, Keys keys, Items items, Versions versions, Sampler sampler, Phase measured)
        throws IOException {
        this.keys = keys;
        this.versions = versions;
        verifier = items == null ? null : new ReplyVerifier(items, keys);
        route = Route.to(options.address());
        ports = ReservedPorts.take(options.connections, List.of(route.source()));
        try {
            ReflectOptions reflect = new ReflectOptions(route.server(), route.interfaceName(), ports.first(),
                options.connections, options.window, items == null,
                options.noVerify ? Integer.MAX_VALUE : options.verifyEvery, options.workload().timeoutNs(),
                windows(measured));
            reflector =
                Reflector.open(reflect, keys.count(), keys::key, sampler::next, this::send, this::judge);
        } catch (RuntimeException e) {
            ports.close();
            throw e;
        }
    }

    private static int windows(Phase measured) {
        return Math.max(1, (int) (measured.durationNs() / ReflectOptions.WINDOW_NS));
    }

    private boolean send(int port, DirectBuffer payload, int length) throws IOException {
        InetSocketAddress server = route.server();
        return ports.send(port, ByteBuffer.wrap(payload.byteArray(), 0, length), server);
    }

    private void judge(int item, DirectBuffer buffer, int offset, int length) {
        if (verifier == null) {
            judgeEcho(item, buffer, offset, length);
            return;
        }
        asked[0] = item;
        // Nobody writes meanwhile, so this is also what was acknowledged when the request was sent.
        leastVersion[0] = versions.acknowledged(item);
        switch (verifier.verify(buffer, offset, length, asked, leastVersion, 0, 1, 0)) {
            case HIT -> judged.hits++;
            case MISS -> judged.misses++;
            case WRONG -> judged.wrong++;
            case STALE -> judged.stale++;
            case PART, MALFORMED -> judged.malformed++;
        }
    }

    private void judgeEcho(int item, DirectBuffer buffer, int offset, int length) {
        byte[] request = Reflector.request(keys.key(item));
        boolean isSame = request.length == length;
        for (int i = 0; isSame && i < length; i++) {
            isSame = buffer.getByte(offset + i) == request[i];
        }
        if (isSame) {
            judged.hits++;
        } else {
            judged.wrong++;
        }
    }

    /**
     * Runs one phase.
     *
     * @param phase      a closed loop's; it begins now, whatever its start says.
     * @param isMeasured whether its answers are counted in windows; for one phase only.
     * @param progress   told each second.
     */
    Result run(Phase phase, boolean isMeasured, Generator.Progress progress) throws IOException {
        Totals first = reflector.totals();
        Counts judgedBefore = new Counts();
        judgedBefore.add(judged);
        Totals[] last = {first};
        long startNs = System.nanoTime();
        Totals run = reflector.run(phase.durationNs(), isMeasured, () -> {
            Totals now = reflector.totals();
            Histogram interval = histogram(now.latencies(), last[0].latencies());
            interval.setStartTimeStamp(System.currentTimeMillis() - 1_000);
            interval.setEndTimeStamp(System.currentTimeMillis());
            progress.second(System.nanoTime() - startNs, counts(now.since(first), judgedBefore), interval);
            last[0] = now;
        });
        long[] windows = isMeasured ? reflector.windows() : new long[0];
        return new Result(counts(run, judgedBefore), histogram(run.latencies(), new long[LatencyBuckets.COUNT]),
            run.startNs(), phase.durationNs(), windows, NAME, 1, null);
    }

    private Counts counts(Totals totals, Counts judgedBefore) {
        Counts counts = new Counts();
        counts.sent = totals.sent();
        counts.answered = totals.get(ReflectCounter.ANSWERED);
        counts.lost = totals.lost();
        counts.hits = totals.get(ReflectCounter.HITS) + judged.hits - judgedBefore.hits;
        counts.misses = totals.get(ReflectCounter.MISSES) + judged.misses - judgedBefore.misses;
        counts.wrong = judged.wrong - judgedBefore.wrong;
        counts.stale = judged.stale - judgedBefore.stale;
        counts.malformed = totals.get(ReflectCounter.MALFORMED) + judged.malformed - judgedBefore.malformed;
        counts.duplicate = totals.get(ReflectCounter.DUPLICATE);
        counts.late = totals.get(ReflectCounter.LATE);
        return counts;
    }

    private static Histogram histogram(long[] latencies, long[] before) {
        Histogram histogram = new Histogram(3);
        for (int bucket = 0; bucket < latencies.length; bucket++) {
            if (latencies[bucket] > before[bucket]) {
                histogram.recordValueWithCount(LatencyBuckets.middleNs(bucket), latencies[bucket] - before[bucket]);
            }
        }
        return histogram;
    }

    @Override
    public void close() throws IOException {
        reflector.close();
        ports.close();
    }
}
