package dev.javelin.bench.vm;

import dev.javelin.afxdp.BindMode;
import java.util.List;

/**
 * What a test is told.
 *
 * @param nic      the machine's card
 * @param bind     what Javelin is to ask the driver for
 * @param objects  names of the directories below the guest's /objects, one a compiler
 * @param jvmFlags those that every JVM of this project needs
 */
public record RunOptions(Nic nic, BindMode bind, List<String> objects, String jvmFlags) {
    /**
     * The beginning of a command line that runs Java in the guest. Emulated CPUs are slow: what starts fast is best.
     *
     * @return to be followed by more flags, and by -jar or -cp
     */
    public String java() {
        return "java " + jvmFlags + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+PerfDisableSharedMem";
    }
}
