package dev.javelin.bench.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A virtual machine from its boot to its end, with the network that it needs. Nothing is left running, however this
 * process ends.
 *
 * @param artifacts what it is made of
 * @param nic       its card
 * @param cpus      its processors
 */
record OneMachine(Artifacts artifacts, Nic nic, Cpus cpus) {
    /**
     * What is done with a machine that has booted.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    interface Work<T> {
        T run(VirtualMachine machine) throws IOException;
    }

    /**
     * For a network and its devices.
     *
     * @throws IOException if this process is not root's
     */
    static void requireRoot() throws IOException {
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            throw new IOException("needs root: run it with sudo");
        }
    }

    /**
     * Boots it, works with it, and turns it off. Once in a process.
     *
     * @param steps told of the boot
     * @param work  to do
     * @param <T>   what comes of it
     * @return that
     * @throws IOException if it does not boot, or the work fails
     */
    <T> T run(final Steps steps, final Work<T> work) throws IOException {
        try (ClientNetwork network = new ClientNetwork();
            VirtualMachine machine = new VirtualMachine(artifacts, nic, cpus, network)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> leaveNothing(machine, network)));
            network.open(nic.queues());
            machine.boot(steps);
            steps.ok("booted Linux " + artifacts.kernel() + " with " + nic.option());
            return work.run(machine);
        }
    }

    /** What the work has started here ends before its network goes. */
    private static void leaveNothing(final VirtualMachine machine, final ClientNetwork network) {
        Vm.endsNow();
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
        machine.close();
        network.close();
    }
}
