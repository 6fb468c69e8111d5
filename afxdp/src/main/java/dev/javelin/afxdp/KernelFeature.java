package dev.javelin.afxdp;

import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What the XDP program needs of a kernel, and the release that brought it (linux/bpf.h; the kernel's history). Asked
 * only when a program was refused, to say why.
 */
enum KernelFeature {
    /** Sockets by queue. */
    XSKMAP("AF_XDP (Linux 4.18, CONFIG_XDP_SOCKETS)", KernelFeature.MAP_TYPE_XSKMAP, 0),
    /** Keys of misses. */
    RING_BUFFER("BPF ring buffers (Linux 5.8)", KernelFeature.MAP_TYPE_RINGBUF, 0),
    /** Room in front of the frame. */
    METADATA("XDP metadata (Linux 4.15)", 0, KernelFeature.FUNC_XDP_ADJUST_META),
    /** From the program into a socket. */
    REDIRECT("XDP_REDIRECT (Linux 4.14)", 0, KernelFeature.FUNC_REDIRECT_MAP);

    private static final int MAP_TYPE_XSKMAP = 17;
    private static final int MAP_TYPE_RINGBUF = 27;
    private static final int FUNC_REDIRECT_MAP = 51;
    private static final int FUNC_XDP_ADJUST_META = 54;
    private static final int PROG_TYPE_XDP = 6;

    private final String label;
    private final BooleanSupplier isMissing;

    /** One of the numbers is 0. What cannot be asked, for want of privilege for example, is not called missing. */
    KernelFeature(final String label, final int mapType, final int helper) {
        this.label = label;
        isMissing = helper == 0
            ? () -> LibBpf.libbpf_probe_bpf_map_type(mapType, 0) == 0
            : () -> LibBpf.libbpf_probe_bpf_helper(PROG_TYPE_XDP, helper, 0) == 0;
    }

    /** Names of what this kernel does not have, with the releases that do. */
    static List<String> missing() {
        return Arrays.stream(values()).filter(feature -> feature.isMissing.getAsBoolean())
            .map(feature -> feature.label).toList();
    }
}
