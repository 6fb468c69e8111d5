package dev.javelin.afxdp;

/** How a socket asks to share frames with the driver (linux/if_xdp.h, sxdp_flags). */
public enum BindMode {
    /** Zero-copy if the driver can, else copy; {@link XskSocket#granted()} says which. */
    AUTO(0),
    /** Zero-copy or an error. */
    ZEROCOPY(LibXdp.XDP_ZEROCOPY),
    /** The kernel copies every packet; works with every driver. */
    COPY(LibXdp.XDP_COPY);

    final int flags;

    BindMode(final int flags) {
        this.flags = flags;
    }
}
