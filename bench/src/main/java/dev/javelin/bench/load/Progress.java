package dev.javelin.bench.load;

import java.io.FileNotFoundException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * Tells of each second of a phase: a line for people, and a record of a HdrHistogram log for its tools.
 */
final class Progress implements Generator.Progress, AutoCloseable {
    private static final double NS_PER_MS = 1e6;

    private final PrintStream out;
    private final HistogramLogWriter log;
    private final long beganMs = System.currentTimeMillis();
    private long lastNs;
    private Counts last = new Counts();

    /**
     * Begins.
     *
     * @param out for the lines; null for none.
     * @param log to be written; null for none.
     */
    Progress(PrintStream out, Path log) throws FileNotFoundException {
        this.out = out;
        this.log = log == null ? null : new HistogramLogWriter(log.toFile());
        if (log != null) {
            this.log.outputLogFormatVersion();
            this.log.outputStartTime(beganMs);
            this.log.setBaseTime(beganMs);
            this.log.outputLegend();
        }
    }

    @Override
    public void second(long elapsedNs, Counts counts, Histogram interval) {
        if (log != null) {
            log.outputIntervalHistogram((interval.getStartTimeStamp() - beganMs) / 1_000.0,
                (interval.getEndTimeStamp() - beganMs) / 1_000.0, interval, NS_PER_MS);
        }
        double seconds = (elapsedNs - lastNs) / 1e9;
        // What is left of the last second says little.
        if (out != null && seconds > 0.5) {
            long answered = counts.answered - last.answered;
            long found = counts.hits - last.hits;
            long asked = found + counts.misses - last.misses;
            long lost = counts.lost - last.lost;
            out.printf(Locale.ROOT,
                "%3.0f s  %,10.0f answers/s  %5.1f %% hits  %5.2f %% lost  p50 %,.0f us  p99 %,.0f us%s%n",
                elapsedNs / 1e9, answered / seconds, asked == 0 ? 0 : 100.0 * found / asked,
                answered + lost == 0 ? 0 : 100.0 * lost / (answered + lost),
                interval.getValueAtPercentile(50) / 1_000.0, interval.getValueAtPercentile(99) / 1_000.0,
                counts.bad() == 0 ? "" : "  " + counts.bad() + " bad");
        }
        lastNs = elapsedNs;
        last = counts;
    }

    @Override
    public void close() {
        if (log != null) {
            log.close();
        }
    }
}
