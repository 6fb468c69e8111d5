package dev.javelin.launcher;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Collectors;

/** Small pieces of text for people. */
final class Text {
    private Text() {
    }

    /** 192.0.2.1:11211 or [fd00::1]:11211. */
    static String endpoint(final InetSocketAddress address) {
        final String host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** In the largest unit that needs no fraction. */
    static String duration(final long nanoseconds) {
        if (nanoseconds % 1_000_000_000 == 0) {
            return nanoseconds / 1_000_000_000 + " s";
        }
        return nanoseconds % 1_000_000 == 0 ? nanoseconds / 1_000_000 + " ms" : nanoseconds / 1000 + " us";
    }

    static String list(final List<?> items) {
        return items.stream().map(Object::toString).collect(Collectors.joining(","));
    }
}
