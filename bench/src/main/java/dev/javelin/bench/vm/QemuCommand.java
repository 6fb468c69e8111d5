package dev.javelin.bench.vm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The command line of QEMU.
 *
 * @param artifacts what the machine is made of
 * @param nic       its card
 * @param cpus      its processors
 * @param directory gets the console's text and the sockets {@code shell} and {@code monitor}
 */
record QemuCommand(Artifacts artifacts, Nic nic, Cpus cpus, Path directory) {
    /** The card's id. */
    static final String CARD = "net0-card";

    /**
     * Program and arguments.
     *
     * @return for a process that dies with this one
     */
    List<String> arguments() {
        // In a session of its own, so that Ctrl-C ends this process and not the machine under its feet.
        final List<String> command = new ArrayList<>(
            List.of("setpriv", "--pdeathsig", "KILL", "setsid", artifacts.qemu()));
        if (!artifacts.qemuFiles().isEmpty()) {
            // What is not in its own package comes from the machine's.
            command.addAll(List.of("-L", artifacts.qemuFiles() + "/usr/share/qemu", "-L", "/usr/share/qemu",
                "-L", "/usr/share/seabios"));
        }
        command.addAll(List.of("-M", "q35", "-m", "1536"));
        command.addAll(cpus.arguments(artifacts, directory));
        command.addAll(List.of("-nodefaults", "-display", "none", "-no-reboot"));
        command.addAll(List.of("-kernel", artifacts.image().toString(), "-initrd", artifacts.initramfs().toString(),
            "-append", "console=ttyS0 panic=-1 quiet"));
        command.addAll(List.of("-serial", "file:" + directory.resolve("console")));
        command.addAll(List.of("-qmp", "unix:" + directory.resolve("monitor") + ",server=on,wait=off"));
        command.addAll(List.of(
            "-device", "virtio-serial-pci",
            "-chardev", "socket,id=shell,path=" + directory.resolve("shell") + ",server=on,wait=off",
            "-device", "virtserialport,chardev=shell"));
        command.addAll(List.of(
            "-drive", "file=" + artifacts.disk() + ",if=none,id=disk0,format=raw,readonly=on",
            "-device", "virtio-blk-pci,drive=disk0"));
        command.addAll(List.of(
            "-netdev", "tap,id=net0,ifname=" + ClientNetwork.TAP + ",script=no,downscript=no"
                + (nic.queues() > 1 ? ",queues=" + nic.queues() : ""),
            "-device", nic.device("net0", ClientNetwork.SERVER_MAC)));
        return command;
    }

    /**
     * What the program needs in its environment.
     *
     * @return to be added
     */
    Map<String, String> environment() {
        // Without, a newer QEMU loads the modules of the machine's own, and aborts.
        return artifacts.qemuFiles().isEmpty() ? Map.of()
            : Map.of("QEMU_MODULE_DIR", artifacts.qemuFiles() + "/usr/lib/x86_64-linux-gnu/qemu");
    }
}
