package dev.javelin.launcher;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is known of a network driver. {@link Drivers} is the table; docs/drivers.md says where each fact is from.
 *
 * @param name          as {@code ethtool -i} shows it
 * @param status        how it is known
 * @param nativeSince   first kernel in which it runs XDP programs
 * @param zeroCopySince first kernel in which it shares frames with AF_XDP; empty for none so far
 * @param hasMetadata   a program in native mode can write in front of the frame
 * @param stopsLink     attaching in native mode stops all traffic for a moment
 * @param maxMtu        the largest with which it takes a program, on pages of 4 KiB; empty if not known
 * @param rules         what else it demands
 */
record Driver(
    String name,
    Status status,
    KernelVersion nativeSince,
    Optional<KernelVersion> zeroCopySince,
    boolean hasMetadata,
    boolean stopsLink,
    OptionalInt maxMtu,
    List<DriverRule> rules) {
    /** How a driver is known. */
    enum Status {
        /** Javelin ran with it. */
        TESTED("tested"),
        /** Its rules were read. */
        KNOWN("rules known from its source, never tried here");

        final String words;

        Status(final String words) {
            this.words = words;
        }
    }
}
