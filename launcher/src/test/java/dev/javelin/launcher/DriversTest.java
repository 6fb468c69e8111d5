package dev.javelin.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.BindMode;
import dev.javelin.afxdp.Ethtool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every driver in good surroundings and in each of those that break a rule of it. */
class DriversTest {
    private static final Path DOCUMENT = Path.of("../docs/drivers.md");
    private static final Ethtool.Feature ON = new Ethtool.Feature(true, true);
    private static final Ethtool.Feature ON_FIXED = new Ethtool.Feature(true, false);
    private static final Ethtool.Feature OFF = new Ethtool.Feature(false, true);

    /** A new kernel, usual MTU, nothing in the way. */
    private static Scene scene() {
        return new Scene();
    }

    static Stream<Arguments> broken() {
        return Stream.of(brokenOfVirtualMachines(), brokenOfCards(), unknown()).flatMap(rows -> rows);
    }

    private static Stream<Arguments> brokenOfVirtualMachines() {
        return Stream.of(
            Arguments.of("virtio_net", scene().groHw(ON_FIXED), "WARN GRO_HW: is on and fixed by the host, with which "
                + "the driver refuses XDP, so XDP will be generic -> on the host, give the device "
                + "ctrl_guest_offloads=on (QEMU), or set javelin.attach.mode=generic"),
            Arguments.of("virtio_net", scene().mtu(3507), "WARN MTU: 3507: virtio_net refuses XDP above 3506, so XDP "
                + "will be generic -> ip link set dev eth7 mtu 3506"),
            Arguments.of("virtio_net", scene().kernel(6, 12).bind(BindMode.ZEROCOPY), "WARN zero-copy: virtio_net has "
                + "it since 6.13, this is 6.12 (distributions bring some back) -> set javelin.bind.mode=copy if "
                + "binding fails"),
            Arguments.of("veth", scene().bind(BindMode.ZEROCOPY),
                "FAIL zero-copy: the driver has none -> set javelin.bind.mode=copy"),
            Arguments.of("veth", scene().mtu(9000), "WARN MTU: 9000: many drivers refuse XDP above 1778 -> "
                + "ip link set dev eth7 mtu 1500 if attaching fails"),
            Arguments.of("ena", scene().combined(5, 8).attach(AttachMode.NATIVE), "FAIL channels: 5 of 8 in use, a "
                + "program needs at most half -> ethtool -L eth7 combined 4"),
            Arguments.of("ena", scene().mtu(9001), "WARN MTU: 9001: ena refuses XDP above 3498, so XDP will be "
                + "generic -> ip link set dev eth7 mtu 3498"),
            Arguments.of("ena", scene(), "WARN metadata: ena has no room for it in native mode: the workers "
                + "hash every key again"),
            Arguments.of("ena", scene().bind(BindMode.ZEROCOPY), "WARN zero-copy: the kernel's own driver has none, "
                + "only Amazon's -> set javelin.bind.mode=copy if binding fails"),
            Arguments.of("gve", scene().separate(8, 8, 16, 12).attach(AttachMode.NATIVE), "FAIL channels: 8 to "
                + "receive, 8 of 12 to send; a program needs as many of each, and at most half -> "
                + "ethtool -L eth7 rx 6 tx 6"),
            Arguments.of("gve", scene().separate(4, 2, 16, 16), "WARN channels: 4 to receive, 2 of 16 to send; a "
                + "program needs as many of each, and at most half, so XDP will be generic -> "
                + "ethtool -L eth7 rx 2 tx 2"),
            Arguments.of("gve", scene().lro(ON), "WARN LRO: is on, with which the driver refuses XDP, so XDP will be "
                + "generic -> ethtool -K eth7 lro off"),
            Arguments.of("gve", scene().mtu(2033).attach(AttachMode.NATIVE),
                "FAIL MTU: 2033: gve refuses XDP above 2032 -> ip link set dev eth7 mtu 2032"),
            Arguments.of("gve", scene().kernel(6, 3), "WARN native XDP: gve has it since 6.4, this is 6.3 "
                + "(distributions bring some back) -> set javelin.attach.mode=generic if attaching fails"),
            Arguments.of("tun", scene(), "WARN metadata: tun has no room for it in native mode: the workers "
                + "hash every key again"),
            Arguments.of("tun", scene().bind(BindMode.ZEROCOPY),
                "FAIL zero-copy: the driver has none -> set javelin.bind.mode=copy"),
            Arguments.of("vmxnet3", scene().mtu(9000).attach(AttachMode.NATIVE),
                "FAIL MTU: 9000: vmxnet3 refuses XDP above 3494 -> ip link set dev eth7 mtu 3494"),
            Arguments.of("vmxnet3", scene(), "WARN metadata: vmxnet3 has no room for it in native mode: the workers "
                + "hash every key again"),
            Arguments.of("vmxnet3", scene().bind(BindMode.ZEROCOPY),
                "FAIL zero-copy: the driver has none -> set javelin.bind.mode=copy"));
    }

