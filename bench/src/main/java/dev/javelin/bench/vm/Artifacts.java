package dev.javelin.bench.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * What a virtual machine is made of, as scripts/lib/vm-prepare has fetched and built it.
 *
 * @param kernel    Debian's version of it
 * @param image     the kernel
 * @param initramfs its modules, and the first process
 * @param disk      the system with Javelin
 * @param qemu      the program
 * @param qemuFiles where its own files lie, or empty if it is the machine's
 * @param plugin    of QEMU: counts instructions
 * @param objects   names of the directories below /objects of the disk, one a compiler
 */
record Artifacts(String kernel, Path image, Path initramfs, Path disk, String qemu, String qemuFiles,
    Path plugin, List<String> objects) {
    /**
     * Fetches and builds what is missing. What it does, and why it fails, it says on standard error.
     *
     * @param root   the project's directory
     * @param kernel the beginning of a version
     * @param nic    whose modules the kernel must have
     * @return all there
     * @throws HelperException if that fails
     */
    static Artifacts prepare(final Path root, final String kernel, final Nic nic) throws IOException {
        final Properties found = new Properties();
        for (final String line : ask(root, "machine", kernel, nic.option())) {
            found.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        }
        return new Artifacts(
            found.getProperty("kernel"),
            Path.of(found.getProperty("image")),
            Path.of(found.getProperty("initramfs")),
            Path.of(found.getProperty("disk")),
            found.getProperty("qemu"),
            found.getProperty("qemu.files"),
            Path.of(found.getProperty("count.plugin")),
            found.getProperty("objects").lines().flatMap(line -> Stream.of(line.split(" "))).toList());
    }

    /**
     * The kernels that Debian's packages have.
     *
     * @param root the project's directory
     * @return one line each: KERNEL, suite, newest version, fetched, zero-copy, apart by tabs
     * @throws HelperException if that fails
     */
    static List<String> kernels(final Path root) throws IOException {
        return ask(root, "kernels");
    }

    private static List<String> ask(final Path root, final String... arguments) throws IOException {
        final ProcessBuilder builder = new ProcessBuilder(root.resolve("scripts/lib/vm-prepare").toString());
        builder.command().addAll(List.of(arguments));
        final Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        try {
            final List<String> lines = process.inputReader().lines().toList();
            final int exitCode = Commands.exitCode(process);
            if (exitCode != 0) {
                throw new HelperException(exitCode);
            }
            return lines;
        } catch (final UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The script has failed, and has said why. */
    static final class HelperException extends IOException {
        private static final long serialVersionUID = 1;

        private final int exitCode;

        /**
         * Of a script.
         *
         * @param exitCode to end with
         */
        HelperException(final int exitCode) {
            super("scripts/lib/vm-prepare has failed");
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }
}
