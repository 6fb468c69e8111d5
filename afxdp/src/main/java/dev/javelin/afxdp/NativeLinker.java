package dev.javelin.afxdp;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The one place that makes downcall handles. Pointers travel as {@code long}.
 * <p>
 * Every handle captures errno: its first parameter is a segment of {@link #CAPTURE_LAYOUT}, normally
 * {@link #captureState()}, which each thread has its own of. No handle is {@code critical}: all of these are system
 * calls or may become one, and a critical call keeps the JVM from reaching a safepoint.
 */
final class NativeLinker {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final StructLayout CAPTURE_LAYOUT = Linker.Option.captureStateLayout();

    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
    private static final long ERRNO_OFFSET =
        CAPTURE_LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> CAPTURE_STATE =
        ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE_LAYOUT));

    private NativeLinker() {
    }

    static SymbolLookup defaultLookup() {
        return LINKER.defaultLookup();
    }

    /**
     * Loads a shared library for the life of the process.
     *
     * @throws NativeException that names the Debian package if the library is not there
     */
    @SuppressWarnings("restricted")
    static SymbolLookup library(final String name, final String debianPackage) {
        try {
            return SymbolLookup.libraryLookup(name, Arena.global());
        } catch (final IllegalArgumentException e) {
            throw new NativeException("dlopen", LibC.ENOENT, name + " not found: apt-get install " + debianPackage);
        }
    }

    static MethodHandle handle(
        final SymbolLookup library, final String name, final MemoryLayout result, final MemoryLayout... parameters) {
        return link(library, name, FunctionDescriptor.of(result, parameters), CAPTURE_ERRNO);
    }

    static MethodHandle voidHandle(
        final SymbolLookup library, final String name, final MemoryLayout... parameters) {
        return link(library, name, FunctionDescriptor.ofVoid(parameters), CAPTURE_ERRNO);
    }

    /** A handle of a C function with "..." in front of the parameter with this index. */
    static MethodHandle variadicHandle(
        final SymbolLookup library,
        final String name,
        final int firstVariadic,
        final MemoryLayout result,
        final MemoryLayout... parameters) {
        return link(
            library,
            name,
            FunctionDescriptor.of(result, parameters),
            CAPTURE_ERRNO,
            Linker.Option.firstVariadicArg(firstVariadic));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(
        final SymbolLookup library,
        final String name,
        final FunctionDescriptor descriptor,
        final Linker.Option... options) {
        final MemorySegment function = library.find(name).orElseThrow(
            () -> new NativeException("dlsym", LibC.ENOSYS, "no function " + name + ": the library is too old"));
        return LINKER.downcallHandle(function, descriptor, options);
    }

    /** The calling thread's own segment for errno. */
    static MemorySegment captureState() {
        return CAPTURE_STATE.get();
    }

    static int errno(final MemorySegment state) {
        return state.get(INT, ERRNO_OFFSET);
    }

    /** Turns C's -1 and errno into the kernel's own convention, -errno. */
    static int result(final int result, final MemorySegment state) {
        return result == -1 ? -errno(state) : result;
    }

    /** As {@link #result(int, MemorySegment)}, for functions that return a size or an address. */
    static long result(final long result, final MemorySegment state) {
        return result == -1 ? -errno(state) : result;
    }

    /** Turns a null pointer and errno into -errno; no address is that small a negative number. */
    static long pointer(final long result, final MemorySegment state) {
        return result == 0 ? -errno(state) : result;
    }

    @SuppressWarnings("restricted")
    static String string(final long address) {
        return address == 0 ? null : MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** A view of memory that C has given us. */
    @SuppressWarnings("restricted")
    static MemorySegment view(final long address, final long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
}
