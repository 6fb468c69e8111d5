package dev.javelin.afxdp;

/** Where an XDP program runs (linux/if_link.h, XDP_FLAGS_MODES). */
public enum AttachMode {
    /** Native if the driver can, else generic; {@link XdpProgram#granted()} says which. */
    AUTO,
    /** In the driver, before the kernel has made an skb; or an error. */
    NATIVE,
    /** Behind the driver, on an skb; works with every driver. */
    GENERIC
}
