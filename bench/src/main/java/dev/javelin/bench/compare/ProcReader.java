package dev.javelin.bench.compare;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads samples from /proc (man 5 proc): the CPUs' times, and those of every process. Used by one thread.
 *
 * <p>A process that ended between two samples is not lost: with it ends its own time, but its parent's time of children
 * that were waited for grows by the same. So what is summed up of other processes is their time and that of their
 * children.
 */
final class ProcReader {
    /** The kernel counts in hundredths of a second for its users on every machine that this runs on (USER_HZ). */
    private static final double TICK_NS = 1e9 / 100;
    private static final long KERNEL_THREAD = 0x0020_0000;

    private final Path proc;
    private final long self;
    private final Set<Long> kernelThreads = new HashSet<>();

    /**
     * Prepares to read.
     *
     * @param proc the directory, {@code /proc}.
     * @param self id of the process whose descendants are those of the comparison, itself among them.
     */
    ProcReader(Path proc, long self) {
        this.proc = proc;
        this.self = self;
    }

    /** One process: its parent, its CPU time, and with that of its children that it waited for; in ticks. */
    private record Process(long parent, long ticks, long ticksOfAll) {
    }

    /**
     * Reads a sample.
     *
     * @param serverPids the processes that serve now.
     * @throws IOException if /proc/stat cannot be read.
     */
    Sample read(Set<Long> serverPids) throws IOException {
        List<String> lines = Files.readAllLines(proc.resolve("stat"), StandardCharsets.ISO_8859_1);
        long atNs = System.nanoTime();
        int cpus = 0;
        double[] busyNs = new double[lines.size()];
        double[] stealNs = new double[lines.size()];
        for (String line : lines) {
            if (line.startsWith("cpu") && Character.isDigit(line.charAt(3))) {
                String[] fields = line.split(" +");
                // A CPU that is switched off has no line: the number counts, not the order.
                int cpu = Integer.parseInt(fields[0].substring(3));
                if (cpu >= busyNs.length) {
                    busyNs = Arrays.copyOf(busyNs, cpu + 1);
                    stealNs = Arrays.copyOf(stealNs, cpu + 1);
                }
                // user, nice, system, irq, softirq
                busyNs[cpu] = TICK_NS * (number(fields[1]) + number(fields[2]) + number(fields[3])
                    + number(fields[6]) + number(fields[7]));
                stealNs[cpu] = TICK_NS * number(fields[8]);
                cpus = Math.max(cpus, cpu + 1);
            }
        }
        Map<Long, Process> processes = processes();
        long server = 0;
        long ours = 0;
        long foreign = 0;
        for (Map.Entry<Long, Process> entry : processes.entrySet()) {
            Process process = entry.getValue();
            if (isOurs(entry.getKey(), processes)) {
                ours += process.ticks;
                server += serverPids.contains(entry.getKey()) ? process.ticks : 0;
            } else {
                foreign += process.ticksOfAll;
            }
        }
        return new Sample(atNs, Arrays.copyOf(busyNs, cpus), Arrays.copyOf(stealNs, cpus), TICK_NS * server,
            TICK_NS * ours, TICK_NS * foreign);
    }

    private boolean isOurs(long pid, Map<Long, Process> processes) {
        long ancestor = pid;
        for (Process process = processes.get(pid); process != null; process = processes.get(ancestor)) {
            if (ancestor == self) {
                return true;
            }
            ancestor = process.parent;
        }
        return false;
    }

    private Map<Long, Process> processes() {
        Map<Long, Process> processes = new HashMap<>();
        String[] names = proc.toFile().list();
        if (names == null) {
            return processes;
        }
        for (String name : names) {
            if (Character.isDigit(name.charAt(0))) {
                long pid = Long.parseLong(name);
                Process process = kernelThreads.contains(pid) ? null : process(pid);
                if (process != null) {
                    processes.put(pid, process);
                }
            }
        }
        return processes;
    }

    /** Returns null for a thread of the kernel, and for a process that ended meanwhile. */
    private Process process(long pid) {
        String stat;
        try {
            stat = Files.readString(proc.resolve(pid + File.separator + "stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return null;
        }
        // The name may hold spaces and brackets; what follows its last bracket are numbers, from field 3 on.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        if ((number(fields[9 - 3]) & KERNEL_THREAD) != 0) {
            kernelThreads.add(pid);
            return null;
        }
        long ticks = number(fields[14 - 3]) + number(fields[15 - 3]);
        return new Process(number(fields[4 - 3]), ticks, ticks + number(fields[16 - 3]) + number(fields[17 - 3]));
    }

    private static long number(String field) {
        return Long.parseLong(field);
    }
}
