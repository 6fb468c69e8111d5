package dev.javelin.afxdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a real driver answers, and how the structs that it does not fill are read. */
class EthtoolTest {
    /** Each field of linux/ethtool.h's struct holds its own index, with the command at 0. */
    private static MemorySegment numbered(final Arena arena) {
        return arena.allocateFrom(NativeLinker.INT, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    }

    @RequiresRoot
    @Test
    void shouldSayWhatTheDriverSaysWhenAsked() throws Exception {
        try (VethPair pair = VethPair.create(3); NetworkNamespace _ = pair.enterServer()) {
            final String name = VethPair.SERVER;
            assertEquals("veth", Ethtool.driver(name));
            assertEquals(new Ethtool.Channels(3, 3, 0, 3, 3, 0), Ethtool.channels(name).orElseThrow());
            Command.run("ip", "netns", "exec", pair.serverNamespace(), "ethtool", "-L", name, "rx", "2");
            assertEquals(new Ethtool.Channels(3, 3, 0, 2, 3, 0), Ethtool.channels(name).orElseThrow());
            for (final boolean active : new boolean[] {true, false}) {
                Command.run("ip", "netns", "exec", pair.serverNamespace(),
                    "ethtool", "-K", name, "gro", active ? "on" : "off");
                assertEquals(
                    new Ethtool.Feature(active, true), Ethtool.feature(name, "rx-gro").orElseThrow());
            }
            assertEquals(new Ethtool.Feature(false, false), Ethtool.feature(name, "rx-lro").orElseThrow());
        }
    }

    @RequiresRoot
    @Test
    void shouldSayNothingWhenTheDriverDoesNot() throws Exception {
        try (VethPair pair = VethPair.create(1); NetworkNamespace _ = pair.enterServer()) {
            assertEquals(Optional.empty(), Ethtool.ringSizes(VethPair.SERVER));
            assertEquals(Optional.empty(), Ethtool.channels("lo"));
            assertEquals("", Ethtool.driver("lo"));
            assertEquals(Optional.empty(), Ethtool.feature(VethPair.SERVER, "no-such-feature"));
        }
    }

    @Test
    void shouldNameTheInterfaceWhenThereIsNone() {
        final NativeException e = assertThrows(NativeException.class, () -> Ethtool.ringSizes("no-such"));
        assertEquals("ETHTOOL_GRINGPARAM: ENODEV (19): no-such: No such device", e.getMessage());
    }

    @Test
    void shouldTakeEachNumberFromItsPlaceWhenReadingStructs() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment numbered = numbered(arena);
            assertEquals(new Ethtool.Channels(1, 2, 4, 5, 6, 8), Ethtool.Channels.of(numbered));
            assertEquals(13, Ethtool.Channels.of(numbered).receiving());
            assertEquals(new Ethtool.DescriptorRings(1, 4, 5, 8), Ethtool.DescriptorRings.of(numbered));
        }
    }
}
