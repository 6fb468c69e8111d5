package dev.javelin.afxdp;

import static dev.javelin.afxdp.LibC.MAP_ANONYMOUS;
import static dev.javelin.afxdp.LibC.MAP_HUGETLB;
import static dev.javelin.afxdp.LibC.MAP_POPULATE;
import static dev.javelin.afxdp.LibC.MAP_PRIVATE;
import static dev.javelin.afxdp.LibC.PROT_READ;
import static dev.javelin.afxdp.LibC.PROT_WRITE;

/**
 * Zeroed off-heap memory of any size, in the largest pages the machine gives: reserved huge pages (hugetlb), else
 * normal memory with advice for transparent huge pages, else plain.
 * <p>
 * Any thread may use the memory; nobody may after {@link #close()}.
 */
public final class HugePages implements AutoCloseable {
    private static final long HUGE_PAGE_BYTES = 2 << 20;

    private final long mapping;
    private final long mappedBytes;
    private final long address;
    private final long bytes;
    private final String pages;

    private HugePages(final long mapping, final long mappedBytes, final long bytes, final String pages) {
        this.mapping = mapping;
        this.mappedBytes = mappedBytes;
        this.address = roundUp(mapping);
        this.bytes = bytes;
        this.pages = pages;
    }

    /**
     * Maps memory.
     *
     * @param bytes at least 1; may be above 2 GiB
     * @return the mapping
     * @throws NativeException if the memory is not to be had
     */
    public static HugePages allocate(final long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("bytes must be positive, not " + bytes);
        }
        final int protection = PROT_READ | PROT_WRITE;
        final int flags = MAP_PRIVATE | MAP_ANONYMOUS;
        final long huge = LibC.mmap(0, roundUp(bytes), protection, flags | MAP_HUGETLB | MAP_POPULATE, -1, 0);
        if (huge > 0) {
            return new HugePages(huge, roundUp(bytes), bytes, "huge pages (hugetlb)");
        }
        // One huge page more, so that the start can be aligned to one.
        final long mappedBytes = roundUp(bytes) + HUGE_PAGE_BYTES;
        final long mapping = NativeException.check("mmap", LibC.mmap(0, mappedBytes, protection, flags, -1, 0));
        final boolean advised = LibC.madvise(roundUp(mapping), roundUp(bytes), LibC.MADV_HUGEPAGE) == 0;
        return new HugePages(mapping, mappedBytes, bytes, advised ? "transparent huge pages (madvise)" : "plain pages");
    }

    private static long roundUp(final long value) {
        return value + HUGE_PAGE_BYTES - 1 & -HUGE_PAGE_BYTES;
    }

    /**
     * Where the memory begins.
     *
     * @return a multiple of 2 MiB
     */
    public long address() {
        return address;
    }

    /**
     * How much was asked for.
     *
     * @return in bytes
     */
    public long bytes() {
        return bytes;
    }

    /**
     * What was granted, for people to read.
     *
     * @return a few words
     */
    public String pages() {
        return pages;
    }

    /** Gives the memory back. To be called once, when nobody uses the memory any more. */
    @Override
    public void close() {
        NativeException.check("munmap", LibC.munmap(mapping, mappedBytes));
    }
}
