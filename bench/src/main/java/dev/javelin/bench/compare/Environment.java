package dev.javelin.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a reader must know about the machine to judge the figures. */
final class Environment {
    private static final String UNKNOWN = "unknown";

    private Environment() {
    }

    /**
     * Collects it.
     *
     * @param root    the project's directory.
     * @param cpus    who runs where.
     * @param nic     name of the driver of the server's interface.
     * @param javelin what Javelin said when it got ready: it names the modes in which it is bound.
     * @return pairs of name and value.
     */
    static List<String[]> collect(Path root, Cpus cpus, String nic, String javelin) {
        List<String[]> pairs = new ArrayList<>();
        List<String> cpuinfo = lines(Path.of("/proc/cpuinfo"));
        add(pairs, "Kernel", read("/proc/sys/kernel/osrelease") + ", " + System.getProperty("os.arch"));
        add(pairs, "CPU", value(cpuinfo, "model name") + ", "
            + cpuinfo.stream().filter(line -> line.startsWith("processor")).count() + " CPUs");
        add(pairs, "Who runs where", "what serves on CPU " + list(cpus.server())
            + ", the load generator and the sampling on CPU " + list(cpus.client()));
        add(pairs, "Virtualisation", virtualisation(cpuinfo));
        add(pairs, "Clock", read("/sys/devices/system/clocksource/clocksource0/current_clocksource"));
        add(pairs, "Frequency governor", read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
        add(pairs, "Autogroup scheduling", "1".equals(read("/proc/sys/kernel/sched_autogroup_enabled"))
            ? "on; the session of the comparison has the weight of nice -15" : "off");
        add(pairs, "JDK", System.getProperty("java.vm.name") + " "
            + System.getProperty("java.runtime.version"));
        add(pairs, "Interface", "driver " + nic + ", 1 queue, between two network namespaces");
        add(pairs, "Javelin", javelin.isEmpty() ? UNKNOWN : javelin);
        add(pairs, "memcached", output(root, ".build/memcached/stock/memcached", "-V"));
        String changed = output(root, "git", "status", "--porcelain", "--untracked-files=no");
        add(pairs, "Revision", output(root, "git", "describe", "--always", "--abbrev=12")
            + (changed.isEmpty() ? "" : ", with changes that are not committed"));
        return pairs;
    }

    private static void add(List<String[]> pairs, String name, String value) {
        pairs.add(new String[] {name, value});
    }

    private static String virtualisation(List<String> cpuinfo) {
        String detected = output(Path.of("/"), "systemd-detect-virt", "--vm");
        if (!detected.equals(UNKNOWN)) {
            return detected;
        }
        boolean guest = Arrays.asList(value(cpuinfo, "flags").split(" ")).contains("hypervisor");
        return guest ? "a virtual machine: the host can take its CPUs at any time" : "none seen";
    }

    private static String list(int[] cpus) {
        return IntStream.of(cpus).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }

    private static String value(List<String> lines, String name) {
        return lines.stream().filter(line -> line.startsWith(name)).findFirst()
            .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(UNKNOWN);
    }

    private static String read(String file) {
        List<String> lines = lines(Path.of(file));
        return lines.isEmpty() ? "not told by this kernel" : lines.getFirst().strip();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Returns the first line that a command prints: empty if it prints none, {@value #UNKNOWN} if it fails. */
    private static String output(Path directory, String... command) {
        String program = command[0].contains("/") ? directory.resolve(command[0]).toString() : command[0];
        List<String> words = new ArrayList<>(List.of(program));
        words.addAll(Arrays.asList(command).subList(1, command.length));
        try {
            Process process = new ProcessBuilder(words).directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? text.lines().findFirst().orElse("").strip() : UNKNOWN;
        } catch (IOException e) {
            return UNKNOWN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        }
    }
}
