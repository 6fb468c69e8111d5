package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;
import static dev.javelin.afxdp.NativeLinker.captureState;
import static dev.javelin.afxdp.NativeLinker.handle;
import static dev.javelin.afxdp.NativeLinker.variadicHandle;
import static dev.javelin.afxdp.NativeLinker.voidHandle;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * C library functions by their C names. Results follow the kernel's convention: -errno instead of -1 and errno. What
 * the
 * packet path calls takes the caller's own capture segment, which saves the look-up of a thread-local.
 */
@SuppressWarnings("checkstyle:methodname")
final class LibC {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;
    static final int ENETDOWN = 100;
    static final int ENOBUFS = 105;

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;

    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int MAP_SHARED = 1;
    static final int MAP_PRIVATE = 2;
    static final int MAP_ANONYMOUS = 0x20;
    static final int MAP_HUGETLB = 0x40000;
    static final int MAP_POPULATE = 0x8000;
    static final int MADV_HUGEPAGE = 14;

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int MSG_DONTWAIT = 0x40;
    static final short POLLIN = 1;
    static final int CLONE_NEWNET = 0x40000000;

    private static final SymbolLookup LIBRARY = NativeLinker.defaultLookup();
    private static final MethodHandle mmap$mh = handle(LIBRARY, "mmap", LONG, LONG, LONG, INT, INT, INT, LONG);
    private static final MethodHandle munmap$mh = handle(LIBRARY, "munmap", INT, LONG, LONG);
    private static final MethodHandle madvise$mh = handle(LIBRARY, "madvise", INT, LONG, LONG, INT);
    private static final MethodHandle open$mh = variadicHandle(LIBRARY, "open", 2, INT, LONG, INT, INT);
    private static final MethodHandle close$mh = handle(LIBRARY, "close", INT, INT);
    private static final MethodHandle ioctl$mh = variadicHandle(LIBRARY, "ioctl", 2, INT, INT, LONG, LONG);
    private static final MethodHandle socket$mh = handle(LIBRARY, "socket", INT, INT, INT, INT);
    private static final MethodHandle getsockopt$mh = handle(LIBRARY, "getsockopt", INT, INT, INT, INT, LONG, LONG);
    private static final MethodHandle setsockopt$mh = handle(LIBRARY, "setsockopt", INT, INT, INT, INT, LONG, INT);
    private static final MethodHandle setns$mh = handle(LIBRARY, "setns", INT, INT, INT);
    private static final MethodHandle sched_setaffinity$mh =
        handle(LIBRARY, "sched_setaffinity", INT, INT, LONG, LONG);
    private static final MethodHandle sched_getaffinity$mh =
        handle(LIBRARY, "sched_getaffinity", INT, INT, LONG, LONG);
    private static final MethodHandle if_nametoindex$mh = handle(LIBRARY, "if_nametoindex", INT, LONG);
    private static final MethodHandle getifaddrs$mh = handle(LIBRARY, "getifaddrs", INT, LONG);
    private static final MethodHandle freeifaddrs$mh = voidHandle(LIBRARY, "freeifaddrs", LONG);
    private static final MethodHandle strerrorname_np$mh = handle(LIBRARY, "strerrorname_np", LONG, INT);
    private static final MethodHandle strerrordesc_np$mh = handle(LIBRARY, "strerrordesc_np", LONG, INT);

    private static final MethodHandle write$mh = handle(LIBRARY, "write", LONG, INT, LONG, LONG);
    private static final MethodHandle poll$mh = handle(LIBRARY, "poll", INT, LONG, LONG, INT);
    private static final MethodHandle sendto$mh = handle(LIBRARY, "sendto", LONG, INT, LONG, LONG, INT, LONG, INT);
    private static final MethodHandle recvfrom$mh =
        handle(LIBRARY, "recvfrom", LONG, INT, LONG, LONG, INT, LONG, LONG);

    private LibC() {
    }

