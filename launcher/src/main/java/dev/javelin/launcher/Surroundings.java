package dev.javelin.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.BindMode;
import dev.javelin.afxdp.Ethtool;
import dev.javelin.afxdp.Interfaces;
import org.agrona.UnsafeApi;

/**
 * All that a driver's rules look at.
 *
 * @param interfaceName for the lines that mend
 * @param kernel        that runs
 * @param channels      empty if the driver does not say
 * @param mtu           in bytes
 * @param lro           the feature rx-lro; empty if the kernel does not say
 * @param groHw         the feature rx-gro-hw
 * @param possibleCpus  which the kernel may ever have: drivers count these
 * @param pageBytes     of the machine
 * @param attachMode    that is configured
 * @param bindMode      that is configured
 */
record Surroundings(
    String interfaceName,
    KernelVersion kernel,
    Optional<Ethtool.Channels> channels,
    int mtu,
    Optional<Ethtool.Feature> lro,
    Optional<Ethtool.Feature> groHw,
    int possibleCpus,
    int pageBytes,
    AttachMode attachMode,
    BindMode bindMode) {
    private static final Path POSSIBLE_CPUS = Path.of("/sys/devices/system/cpu/possible");

    /** As they are now. */
    static Surroundings of(final Configuration configuration, final KernelVersion kernel) {
        final String name = configuration.interfaceName();
        return new Surroundings(
            name,
            kernel,
            Ethtool.channels(name),
            Interfaces.mtu(name),
            Ethtool.feature(name, "rx-lro"),
            Ethtool.feature(name, "rx-gro-hw"),
            readPossibleCpus(),
            UnsafeApi.pageSize(),
            configuration.attachMode(),
            configuration.bindMode());
    }

    /** 4 of "0-3"; without /sys at least those that this process may use. */
    private static int readPossibleCpus() {
        try {
            final String list = Files.readString(POSSIBLE_CPUS).strip();
            return Integer.parseInt(list.replaceFirst(".*\\D", "")) + 1;
        } catch (final IOException | NumberFormatException e) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    /** The driver will not take the program in native mode: fatal if that was asked for, slow with {@code auto}. */
    Optional<Check> refusesNative(final String subject, final String finding, final String remedy) {
        return switch (attachMode) {
            case GENERIC -> Optional.empty();
            case NATIVE -> Optional.of(Check.fail(subject, finding, remedy));
            case AUTO -> Optional.of(Check.warn(subject, finding + ", so XDP will be generic", remedy));
        };
    }

    /** The driver will not share frames: fatal if that was asked for, slow with {@code auto}. */
    Optional<Check> refusesZeroCopy(final String subject, final String finding, final String remedy) {
        return switch (bindMode) {
            case COPY -> Optional.empty();
            case ZEROCOPY -> Optional.of(Check.fail(subject, finding, remedy));
            case AUTO -> Optional.of(Check.warn(subject, finding + ", so packets will be copied", remedy));
        };
    }

    boolean isGeneric() {
        return attachMode == AttachMode.GENERIC;
    }

    boolean isCopyAsked() {
        return bindMode == BindMode.COPY;
    }

    boolean isZeroCopyAsked() {
        return bindMode == BindMode.ZEROCOPY;
    }

    static boolean isActive(final Optional<Ethtool.Feature> feature) {
        return feature.map(Ethtool.Feature::active).orElse(false);
    }

    String setMtu(final int bytes) {
        return "ip link set dev " + interfaceName + " mtu " + bytes;
    }

    String switchOff(final String feature) {
        return "ethtool -K " + interfaceName + " " + feature + " off";
    }

    String setChannels(final int count) {
        return setChannels(interfaceName, channels, count);
    }

    /** The line that sets the number of queues: a driver has either combined channels or separate ones. */
    static String setChannels(final String name, final Optional<Ethtool.Channels> channels, final int count) {
        final boolean isSeparate = channels.filter(now -> now.maxCombined() == 0).isPresent();
        return "ethtool -L " + name + (isSeparate ? " rx " + count + " tx " : " combined ") + count;
    }
}