    private static Stream<Arguments> brokenOfCards() {
        return Stream.of(
            Arguments.of("igb", scene().mtu(9000).attach(AttachMode.NATIVE),
                "FAIL MTU: 9000: igb refuses XDP above 3046 -> ip link set dev eth7 mtu 3046"),
            Arguments.of("igb", scene().kernel(6, 13).bind(BindMode.ZEROCOPY), "WARN zero-copy: igb has it since 6.14, "
                + "this is 6.13 (distributions bring some back) -> set javelin.bind.mode=copy if binding fails"),
            Arguments.of("i40e", scene().mtu(3051).attach(AttachMode.NATIVE),
                "FAIL MTU: 3051: i40e refuses XDP above 3050 -> ip link set dev eth7 mtu 3050"),
            Arguments.of("ice", scene().mtu(3047).attach(AttachMode.NATIVE),
                "FAIL MTU: 3047: ice refuses XDP above 3046 -> ip link set dev eth7 mtu 3046"),
            Arguments.of("igc", scene().mtu(1501),
                "WARN MTU: 1501: igc refuses XDP above 1500, so XDP will be generic -> ip link set dev eth7 mtu 1500"),
            Arguments.of("igc", scene().kernel(5, 12), "WARN native XDP: igc has it since 5.13, this is 5.12 "
                + "(distributions bring some back) -> set javelin.attach.mode=generic if attaching fails"),
            Arguments.of("igc", scene().kernel(5, 13).bind(BindMode.ZEROCOPY), "WARN zero-copy: igc has it since 5.14, "
                + "this is 5.13 (distributions bring some back) -> set javelin.bind.mode=copy if binding fails"),
            Arguments.of("ixgbe", scene().lro(ON).attach(AttachMode.NATIVE),
                "FAIL LRO: is on, with which the driver refuses XDP -> ethtool -K eth7 lro off"),
            Arguments.of("ixgbe", scene().cpus(129), "WARN possible CPUs: 129: ixgbe refuses XDP above 128, so XDP "
                + "will be generic -> boot with nr_cpus=128, or set javelin.attach.mode=generic"),
            Arguments.of("ixgbe", scene().mtu(3827), "WARN zero-copy: packets longer than 3826 bytes are dropped, MTU "
                + "is 3827 -> ip link set dev eth7 mtu 3826, or set javelin.bind.mode=copy"),
            Arguments.of("mlx5_core", scene().lro(ON).attach(AttachMode.NATIVE),
                "FAIL LRO: is on, with which the driver refuses XDP -> ethtool -K eth7 lro off"),
            Arguments.of("mlx5_core", scene().groHw(ON), "WARN GRO_HW: is on, with which the driver refuses XDP, so "
                + "XDP will be generic -> ethtool -K eth7 rx-gro-hw off"),
            Arguments.of("mlx5_core", scene().kernel(6, 0).bind(BindMode.ZEROCOPY), "FAIL zero-copy: before 6.1 "
                + "mlx5_core numbers the sockets' queues behind all others -> set javelin.bind.mode=copy"),
            Arguments.of("mlx5_core", scene().mtu(3819), "WARN zero-copy: MTU 3819 does not fit a frame of 4096 "
                + "bytes, so packets will be copied -> ip link set dev eth7 mtu 3818, or set javelin.bind.mode=copy"),
            Arguments.of("mlx5_core", scene().mtu(3499).bind(BindMode.COPY), "WARN MTU: 3499: mlx5_core refuses XDP "
                + "above 3498, so XDP will be generic -> ip link set dev eth7 mtu 3498"));
    }

