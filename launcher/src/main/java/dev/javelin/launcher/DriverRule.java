package dev.javelin.launcher;

import java.util.Optional;

/** One demand of a driver. docs/drivers.md has the source of each. */
@FunctionalInterface
interface DriverRule {
    /** What is wrong here and the line that mends it; empty if nothing is. */
    Optional<Check> broken(Surroundings surroundings);
}
