package dev.javelin.bench.vm;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A machine that QEMU plays, with its card on the tap of a {@link ClientNetwork}. */
public final class VirtualMachine implements AutoCloseable {
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(150);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int LAST_WORDS = 20;
    private static final Pattern TROUBLE = Pattern.compile("Kernel panic|Oops|BUG:");

    private final Artifacts artifacts;
    private final Nic nic;
    private final Cpus cpus;
    private final ClientNetwork network;
    private Path directory;
    private Process qemu;
    private Guest guest;
    private boolean closed;

    /**
     * A machine that is off.
     *
     * @param artifacts what it is made of
     * @param nic       its card
     * @param cpus      its processors
     * @param network   open when it boots
     */
    VirtualMachine(final Artifacts artifacts, final Nic nic, final Cpus cpus, final ClientNetwork network) {
        this.artifacts = artifacts;
        this.nic = nic;
        this.cpus = cpus;
        this.network = network;
    }

    /**
     * Starts it and waits until its shell answers.
     *
     * @param steps told of the wait
     * @throws IOException if it does not boot; the message has its last words
     */
    void boot(final Steps steps) throws IOException {
        start();
        guest = new Guest(connect("shell"), this::lastWords);
        final long deadlineNs = System.nanoTime() + BOOT_LIMIT.toNanos();
        do {
            if (System.nanoTime() > deadlineNs) {
                throw new IOException("Linux " + artifacts.kernel() + " has not booted within " + BOOT_LIMIT.toSeconds()
                    + " s" + lastWords());
            }
            steps.waiting("booting " + artifacts.kernel());
        } while (!guest.isReady(TICK));
    }

    /**
     * Its shell.
     *
     * @return answers
     */
    public Guest guest() {
        return guest;
    }

    /**
     * The client's side of its network.
     *
     * @return open
     */
    public ClientNetwork network() {
        return network;
    }

    /**
     * Pulls the card's cable, or puts it back.
     *
     * @param isUp whether the cable is in
     * @throws IOException if QEMU refuses
     */
    public void setLink(final boolean isUp) throws IOException {
        try (Monitor monitor = new Monitor(directory.resolve("monitor"))) {
            monitor.setLink(QemuCommand.CARD, isUp);
        }
    }

    /**
     * How many instructions the guest had executed at each of its marks, with {@link Cpus#COUNTED}.
     *
     * @return one number a mark
     * @throws IOException if they cannot be read
     */
    List<Long> marks() throws IOException {
        return Files.readAllLines(directory.resolve(Cpus.COUNTS)).stream().map(Long::valueOf).toList();
    }

    /** Turns it off, whatever it does. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            end();
            if (guest != null) {
                guest.close();
            }
            removeDirectory();
        } catch (final IOException e) {
            System.err.println("vm: " + e.getMessage());
        }
    }

    private synchronized void start() throws IOException {
        if (closed) {
            throw new IOException("interrupted");
        }
        directory = Files.createTempDirectory("javelin-vm-");
        final QemuCommand command = new QemuCommand(artifacts, nic, cpus, directory);
        final ProcessBuilder builder = new ProcessBuilder(network.inside(command.arguments()));
        builder.environment().putAll(command.environment());
        qemu = builder.redirectErrorStream(true).redirectOutput(directory.resolve("qemu.log").toFile()).start();
        qemu.getOutputStream().close();
    }

    /** QEMU makes its sockets a moment after it has started. */
    private SocketChannel connect(final String socket) throws IOException {
        while (!Files.exists(directory.resolve(socket))) {
            if (!qemu.isAlive()) {
                throw new IOException("QEMU does not start" + lastWords());
            }
            Pause.ofMs(20);
        }
        final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(directory.resolve(socket)));
        return channel;
    }

    /** Returns what QEMU and the kernel said at the end, and what began it; each line on its own, or nothing. */
    private String lastWords() {
        final List<String> lines = Stream.of("qemu.log", "console")
            .map(directory::resolve)
            .flatMap(VirtualMachine::lines)
            .filter(line -> !line.isBlank())
            .toList();
        final int end = Math.max(0, lines.size() - LAST_WORDS);
        return Stream.concat(
                lines.subList(0, end).stream().filter(line -> TROUBLE.matcher(line).find()).limit(1),
                lines.subList(end, lines.size()).stream())
            .map(line -> "\n  " + line)
            .collect(Collectors.joining());
    }

    /** Returns none if the file is not there, or not any more. */
    private static Stream<String> lines(final Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).lines();
        } catch (final IOException e) {
            return Stream.empty();
        }
    }

    private void end() throws IOException {
        if (qemu == null) {
            return;
        }
        qemu.destroy();
        try {
            if (!qemu.waitFor(5, TimeUnit.SECONDS)) {
                qemu.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            qemu.destroyForcibly();
        }
    }

    private void removeDirectory() throws IOException {
        if (directory == null || !Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (final Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
