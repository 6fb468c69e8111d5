package dev.javelin.launcher;

import static dev.javelin.launcher.Driver.Status.KNOWN;
import static dev.javelin.launcher.Driver.Status.TESTED;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The drivers that something is known of: what docs/drivers.md says to people, with sources. */
final class Drivers {
    private static final boolean METADATA = true;
    private static final boolean NO_METADATA = false;
    private static final boolean LINK_STOPS = true;
    private static final boolean LINK_STAYS = false;
    private static final OptionalInt MTU_UNKNOWN = OptionalInt.empty();
    private static final Optional<KernelVersion> NO_ZERO_COPY = Optional.empty();

    /** Javelin runs on none that is older. */
    private static final Optional<KernelVersion> OLDEST = Optional.of(KernelVersion.OLDEST);

    static final List<Driver> ALL = List.of(
        new Driver("virtio_net", TESTED, since(4, 10), Optional.of(since(6, 13)), METADATA, LINK_STAYS, mtu(3506),
            List.of(DriverRules::groHwIsNotFixed)),
        new Driver("veth", TESTED, since(4, 14), NO_ZERO_COPY, METADATA, LINK_STAYS, MTU_UNKNOWN,
            List.of(DriverRules::noZeroCopy)),
        new Driver("igb", TESTED, since(5, 10), Optional.of(since(6, 14)), METADATA, LINK_STOPS, mtu(3046),
            List.of()),
        new Driver("ena", KNOWN, since(5, 6), NO_ZERO_COPY, NO_METADATA, LINK_STOPS, mtu(3498),
            List.of(DriverRules::halfOfTheChannels, DriverRules::zeroCopyOutsideTheKernel)),
        new Driver("gve", KNOWN, since(6, 4), Optional.of(since(6, 4)), NO_METADATA, LINK_STOPS, mtu(2032),
            List.of(DriverRules::asManyToReceiveAsToSendAndHalf, DriverRules::noLro)),
        new Driver("i40e", KNOWN, since(4, 13), OLDEST, METADATA, LINK_STOPS, mtu(3050),
            List.of()),
        new Driver("ice", KNOWN, since(5, 5), OLDEST, METADATA, LINK_STOPS, mtu(3046),
            List.of()),
        new Driver("igc", KNOWN, since(5, 13), Optional.of(since(5, 14)), METADATA, LINK_STOPS, mtu(1500),
            List.of()),
        new Driver("ixgbe", KNOWN, since(4, 12), OLDEST, METADATA, LINK_STOPS, mtu(3050),
            List.of(DriverRules::noLro, DriverRules::ixgbeCpus, DriverRules::ixgbeFrameHoldsMtu)),
        new Driver("mlx5_core", KNOWN, since(4, 9), OLDEST, METADATA, LINK_STOPS, mtu(3498),
            List.of(DriverRules::noLro, DriverRules::noGroHw, DriverRules::mlx5QueueNumbers,
                DriverRules::mlx5FrameHoldsMtu)),
        new Driver("tun", KNOWN, since(4, 14), NO_ZERO_COPY, NO_METADATA, LINK_STAYS, MTU_UNKNOWN,
            List.of(DriverRules::noZeroCopy)),
        new Driver("vmxnet3", KNOWN, since(6, 6), NO_ZERO_COPY, NO_METADATA, LINK_STOPS, mtu(3494),
            List.of(DriverRules::noZeroCopy)));

    private Drivers() {
    }

    private static KernelVersion since(final int major, final int minor) {
        return new KernelVersion(major, minor);
    }

    private static OptionalInt mtu(final int bytes) {
        return OptionalInt.of(bytes);
    }

    static Optional<Driver> named(final String name) {
        return ALL.stream().filter(driver -> driver.name().equals(name)).findFirst();
    }

    /** What is to be said of the driver, and then each rule that is broken here. */
    static List<Check> checks(final String name, final Surroundings here) {
        final Optional<Driver> known = named(name);
        final List<Check> checks = new ArrayList<>();
        checks.add(known.map(driver -> known(driver, here)).orElseGet(() -> unknown(name)));
        checks.add(DriverRules.mtu(known, here));
        known.ifPresent(driver -> {
            DriverRules.nativeSince(driver, here).ifPresent(checks::add);
            DriverRules.metadata(driver, here).ifPresent(checks::add);
            DriverRules.zeroCopySince(driver, here).ifPresent(checks::add);
            driver.rules().forEach(rule -> rule.broken(here).ifPresent(checks::add));
        });
        return checks;
    }

    private static Check known(final Driver driver, final Surroundings here) {
        final String finding = driver.name() + ": " + driver.status().words
            + (driver.stopsLink() && !here.isGeneric() ? "; attaching stops all traffic for a moment" : "");
        return driver.status() == TESTED ? Check.ok("driver", finding) : Check.warn("driver", finding, "");
    }

    private static Check unknown(final String name) {
        return Check.warn("driver", (name.isEmpty() ? "without a name" : name) + ": unknown driver",
            "docs/drivers.md says what may matter; if attaching fails, set " + Configuration.ATTACH_MODE + "=generic");
    }
}
