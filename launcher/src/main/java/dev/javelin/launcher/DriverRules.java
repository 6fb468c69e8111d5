package dev.javelin.launcher;

import java.util.Optional;

import dev.javelin.afxdp.Ethtool;
import dev.javelin.afxdp.Umem;

/** The demands that drivers make, as pure functions. docs/drivers.md names the function of the kernel behind each. */
final class DriverRules {
    static final int PAGE_BYTES = 4096;

    private static final int ETHERNET_BYTES = 14;

    /** Of drivers that say nothing; longer packets are not Javelin's anyway. */
    private static final int GUESSED_MTU = 1778;

    /** In zero-copy mode a packet must fit a frame. */
    private static final int FRAME_MTU = Umem.FRAME_SIZE - Umem.HEADROOM - ETHERNET_BYTES;

    /** mlx5 counts a VLAN tag and the frame check sequence as well (MLX5E_ETH_HARD_MTU). */
    private static final int MLX5_FRAME_MTU = FRAME_MTU - 8;

    /** Up to here mlx5's zero-copy sockets had queue numbers of their own. */
    private static final KernelVersion MLX5_SAME_QUEUES = new KernelVersion(6, 1);

    private static final int IXGBE_MAX_CPUS = 128;
    private static final String GENERIC = "set " + Configuration.ATTACH_MODE + "=generic";
    private static final String COPY = "set " + Configuration.BIND_MODE + "=copy";

    private DriverRules() {
    }

    /** For all drivers: a kernel in which it cannot run XDP programs yet. */
    static Optional<Check> nativeSince(final Driver driver, final Surroundings here) {
        return here.kernel().isBefore(driver.nativeSince()) && !here.isGeneric()
            ? Optional.of(Check.warn("native XDP", driver.name() + " has it since " + driver.nativeSince()
                + ", this is " + here.kernel() + " (distributions bring some back)", GENERIC + " if attaching fails"))
            : Optional.empty();
    }

    /** For all drivers: one without room in front of the frame, where XDP tells the worker what it found. */
    static Optional<Check> metadata(final Driver driver, final Surroundings here) {
        return driver.hasMetadata() || here.isGeneric()
            ? Optional.empty()
            : Optional.of(Check.warn("metadata", driver.name()
                + " has no room for it in native mode: the workers hash every key again", ""));
    }

    /** For all drivers: a kernel in which it cannot share frames yet. */
    static Optional<Check> zeroCopySince(final Driver driver, final Surroundings here) {
        return driver.zeroCopySince()
            .filter(since -> here.kernel().isBefore(since) && here.isZeroCopyAsked())
            .map(since -> Check.warn("zero-copy", driver.name() + " has it since " + since + ", this is "
                + here.kernel() + " (distributions bring some back)", COPY + " if binding fails"));
    }

    /**
     * Whether packets of the interface's size go through XDP. Where the driver's limit is not known, some limit is
     * guessed.
     */
    static Check mtu(final Optional<Driver> driver, final Surroundings here) {
        final boolean isLimitKnown =
            here.pageBytes() == PAGE_BYTES && driver.map(Driver::maxMtu).filter(limit -> limit.isPresent()).isPresent();
        final int limit = isLimitKnown ? driver.orElseThrow().maxMtu().orElseThrow() : GUESSED_MTU;
        final Check ok = Check.ok("MTU", Integer.toString(here.mtu()));
        if (here.mtu() <= limit) {
            return ok;
        }
        if (isLimitKnown) {
            return here.refusesNative("MTU", here.mtu() + ": " + driver.orElseThrow().name()
                + " refuses XDP above " + limit, here.setMtu(limit)).orElse(ok);
        }
        return here.isGeneric() ? ok : Check.warn("MTU", here.mtu() + ": many drivers refuse XDP above " + limit,
            here.setMtu(1500) + " if attaching fails");
    }

    static Optional<Check> noZeroCopy(final Surroundings here) {
        return here.isZeroCopyAsked()
            ? Optional.of(Check.fail("zero-copy", "the driver has none", COPY))
            : Optional.empty();
    }

