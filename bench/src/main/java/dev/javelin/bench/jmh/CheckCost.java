package dev.javelin.bench.jmh;

import dev.javelin.bench.Quartiles;
import dev.javelin.fastpath.CacheReader;
import dev.javelin.fastpath.QueueWorker;
import dev.javelin.fastpath.ReplyBuilder;
import dev.javelin.fastpath.RequestParser;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import java.util.SplittableRandom;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What comparing the write table's words adds to the user-space part of a hit. JMH measures one JVM after the other,
 * and on a shared machine the difference drowns in what happens between them. So here one cache and one set of requests
 * have two readers, of which only one knows the table, and they take turns block by block, some milliseconds each, in
 * random order; each pair of neighbouring blocks gives one difference.
 */
public final class CheckCost {
    private static final int FRAME_BYTES = 2_048;
    private static final int BLOCK_HITS = 16_384;
    private static final int WARM_UP_PAIRS = 200;
    private static final int PAIRS = 600;
    /** One for 32 hits of the reader that compares; Facebook's pool ETC has 30 GETs for a SET (SIGMETRICS 2012). */
    private static final int HITS_PER_CHANGE = 2 * 32;

    private final UnsafeBuffer frames =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(QueueWorker.BATCH * FRAME_BYTES, 64));
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final RequestParser parser = new RequestParser(RequestFrame.PORT);
    private final CachedItems items;
    private final byte[][] requests;
    private final int batch;
    private final int hitsPerChange;
    private final ReplyBuilder unchecked;
    private final ReplyBuilder checked;

    private CheckCost(CachedItems items, Keys keys, int batch, int hitsPerChange) {
        this.items = items;
        this.batch = batch;
        this.hitsPerChange = hitsPerChange;
        requests = new byte[keys.count()][];
        for (int i = 0; i < requests.length; i++) {
            requests[i] = RequestFrame.of(4, keys.name(i));
        }
        unchecked = builder(items.reader());
        checked = builder(items.witnessedReader());
    }

    private ReplyBuilder builder(CacheReader reader) {
        return new ReplyBuilder(reader, items.keyHash, 1_500);
    }

    /**
     * Prints a line for each number of keys, those that stay in the core's own caches and those that do not, for
     * each number of requests that arrive together, and for other keys being left alone or changed now and then.
     *
     * @param arguments none.
     */
    public static void main(String[] arguments) {
        for (int count : new int[] {256, 16_384}) {
            Keys keys = new Keys(count, 16);
            for (int batch : new int[] {1, 16, QueueWorker.BATCH}) {
                measure(keys, batch, Integer.MAX_VALUE);
            }
            measure(keys, 16, HITS_PER_CHANGE);
        }
    }

    private static void measure(Keys keys, int batch, int hitsPerChange) {
        try (CachedItems items = new CachedItems(keys, 32)) {
            new CheckCost(items, keys, batch, hitsPerChange).measure(new SplittableRandom(7));
        }
    }

    private void measure(SplittableRandom random) {
        double[] without = new double[PAIRS];
        double[] added = new double[PAIRS];
        for (int pair = -WARM_UP_PAIRS; pair < PAIRS; pair++) {
            boolean checkedFirst = random.nextBoolean();
            double first = hit(checkedFirst ? checked : unchecked);
            double second = hit(checkedFirst ? unchecked : checked);
            if (pair >= 0) {
                without[pair] = checkedFirst ? second : first;
                added[pair] = checkedFirst ? first - second : second - first;
            }
        }
        Quartiles addition = Quartiles.of(added);
        double hitNs = Quartiles.of(without).median();
        String sets = hitsPerChange == Integer.MAX_VALUE ? "" : ", another set after " + hitsPerChange / 2;
        System.out.printf(Locale.ROOT,
            "%5d keys, %2d at once%s: a hit takes %.1f ns, the check adds %.2f ns (quartiles %.2f to %.2f), %.1f %%%n",
            requests.length, batch, sets, hitNs, addition.median(), addition.lower(), addition.upper(),
            100 * addition.median() / hitNs);
    }

    /** Serves a block of requests as {@link QueueWorker} does; returns CPU time in ns for each, arrival included. */
    private double hit(ReplyBuilder builder) {
        long startNs = threads.getCurrentThreadCpuTime();
        for (int first = 0; first < BLOCK_HITS; first += batch) {
            for (int i = 0; i < batch; i++) {
                frames.putBytes(i * FRAME_BYTES, requests[number(first + i)]);
            }
            for (int i = 0; i < batch; i++) {
                answer(builder, i * FRAME_BYTES, number(first + i));
            }
            if ((first + batch) % hitsPerChange == 0) {
                items.changeAnother();
            }
        }
        return (threads.getCurrentThreadCpuTime() - startNs) / (double) BLOCK_HITS;
    }

    private int number(int i) {
        return i & requests.length - 1;
    }

    private void answer(ReplyBuilder builder, int at, int number) {
        if (parser.parse(frames, at, requests[number].length) != RequestParser.OK
            || builder.build(parser, frames, at, at + FRAME_BYTES, items.hashes[number], CachedItems.NOW_NS)
            != RequestParser.OK) {
            throw new IllegalStateException("no hit");
        }
    }
}
