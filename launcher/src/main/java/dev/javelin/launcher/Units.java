package dev.javelin.launcher;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with a unit, as they stand in the configuration. */
final class Units {
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,18})([a-z]*)");

    private Units() {
    }

    /** Parses 256m: k, m and g are powers of 1,024; no unit means bytes. Throws IllegalArgumentException. */
    static long bytes(final String text) {
        final Matcher matcher = match(text);
        final int shift = switch (matcher.group(2)) {
            case "", "b" -> 0;
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> throw new IllegalArgumentException(text);
        };
        final long number = Long.parseLong(matcher.group(1));
        if (number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException(text);
        }
        return number << shift;
    }

    /** Parses 500ms: ns, us, ms, s, m and h; a unit is needed. Throws IllegalArgumentException. */
    static long durationNs(final String text) {
        final Matcher matcher = match(text);
        final TimeUnit unit = switch (matcher.group(2)) {
            case "ns" -> TimeUnit.NANOSECONDS;
            case "us" -> TimeUnit.MICROSECONDS;
            case "ms" -> TimeUnit.MILLISECONDS;
            case "s" -> TimeUnit.SECONDS;
            case "m" -> TimeUnit.MINUTES;
            case "h" -> TimeUnit.HOURS;
            default -> throw new IllegalArgumentException(text);
        };
        // toNanos() saturates, and no range that is asked for reaches that far.
        return unit.toNanos(Long.parseLong(matcher.group(1)));
    }

    private static Matcher match(final String text) {
        final Matcher matcher = NUMBER_AND_UNIT.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        return matcher;
    }
}
