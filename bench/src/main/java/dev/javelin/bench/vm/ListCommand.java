package dev.javelin.bench.vm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code scripts/vm list}. */
@Command(
    name = "list", mixinStandardHelpOptions = true,
    description = "Lists the kernels, network cards and tests that `run` takes.")
final class ListCommand implements Callable<Integer> {
    private static final String KERNEL = "%-8s %-18s %-20s %-8s %s%n";
    private static final String OTHER = "%-8s %s%n";

    @Override
    public Integer call() throws IOException {
        final Path root = Path.of(System.getProperty("javelin.root", "."));
        System.out.printf(KERNEL, "KERNEL", "SUITE", "NEWEST", "FETCHED", "ZERO-COPY WITH VIRTIO");
        for (final String kernel : Artifacts.kernels(root)) {
            System.out.printf(KERNEL, (Object[]) kernel.split("\t"));
        }
        System.out.printf("%nNIC%n");
        for (final Nic nic : Nic.values()) {
            System.out.printf(OTHER, nic.option(), nic.description());
        }
        System.out.printf("%nTEST%n");
        for (final GuestTest test : GuestTests.ALL) {
            System.out.printf(OTHER, test.name(), test.description());
        }
        return 0;
    }
}
