package dev.javelin.afxdp;

import java.lang.foreign.Arena;

/**
 * The calling thread's stay in a named network namespace (ip-netns(8)). Sockets and interfaces are looked up there
 * until {@link #close()}, which the same platform thread must call; other threads, also those started meanwhile by the
 * JVM for its own use, are not concerned.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final String DIRECTORY = "/var/run/netns/";
    private static final String OWN = "/proc/thread-self/ns/net";

    private final Thread thread = Thread.currentThread();
    private final int homeFd;

    private NetworkNamespace(final int homeFd) {
        this.homeFd = homeFd;
    }

    /**
     * Moves the calling thread.
     *
     * @param name as in {@code ip netns list}
     * @return the way back
     * @throws NativeException ENOENT if there is no such namespace, EPERM without CAP_SYS_ADMIN
     */
    public static NetworkNamespace enter(final String name) {
        final int homeFd = open(OWN);
        try {
            final int fd = open(DIRECTORY + name);
            try {
                NativeException.check("setns", LibC.setns(fd, LibC.CLONE_NEWNET), name + " needs CAP_SYS_ADMIN");
            } finally {
                LibC.close(fd);
            }
            return new NetworkNamespace(homeFd);
        } catch (final NativeException e) {
            LibC.close(homeFd);
            throw e;
        }
    }

    private static int open(final String path) {
        try (Arena arena = Arena.ofConfined()) {
            final int fd = LibC.open(arena.allocateFrom(path).address(), LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
            return NativeException.check("open", fd, path + ": ip netns list shows the namespaces there are");
        }
    }

    /** Moves the thread back. */
    @Override
    public void close() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException("a namespace is left by the thread that has entered it: " + thread);
        }
        try {
            NativeException.check("setns", LibC.setns(homeFd, LibC.CLONE_NEWNET));
        } finally {
            LibC.close(homeFd);
        }
    }
}
