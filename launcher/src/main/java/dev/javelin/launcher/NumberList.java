package dev.javelin.launcher;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists such as {@code 0}, {@code 0-3} and {@code 0,2-3}, as they stand in the configuration. */
final class NumberList {
    private static final int MAXIMUM = 1023;
    private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");

    private NumberList() {
    }

    /** Keeps the order; each number from 0 to 1,023 and only once. Throws IllegalArgumentException. */
    static List<Integer> parse(final String text) {
        final List<Integer> numbers = new ArrayList<>();
        for (final String part : text.split(",", -1)) {
            final Matcher matcher = RANGE.matcher(part.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(text);
            }
            final int first = Integer.parseInt(matcher.group(1));
            final int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            if (last < first || last > MAXIMUM) {
                throw new IllegalArgumentException(text);
            }
            for (int i = first; i <= last; i++) {
                numbers.add(i);
            }
        }
        if (new HashSet<>(numbers).size() != numbers.size()) {
            throw new IllegalArgumentException(text);
        }
        return List.copyOf(numbers);
    }
}
