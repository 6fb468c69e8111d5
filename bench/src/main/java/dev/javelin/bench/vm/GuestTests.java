package dev.javelin.bench.vm;

import java.util.List;
import java.util.stream.Collectors;

/** The tests that there are. */
final class GuestTests {
    static final List<GuestTest> ALL = List.of(new LoadTest(), new LightTest(), new ShellTest());

    private GuestTests() {
    }

    /**
     * Looks one up.
     *
     * @param name as typed
     * @return the test
     * @throws IllegalArgumentException if there is none of that name; the message says what there is
     */
    static GuestTest of(final String name) {
        return ALL.stream()
            .filter(test -> test.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no test '" + name + "': allowed are "
                + ALL.stream().map(GuestTest::name).collect(Collectors.joining(", "))));
    }
}
