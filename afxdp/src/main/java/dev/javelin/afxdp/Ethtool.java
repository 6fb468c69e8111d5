package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * What a driver says of itself and its interface, in the calling thread's network namespace: the read-only half of
 * ethtool(8), by the ioctls of linux/ethtool.h. A driver need not answer any of these questions.
 */
public final class Ethtool {
    /** struct ethtool_drvinfo: cmd, the driver's name, and more. */
    private static final int ETHTOOL_GDRVINFO = 0x03;
    private static final int DRVINFO_BYTES = 196;

    /** struct ethtool_ringparam: cmd, max rx, mini, jumbo, tx, then the same four as they are now. */
    private static final int ETHTOOL_GRINGPARAM = 0x10;
    private static final int RINGPARAM_BYTES = 9 * Integer.BYTES;

    /** struct ethtool_channels: cmd, max rx, tx, other, combined, then the same four as they are now. */
    private static final int ETHTOOL_GCHANNELS = 0x3c;
    private static final int CHANNELS_BYTES = 9 * Integer.BYTES;

    /** struct ethtool_sset_info: cmd, reserved, u64 mask of sets, the count. */
    private static final int ETHTOOL_GSSET_INFO = 0x37;
    private static final int SSET_INFO_BYTES = 5 * Integer.BYTES;
    private static final int SSET_MASK_OFFSET = 2 * Integer.BYTES;
    private static final int SSET_COUNT_OFFSET = 4 * Integer.BYTES;
    private static final int ETH_SS_FEATURES = 4;

    /** struct ethtool_gstrings: cmd, set, count, then the strings. */
    private static final int ETHTOOL_GSTRINGS = 0x1b;
    private static final int STRINGS_OFFSET = 3 * Integer.BYTES;
    private static final int ETH_GSTRING_LEN = 32;

    /** struct ethtool_gfeatures: cmd, blocks, then for each 32 features four masks: available is 0, active is 2. */
    private static final int ETHTOOL_GFEATURES = 0x3a;
    private static final int FEATURES_OFFSET = 2 * Integer.BYTES;
    private static final int FEATURES_BLOCK_BYTES = 4 * Integer.BYTES;
    private static final int FEATURES_ACTIVE_OFFSET = 2 * Integer.BYTES;

    private Ethtool() {
    }

    /**
     * Queues of an interface, as {@code ethtool -l} shows them (struct ethtool_channels). All are counts, not negative.
     *
     * @param maxRx       channels that can be had of those that only receive
     * @param maxTx       and of those that only send
     * @param maxCombined and of those that do both
     * @param rx          channels that only receive, as they are now
     * @param tx          channels that only send
     * @param combined    channels that do both
     */
    public record Channels(int maxRx, int maxTx, int maxCombined, int rx, int tx, int combined) {
        static Channels of(final MemorySegment channels) {
            return new Channels(
                channels.getAtIndex(INT, 1),
                channels.getAtIndex(INT, 2),
                channels.getAtIndex(INT, 4),
                channels.getAtIndex(INT, 5),
                channels.getAtIndex(INT, 6),
                channels.getAtIndex(INT, 8));
        }

        /**
         * Queues that packets come in on.
         *
         * @return not negative
         */
        public int receiving() {
            return rx + combined;
        }
    }

    /**
     * The driver's own rings, as {@code ethtool -g} shows them (struct ethtool_ringparam), in descriptors per queue. A
     * driver in zero-copy mode holds no more frames of a queue than {@code rx} and {@code tx} together, where one frame
     * takes one descriptor.
     *
     * @param maxRx that can be had
     * @param maxTx that can be had
     * @param rx    as it is now
     * @param tx    as it is now
     */
    public record DescriptorRings(int maxRx, int maxTx, int rx, int tx) {
        static DescriptorRings of(final MemorySegment parameters) {
            return new DescriptorRings(
                parameters.getAtIndex(INT, 1),
                parameters.getAtIndex(INT, 4),
                parameters.getAtIndex(INT, 5),
                parameters.getAtIndex(INT, 8));
        }
    }

    /**
     * One line of {@code ethtool -k} (struct ethtool_get_features_block).
     *
     * @param active    it is on
     * @param available it can be switched; otherwise ethtool calls it fixed
     */
    public record Feature(boolean active, boolean available) {
    }

