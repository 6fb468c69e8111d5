package dev.javelin.bench.vm;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The network cards that a virtual machine can have. */
public enum Nic {
    /** With two pairs of queues for two CPUs, and two more for XDP_TX. */
    VIRTIO("virtio-net-pci", 4, "mq=on,vectors=10,iommu_platform=on,disable-legacy=on",
        "virtio-net, four queues; XDP in the driver, zero-copy in new kernels"),
    /** Needs a QEMU that has it. */
    IGB("igb", 1, "", "Intel 82576; XDP in the driver, zero-copy in new kernels; a QEMU older than 8 is replaced"),
    /** VMware's. */
    VMXNET3("vmxnet3", 1, "", "VMware's; XDP in the driver since Linux 6.6, always copies"),
    /** Has no XDP in the driver. */
    E1000E("e1000e", 1, "", "Intel 82574; no XDP in the driver, only generic");

    private final String device;
    private final int queues;
    private final String properties;
    private final String description;

    Nic(final String device, final int queues, final String properties, final String description) {
        this.device = device;
        this.queues = queues;
        this.properties = properties;
        this.description = description;
    }

    /**
     * Looks one up.
     *
     * @param option as typed
     * @return the card
     * @throws IllegalArgumentException if there is none of that name; the message says what there is
     */
    static Nic of(final String option) {
        return Arrays.stream(values())
            .filter(nic -> nic.option().equals(option))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no network card '" + option + "': allowed are "
                + Arrays.stream(values()).map(Nic::option).collect(Collectors.joining(", "))));
    }

    /**
     * How it is called on the command line.
     *
     * @return its name
     */
    public String option() {
        return name().toLowerCase();
    }

    /**
     * What a user should know of it.
     *
     * @return one line
     */
    String description() {
        return description;
    }

    /**
     * Whether every kernel's driver of it runs XDP programs itself.
     *
     * @return true if a native attachment must work
     */
    public boolean isAlwaysNative() {
        return this == VIRTIO || this == IGB;
    }

    /**
     * Pairs of queues, of the card and of the tap behind it.
     *
     * @return 1 or more
     */
    int queues() {
        return queues;
    }

    /**
     * The card as QEMU's -device takes it.
     *
     * @param netdev id of the network behind it; the card gets the id {@code netdev-card}
     * @param mac    its address
     * @return the option's value
     */
    String device(final String netdev, final String mac) {
        return device + ",netdev=" + netdev + ",id=" + netdev + "-card,mac=" + mac + ",romfile="
            + (properties.isEmpty() ? "" : "," + properties);
    }
}
