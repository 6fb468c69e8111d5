package dev.javelin.afxdp;

/**
 * The kernel's six counters of a socket since it was opened (struct xdp_statistics, linux/if_xdp.h).
 *
 * @param rxDropped            packets dropped for other reasons than those below, for example too long for a frame
 * @param rxInvalidDescriptors fill ring entries that name no frame
 * @param txInvalidDescriptors tx ring entries that name no frame
 * @param rxRingFull           packets dropped because the worker did not take earlier ones
 * @param rxFillRingEmpty      packets dropped because there was no frame to receive into
 * @param txRingEmpty          times the kernel found nothing to send
 */
public record XdpStatistics(
    long rxDropped,
    long rxInvalidDescriptors,
    long txInvalidDescriptors,
    long rxRingFull,
    long rxFillRingEmpty,
    long txRingEmpty) {
    static final int BYTES = 6 * Long.BYTES;
}