    static Optional<Check> zeroCopyOutsideTheKernel(final Surroundings here) {
        return here.isZeroCopyAsked()
            ? Optional.of(Check.warn("zero-copy", "the kernel's own driver has none, only Amazon's",
                COPY + " if binding fails"))
            : Optional.empty();
    }

    /** A program gets as many queues again to send on. */
    static Optional<Check> halfOfTheChannels(final Surroundings here) {
        return here.channels()
            .filter(channels -> 2 * channels.combined() > channels.maxCombined())
            .flatMap(channels -> here.refusesNative("channels", channels.combined() + " of " + channels.maxCombined()
                + " in use, a program needs at most half", here.setChannels(channels.maxCombined() / 2)));
    }

    static Optional<Check> asManyToReceiveAsToSendAndHalf(final Surroundings here) {
        return here.channels()
            .filter(channels -> channels.rx() != channels.tx() || 2 * channels.tx() > channels.maxTx())
            .flatMap(channels -> here.refusesNative("channels", channels.rx() + " to receive, " + channels.tx() + " of "
                + channels.maxTx() + " to send; a program needs as many of each, and at most half",
                here.setChannels(Math.min(Math.min(channels.rx(), channels.tx()), channels.maxTx() / 2))));
    }

    static Optional<Check> noLro(final Surroundings here) {
        return Surroundings.isActive(here.lro())
            ? here.refusesNative("LRO", "is on, with which the driver refuses XDP", here.switchOff("lro"))
            : Optional.empty();
    }

    static Optional<Check> noGroHw(final Surroundings here) {
        return Surroundings.isActive(here.groHw())
            ? here.refusesNative("GRO_HW", "is on, with which the driver refuses XDP", here.switchOff("rx-gro-hw"))
            : Optional.empty();
    }

    /** virtio_net switches it off by itself, if its host lets it. */
    static Optional<Check> groHwIsNotFixed(final Surroundings here) {
        return here.groHw().filter(Ethtool.Feature::active).filter(feature -> !feature.available()).isPresent()
            ? here.refusesNative("GRO_HW", "is on and fixed by the host, with which the driver refuses XDP",
                "on the host, give the device ctrl_guest_offloads=on (QEMU), or " + GENERIC)
            : Optional.empty();
    }

    static Optional<Check> mlx5QueueNumbers(final Surroundings here) {
        return here.kernel().isBefore(MLX5_SAME_QUEUES)
            ? here.refusesZeroCopy("zero-copy", "before " + MLX5_SAME_QUEUES
                + " mlx5_core numbers the sockets' queues behind all others", COPY)
            : Optional.empty();
    }

    static Optional<Check> mlx5FrameHoldsMtu(final Surroundings here) {
        return here.mtu() > MLX5_FRAME_MTU
            ? here.refusesZeroCopy("zero-copy", "MTU " + here.mtu() + " does not fit a frame of " + Umem.FRAME_SIZE
                + " bytes", here.setMtu(MLX5_FRAME_MTU) + ", or " + COPY)
            : Optional.empty();
    }

    static Optional<Check> ixgbeFrameHoldsMtu(final Surroundings here) {
        return here.mtu() > FRAME_MTU && !here.isCopyAsked() && !here.isGeneric()
            ? Optional.of(Check.warn("zero-copy", "packets longer than " + FRAME_MTU + " bytes are dropped, MTU is "
                + here.mtu(), here.setMtu(FRAME_MTU) + ", or " + COPY))
            : Optional.empty();
    }

    static Optional<Check> ixgbeCpus(final Surroundings here) {
        return here.possibleCpus() > IXGBE_MAX_CPUS
            ? here.refusesNative("possible CPUs", here.possibleCpus() + ": ixgbe refuses XDP above " + IXGBE_MAX_CPUS,
                "boot with nr_cpus=" + IXGBE_MAX_CPUS + ", or " + GENERIC)
            : Optional.empty();
    }
}
