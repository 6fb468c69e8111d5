package dev.javelin.bench.vm;

import dev.javelin.afxdp.AttachMode;
import dev.javelin.afxdp.Interfaces;
import dev.javelin.afxdp.NativeException;
import dev.javelin.afxdp.XdpOptions;
import dev.javelin.afxdp.XdpProgram;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of {@link LoadTest} that runs in the guest: loads the jar's XDP program and others, and attaches the jar's.
 * Each line that it prints is one of:
 * <pre>
 * verified NAME INSTRUCTIONS
 * attached MODE
 * refused NAME-OR-MODE REASON
 * </pre>
 */
public final class LoadObjects {
    static final String VERIFIED = "verified";
    static final String ATTACHED = "attached";
    static final String REFUSED = "refused";
    static final String JAR = "jar";

    private static final int QUEUES = 2;
    private static final int BUCKETS = 1 << 16;
    private static final int PORT = 11_211;
    private static final long HEARTBEAT_LIMIT_NS = 10_000_000;

    private final String interfaceName;
    private final XdpOptions options;

    private LoadObjects(final String interfaceName) throws UnknownHostException {
        this.interfaceName = interfaceName;
        // As many addresses as it can have: they make the most work for the verifier.
        options = new XdpOptions(PORT, QUEUES, BUCKETS, 1, HEARTBEAT_LIMIT_NS, addresses(),
            Interfaces.hardwareAddress(interfaceName));
    }

    /**
     * Loads and attaches.
     *
     * @param arguments an interface, and object files; the directory that a file is in is its name
     * @throws UnknownHostException never
     */
    public static void main(final String[] arguments) throws UnknownHostException {
        final LoadObjects objects = new LoadObjects(arguments[0]);
        objects.loadOfJar();
        for (int i = 1; i < arguments.length; i++) {
            objects.load(Path.of(arguments[i]));
        }
    }

    private void loadOfJar() {
        try (XdpProgram program = XdpProgram.load(options)) {
            System.out.println(VERIFIED + " " + JAR + " " + program.verifiedInstructions());
            attach(program, AttachMode.NATIVE);
            attach(program, AttachMode.GENERIC);
        } catch (final NativeException e) {
            refused(JAR, e);
        }
    }

    private void load(final Path file) {
        final String name = file.getParent().getFileName().toString();
        try (XdpProgram program = XdpProgram.load(options, file)) {
            System.out.println(VERIFIED + " " + name + " " + program.verifiedInstructions());
        } catch (final NativeException e) {
            refused(name, e);
        }
    }

    private void attach(final XdpProgram program, final AttachMode mode) {
        final String name = mode.name().toLowerCase();
        try {
            program.attach(interfaceName, mode);
            program.detach();
            System.out.println(ATTACHED + " " + name);
        } catch (final NativeException e) {
            refused(name, e);
        }
    }

    private static void refused(final String name, final NativeException reason) {
        System.out.println(REFUSED + " " + name + " " + reason.getMessage().replaceAll("\\s+", " "));
    }

    private static List<InetAddress> addresses() throws UnknownHostException {
        final List<InetAddress> addresses = new ArrayList<>();
        for (int i = 1; i <= XdpOptions.MAX_ADDRESSES; i++) {
            addresses.add(InetAddress.getByName("192.0.2." + i));
            addresses.add(InetAddress.getByName("fd00:6a::" + Integer.toHexString(i)));
        }
        return addresses;
    }
}