    /** <a href="https://man7.org/linux/man-pages/man2/mmap.2.html">mmap(2)</a> */
    static long mmap(
        final long address, final long length, final int protection, final int flags, final int fd, final long offset) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((long) mmap$mh.invokeExact(state, address, length, protection, flags, fd,
        offset), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/munmap.2.html">munmap(2)</a> */
    static int munmap(final long address, final long length) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) munmap$mh.invokeExact(state, address, length), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/madvise.2.html">madvise(2)</a> */
    static int madvise(final long address, final long length, final int advice) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) madvise$mh.invokeExact(state, address, length, advice), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/open.2.html">open(2)</a> */
    static int open(final long path, final int flags, final int mode) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) open$mh.invokeExact(state, path, flags, mode), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/close.2.html">close(2)</a> */
    static int close(final int fd) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) close$mh.invokeExact(state, fd), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/ioctl.2.html">ioctl(2)</a> */
    static int ioctl(final int fd, final long request, final long argument) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) ioctl$mh.invokeExact(state, fd, request, argument), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/socket.2.html">socket(2)</a> */
    static int socket(final int domain, final int type, final int protocol) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) socket$mh.invokeExact(state, domain, type, protocol), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/getsockopt.2.html">getsockopt(2)</a> */
    static int getsockopt(final int fd, final int level, final int name, final long value, final long length) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) getsockopt$mh.invokeExact(state, fd, level, name, value, length), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/setsockopt.2.html">setsockopt(2)</a> */
    static int setsockopt(final int fd, final int level, final int name, final long value, final int length) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) setsockopt$mh.invokeExact(state, fd, level, name, value, length), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/setns.2.html">setns(2)</a> */
    static int setns(final int fd, final int type) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) setns$mh.invokeExact(state, fd, type), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html">sched_setaffinity(2)</a> */
    static int sched_setaffinity(final int pid, final long size, final long mask) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) sched_setaffinity$mh.invokeExact(state, pid, size, mask), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/sched_getaffinity.2.html">sched_getaffinity(2)</a> */
    static int sched_getaffinity(final int pid, final long size, final long mask) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) sched_getaffinity$mh.invokeExact(state, pid, size, mask), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * <a href="https://man7.org/linux/man-pages/man3/if_nametoindex.3.html">if_nametoindex(3)</a>:
     * 0 is turned into -errno.
     */
    static int if_nametoindex(final long name) {
        final MemorySegment state = captureState();
        try {
            final int index = (int) if_nametoindex$mh.invokeExact(state, name);
            return index == 0 ? -NativeLinker.errno(state) : index;
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man3/getifaddrs.3.html">getifaddrs(3)</a> */
    static int getifaddrs(final long list) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.result((int) getifaddrs$mh.invokeExact(state, list), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man3/getifaddrs.3.html">getifaddrs(3)</a> */
    static void freeifaddrs(final long list) {
        final MemorySegment state = captureState();
        try {
            freeifaddrs$mh.invokeExact(state, list);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * <a href="https://man7.org/linux/man-pages/man3/strerror.3.html">strerror(3)</a>:
     * null if there is no such error.
     */
    static String strerrorname_np(final int errno) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.string((long) strerrorname_np$mh.invokeExact(state, errno));
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * <a href="https://man7.org/linux/man-pages/man3/strerror.3.html">strerror(3)</a>:
     * null if there is no such error.
     */
    static String strerrordesc_np(final int errno) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.string((long) strerrordesc_np$mh.invokeExact(state, errno));
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a> */
    static long write(final MemorySegment state, final int fd, final long buffer, final long count) {
        try {
            return NativeLinker.result((long) write$mh.invokeExact(state, fd, buffer, count), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://man7.org/linux/man-pages/man2/poll.2.html">poll(2)</a> */
    static int poll(final MemorySegment state, final long descriptors, final long count, final int timeoutMs) {
        try {
            return NativeLinker.result((int) poll$mh.invokeExact(state, descriptors, count, timeoutMs), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * <a href="https://man7.org/linux/man-pages/man2/sendto.2.html">sendto(2)</a>:
     * with nothing to send: only a wake-up.
     */
    static long sendto(final MemorySegment state, final int fd, final int flags) {
        try {
            return NativeLinker.result((long) sendto$mh.invokeExact(state, fd, 0L, 0L, flags, 0L, 0), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * <a href="https://man7.org/linux/man-pages/man2/recvfrom.2.html">recvfrom(2)</a>:
     * with no buffer: only a wake-up.
     */
    static long recvfrom(final MemorySegment state, final int fd, final int flags) {
        try {
            return NativeLinker.result((long) recvfrom$mh.invokeExact(state, fd, 0L, 0L, flags, 0L, 0L), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }
}
