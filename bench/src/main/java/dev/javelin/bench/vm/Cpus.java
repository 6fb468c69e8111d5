package dev.javelin.bench.vm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A virtual machine's processors. */
enum Cpus {
    /** Two, as fast as can be. */
    FAST {
        @Override
        List<String> arguments(final Artifacts artifacts, final Path directory) {
            return Files.isWritable(KVM) ? List.of("-smp", "2", "-accel", "kvm", "-cpu", "host")
                : List.of("-smp", "2", "-accel", "tcg,thread=multi", "-cpu", "max");
        }
    },
    /**
     * One, emulated even where it need not be, whose instructions are counted. Without "enhanced rep movsb", for which
     * kernel and libraries would copy memory by single instructions that count once for every byte.
     */
    COUNTED {
        @Override
        List<String> arguments(final Artifacts artifacts, final Path directory) {
            return List.of("-smp", "1", "-accel", "tcg,thread=single", "-cpu", "max,erms=off",
                "-plugin", artifacts.plugin() + ",counts=" + directory.resolve(COUNTS));
        }
    };

    /** The file with the counts, below the machine's directory. */
    static final String COUNTS = "counts";

    private static final Path KVM = Path.of("/dev/kvm");

    /**
     * The part of QEMU's command line that describes them.
     *
     * @param artifacts what the machine is made of
     * @param directory the machine's
     * @return program arguments
     */
    abstract List<String> arguments(Artifacts artifacts, Path directory);
}
