package dev.javelin.afxdp;

/**
 * A native call failed while something was set up. The message reads {@code function: ERRNO (number): hint}, for
 * example {@code xsk_socket__create: EBUSY (16): queue 0 of eth0 has a socket already}.
 */
public final class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String function;
    private final int errno;

    /**
     * Takes the system's own text for the error as the hint.
     *
     * @param function name of the C function
     * @param errno    positive, as in errno(3)
     */
    public NativeException(final String function, final int errno) {
        this(function, errno, LibC.strerrordesc_np(errno));
    }

    /**
     * With a hint.
     *
     * @param function name of the C function
     * @param errno    positive, as in errno(3)
     * @param hint     what was wrong, where, and how to mend it
     */
    public NativeException(final String function, final int errno, final String hint) {
        super(function + ": " + LibC.strerrorname_np(errno) + " (" + errno + "): " + hint);
        this.function = function;
        this.errno = errno;
    }

    /**
     * The C function that failed.
     *
     * @return its name
     */
    public String function() {
        return function;
    }

    /**
     * Why it failed.
     *
     * @return positive, as in errno(3)
     */
    public int errno() {
        return errno;
    }

    static int check(final String function, final int result) {
        if (result < 0) {
            throw new NativeException(function, -result);
        }
        return result;
    }

    static int check(final String function, final int result, final String hint) {
        if (result < 0) {
            throw new NativeException(function, -result, hint);
        }
        return result;
    }

    static long check(final String function, final long result) {
        if (result < 0) {
            throw new NativeException(function, (int) -result);
        }
        return result;
    }
}
