package dev.javelin.launcher;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first two numbers of a kernel's release: 6.12 of 6.12.41-cloud-amd64.
 *
 * @param major the first
 * @param minor the second
 */
record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    /** The oldest with all that is used: the BPF ring buffer, XDP links, and need_wakeup in AF_XDP. */
    static final KernelVersion OLDEST = new KernelVersion(5, 10);

    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);
    private static final Comparator<KernelVersion> ORDER =
        Comparator.comparingInt(KernelVersion::major).thenComparingInt(KernelVersion::minor);

    /** Empty if the release does not begin with two numbers. */
    static Optional<KernelVersion> parse(final String release) {
        final Matcher matcher = RELEASE.matcher(release);
        return matcher.matches()
            ? Optional.of(new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
            : Optional.empty();
    }

    boolean isBefore(final KernelVersion other) {
        return compareTo(other) < 0;
    }

    @Override
    public int compareTo(final KernelVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