    /**
     * Name of the driver, as {@code ethtool -i} shows it.
     *
     * @param interfaceName to ask
     * @return for example {@code veth}; empty for a driver that does not say
     */
    public static String driver(final String interfaceName) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment info = command(arena, ETHTOOL_GDRVINFO, DRVINFO_BYTES);
            return ask(interfaceName, "ETHTOOL_GDRVINFO", info) ? info.getString(Integer.BYTES) : "";
        }
    }

    /**
     * How many queues there are and could be.
     *
     * @param interfaceName to ask
     * @return empty for a driver that does not say
     */
    public static Optional<Channels> channels(final String interfaceName) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment channels = command(arena, ETHTOOL_GCHANNELS, CHANNELS_BYTES);
            return ask(interfaceName, "ETHTOOL_GCHANNELS", channels)
                ? Optional.of(Channels.of(channels))
                : Optional.empty();
        }
    }

    /**
     * How long the driver's rings are and could be.
     *
     * @param interfaceName to ask
     * @return empty for a driver that does not say
     */
    public static Optional<DescriptorRings> ringSizes(final String interfaceName) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment parameters = command(arena, ETHTOOL_GRINGPARAM, RINGPARAM_BYTES);
            return ask(interfaceName, "ETHTOOL_GRINGPARAM", parameters)
                ? Optional.of(DescriptorRings.of(parameters))
                : Optional.empty();
        }
    }

    /**
     * Whether an offload is on.
     *
     * @param interfaceName to ask
     * @param feature       by the kernel's name, which {@code ethtool -k} abbreviates for some: {@code rx-lro}
     * @return empty if this kernel knows no such feature
     */
    public static Optional<Feature> feature(final String interfaceName, final String feature) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment setInfo = command(arena, ETHTOOL_GSSET_INFO, SSET_INFO_BYTES);
            setInfo.set(INT, SSET_MASK_OFFSET, 1 << ETH_SS_FEATURES);
            if (!ask(interfaceName, "ETHTOOL_GSSET_INFO", setInfo)) {
                return Optional.empty();
            }
            final int count = setInfo.get(INT, SSET_COUNT_OFFSET);
            final MemorySegment names =
                command(arena, ETHTOOL_GSTRINGS, STRINGS_OFFSET + (long) count * ETH_GSTRING_LEN);
            names.set(INT, Integer.BYTES, ETH_SS_FEATURES);
            final int blocks = (count + Integer.SIZE - 1) / Integer.SIZE;
            final MemorySegment features =
                command(arena, ETHTOOL_GFEATURES, FEATURES_OFFSET + (long) blocks * FEATURES_BLOCK_BYTES);
            features.set(INT, Integer.BYTES, blocks);
            if (!ask(interfaceName, "ETHTOOL_GSTRINGS", names) || !ask(interfaceName, "ETHTOOL_GFEATURES", features)) {
                return Optional.empty();
            }
            for (int i = 0; i < count; i++) {
                if (feature.equals(names.getString(STRINGS_OFFSET + (long) i * ETH_GSTRING_LEN))) {
                    return Optional.of(bit(features, i));
                }
            }
            return Optional.empty();
        }
    }

    private static Feature bit(final MemorySegment features, final int index) {
        final long block = FEATURES_OFFSET + (long) (index / Integer.SIZE) * FEATURES_BLOCK_BYTES;
        final int mask = 1 << index % Integer.SIZE;
        return new Feature(
            (features.get(INT, block + FEATURES_ACTIVE_OFFSET) & mask) != 0, (features.get(INT, block) & mask) != 0);
    }

    private static MemorySegment command(final Arena arena, final int command, final long bytes) {
        final MemorySegment segment = arena.allocate(bytes, Long.BYTES);
        segment.set(INT, 0, command);
        return segment;
    }

    /** The answer is in the segment, or false: the driver has none. */
    private static boolean ask(final String interfaceName, final String what, final MemorySegment command) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment request = Interfaces.named(arena, interfaceName);
            request.set(LONG, Interfaces.IFREQ_UNION_OFFSET, command.address());
            final int result = Interfaces.control(request, Interfaces.SIOCETHTOOL);
            if (result == -LibC.EOPNOTSUPP) {
                return false;
            }
            NativeException.check(what, result, interfaceName + ": " + LibC.strerrordesc_np(-result));
            return true;
        }
    }
}