    private static Stream<Arguments> unknown() {
        return Stream.of(
            Arguments.of("", scene(), "WARN driver: without a name: unknown driver -> docs/drivers.md says what may "
                + "matter; if attaching fails, set javelin.attach.mode=generic"),
            Arguments.of("foo", scene(), "WARN driver: foo: unknown driver -> docs/drivers.md says what may matter; "
                + "if attaching fails, set javelin.attach.mode=generic"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void shouldGiveTheLineThatMendsWhenARuleIsBroken(final String driver, final Scene scene, final String expected) {
        final List<String> lines = lines(driver, scene);
        assertTrue(lines.contains(expected), () -> String.join("\n", lines));
    }

    static Stream<Arguments> good() {
        return Stream.of(
            Arguments.of("virtio_net", scene().groHw(ON).combined(2, 4), List.of("OK driver: virtio_net: tested")),
            Arguments.of("veth", scene().separate(2, 2, 2, 2), List.of("OK driver: veth: tested")),
            Arguments.of("igb", scene().mtu(3046).bind(BindMode.ZEROCOPY).kernel(6, 14),
                List.of("OK driver: igb: tested; attaching stops all traffic for a moment")),
            Arguments.of("ena", scene().combined(4, 8).mtu(3498), known("ena", "; attaching stops all traffic for a "
                + "moment", "ena")),
            Arguments.of("gve", scene().separate(8, 8, 16, 16).mtu(2032).lro(OFF).kernel(6, 4),
                known("gve", "; attaching stops all traffic for a moment", "gve")),
            Arguments.of("i40e", scene().mtu(3050), known("i40e", "; attaching stops all traffic for a moment", "")),
            Arguments.of("ice", scene().mtu(3046), known("ice", "; attaching stops all traffic for a moment", "")),
            Arguments.of("igc", scene().kernel(5, 14).bind(BindMode.ZEROCOPY),
                known("igc", "; attaching stops all traffic for a moment", "")),
            Arguments.of("ixgbe", scene().mtu(3050).cpus(128).bind(BindMode.COPY).lro(OFF),
                known("ixgbe", "; attaching stops all traffic for a moment", "")),
            Arguments.of("mlx5_core", scene().mtu(3498).kernel(6, 1).bind(BindMode.ZEROCOPY).lro(OFF).groHw(OFF),
                known("mlx5_core", "; attaching stops all traffic for a moment", "")),
            Arguments.of("tun", scene(), known("tun", "", "tun")),
            Arguments.of("vmxnet3", scene().mtu(3494).lro(ON),
                known("vmxnet3", "; attaching stops all traffic for a moment", "vmxnet3")));
    }

    private static List<String> known(final String driver, final String more, final String noMetadata) {
        final String first = "WARN driver: " + driver + ": rules known from its source, never tried here" + more;
        return noMetadata.isEmpty() ? List.of(first) : List.of(first, "WARN metadata: " + driver + " has no room for it"
            + " in native mode: the workers hash every key again");
    }

    @ParameterizedTest
    @MethodSource("good")
    void shouldSayNothingElseWhenNoRuleIsBroken(final String driver, final Scene scene, final List<String> expected) {
        assertEquals(expected, lines(driver, scene).stream().filter(line -> !line.startsWith("OK MTU: ")).toList());
    }

    @ParameterizedTest
    @MethodSource("broken")
    void shouldNotMindTheDriverWhenAttachingIsGeneric(final String driver, final Scene scene, final String expected) {
        final List<String> lines = lines(driver, scene.attach(AttachMode.GENERIC).bind(BindMode.COPY));
        assertEquals(List.of(), lines.stream().filter(line -> !line.contains(" driver: ") && !line.contains("OK MTU"))
            .toList(), expected);
    }

    @ParameterizedTest
    @EnumSource(AttachMode.class)
    void shouldNotClaimALimitOfMtuWhenPagesAreLarger(final AttachMode mode) {
        final List<String> lines = lines("mlx5_core", scene().mtu(9000).pages(65_536).attach(mode).bind(BindMode.COPY));
        assertTrue(lines.stream().noneMatch(line -> line.startsWith("FAIL")), lines::toString);
        assertTrue(lines.stream().noneMatch(line -> line.contains("3498")), lines::toString);
    }

    @Test
    void shouldBreakNoRuleWhenTheDriverSaysNothing() {
        for (final Driver driver : Drivers.ALL) {
            final Scene silent = scene().silent().attach(AttachMode.NATIVE);
            assertTrue(Drivers.checks(driver.name(), silent.build()).stream().noneMatch(Check::isFault), driver.name());
        }
    }

    @Test
    void shouldPlayEveryDriverWhenTheseTestsRun() {
        final List<String> all = Drivers.ALL.stream().map(Driver::name).toList();
        assertTrue(broken().map(arguments -> arguments.get()[0]).toList().containsAll(all));
        assertTrue(good().map(arguments -> arguments.get()[0]).toList().containsAll(all));
    }

    /** The document's first table: driver, status, native, zero-copy, metadata, MTU, and more for people. */
    @Test
    void shouldSayTheSameAsTheDocumentWhenComparedWithIt() throws IOException {
        final List<List<String>> rows = Files.readAllLines(DOCUMENT).stream()
            .filter(line -> line.startsWith("| `"))
            .map(line -> Arrays.stream(line.split("\\|")).skip(1).map(String::strip).limit(7).toList())
            .toList();
        final List<List<String>> expected = Drivers.ALL.stream().map(driver -> List.of(
            "`" + driver.name() + "`",
            driver.status() == Driver.Status.TESTED ? "tested" : "known rules",
            driver.nativeSince().toString(),
            driver.zeroCopySince().map(since -> since.equals(KernelVersion.OLDEST) ? "before 5.10" : since.toString())
                .orElse("no"),
            driver.hasMetadata() ? "yes" : "**no**",
            driver.maxMtu().isPresent() ? Integer.toString(driver.maxMtu().getAsInt()) : "unknown",
            driver.stopsLink() ? "stops" : "stays")).toList();
        assertEquals(expected, rows);
    }

    private static List<String> lines(final String driver, final Scene scene) {
        return Drivers.checks(driver, scene.build()).stream()
            .map(check -> check.status() + " " + check.subject() + ": " + check.finding()
                + (check.remedy().isEmpty() ? "" : " -> " + check.remedy()))
            .toList();
    }

    /** Surroundings, changed one by one. */
    private static final class Scene {
        private KernelVersion kernel = new KernelVersion(6, 18);
        private Optional<Ethtool.Channels> channels = Optional.of(new Ethtool.Channels(0, 0, 16, 0, 0, 2));
        private int mtu = 1500;
        private Optional<Ethtool.Feature> lro = Optional.of(OFF);
        private Optional<Ethtool.Feature> groHw = Optional.of(OFF);
        private int cpus = 8;
        private int pages = DriverRules.PAGE_BYTES;
        private AttachMode attach = AttachMode.AUTO;
        private BindMode bind = BindMode.AUTO;

        Scene kernel(final int major, final int minor) {
            kernel = new KernelVersion(major, minor);
            return this;
        }

        Scene combined(final int count, final int max) {
            channels = Optional.of(new Ethtool.Channels(0, 0, max, 0, 0, count));
            return this;
        }

        Scene separate(final int rx, final int tx, final int maxRx, final int maxTx) {
            channels = Optional.of(new Ethtool.Channels(maxRx, maxTx, 0, rx, tx, 0));
            return this;
        }

        Scene mtu(final int bytes) {
            mtu = bytes;
            return this;
        }

        Scene lro(final Ethtool.Feature feature) {
            lro = Optional.of(feature);
            return this;
        }

        Scene groHw(final Ethtool.Feature feature) {
            groHw = Optional.of(feature);
            return this;
        }

        Scene cpus(final int count) {
            cpus = count;
            return this;
        }

        Scene pages(final int bytes) {
            pages = bytes;
            return this;
        }

        Scene attach(final AttachMode mode) {
            attach = mode;
            return this;
        }

        Scene bind(final BindMode mode) {
            bind = mode;
            return this;
        }

        Scene silent() {
            channels = Optional.empty();
            lro = Optional.empty();
            groHw = Optional.empty();
            return this;
        }

        Surroundings build() {
            return new Surroundings("eth7", kernel, channels, mtu, lro, groHw, cpus, pages, attach, bind);
        }

        @Override
        public String toString() {
            return build().toString();
        }
    }
}
