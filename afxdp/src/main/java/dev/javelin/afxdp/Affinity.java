package dev.javelin.afxdp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/** Which CPUs the calling thread may run on. A platform thread calls it for itself; not for virtual threads. */
public final class Affinity {
    /** cpu_set_t of glibc: 1,024 CPUs. */
    private static final int MASK_BYTES = 128;

    private Affinity() {
    }

    /**
     * Binds the calling thread to one CPU.
     *
     * @param cpu from 0
     * @throws NativeException EINVAL if there is no such CPU or this process may not use it
     */
    public static void pin(final int cpu) {
        final BitSet cpus = new BitSet();
        cpus.set(cpu);
        set(cpus);
    }

    /**
     * Binds the calling thread to some CPUs.
     *
     * @param cpus from 0 to 1,023, not empty
     * @throws NativeException EINVAL if none of them may be used
     */
    public static void set(final BitSet cpus) {
        if (cpus.length() > MASK_BYTES * Byte.SIZE) {
            throw new NativeException("sched_setaffinity", LibC.EINVAL, "no CPU " + (cpus.length() - 1));
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
            final byte[] bits = cpus.toByteArray();
            MemorySegment.copy(bits, 0, mask, ValueLayout.JAVA_BYTE, 0, bits.length);
            NativeException.check(
                "sched_setaffinity",
                LibC.sched_setaffinity(0, MASK_BYTES, mask.address()),
                "CPU " + cpus + " is not among " + allowed() + ", which this process may use");
        }
    }

    /**
     * The CPUs the calling thread may run on.
     *
     * @return a new set, not empty
     */
    public static BitSet allowed() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mask = arena.allocate(MASK_BYTES, Long.BYTES);
            NativeException.check("sched_getaffinity", LibC.sched_getaffinity(0, MASK_BYTES, mask.address()));
            return BitSet.valueOf(mask.toArray(ValueLayout.JAVA_BYTE));
        }
    }
}
