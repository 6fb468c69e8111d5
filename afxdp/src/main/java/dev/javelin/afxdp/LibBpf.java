package dev.javelin.afxdp;

import static dev.javelin.afxdp.NativeLinker.INT;
import static dev.javelin.afxdp.NativeLinker.LONG;
import static dev.javelin.afxdp.NativeLinker.captureState;
import static dev.javelin.afxdp.NativeLinker.handle;
import static dev.javelin.afxdp.NativeLinker.voidHandle;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * libbpf 1.x by its C names (libbpf.h, bpf.h). Functions that return a pointer return -errno instead of null; the
 * others return -errno by themselves.
 */
@SuppressWarnings("checkstyle:methodname")
final class LibBpf {
    /** enum bpf_attach_type, linux/bpf.h. */
    static final int BPF_XDP = 37;

    /** Modes of an XDP link, linux/if_link.h. */
    static final int XDP_FLAGS_SKB_MODE = 1 << 1;
    static final int XDP_FLAGS_DRV_MODE = 1 << 2;

    private static final SymbolLookup LIBRARY = NativeLinker.library("libbpf.so.1", "libbpf1");
    private static final MethodHandle libbpf_set_print$mh = handle(LIBRARY, "libbpf_set_print", LONG, LONG);
    private static final MethodHandle libbpf_num_possible_cpus$mh = handle(LIBRARY, "libbpf_num_possible_cpus", INT);
    private static final MethodHandle bpf_object__open_mem$mh =
        handle(LIBRARY, "bpf_object__open_mem", LONG, LONG, LONG, LONG);
    private static final MethodHandle bpf_object__load$mh = handle(LIBRARY, "bpf_object__load", INT, LONG);
    private static final MethodHandle bpf_object__close$mh = voidHandle(LIBRARY, "bpf_object__close", LONG);
    private static final MethodHandle bpf_object__find_program_by_name$mh =
        handle(LIBRARY, "bpf_object__find_program_by_name", LONG, LONG, LONG);
    private static final MethodHandle bpf_object__find_map_by_name$mh =
        handle(LIBRARY, "bpf_object__find_map_by_name", LONG, LONG, LONG);
    private static final MethodHandle bpf_program__fd$mh = handle(LIBRARY, "bpf_program__fd", INT, LONG);
    private static final MethodHandle bpf_program__set_log_buf$mh =
        handle(LIBRARY, "bpf_program__set_log_buf", INT, LONG, LONG, LONG);
    private static final MethodHandle bpf_map__fd$mh = handle(LIBRARY, "bpf_map__fd", INT, LONG);
    private static final MethodHandle bpf_map__set_max_entries$mh =
        handle(LIBRARY, "bpf_map__set_max_entries", INT, LONG, INT);
    private static final MethodHandle bpf_map__set_initial_value$mh =
        handle(LIBRARY, "bpf_map__set_initial_value", INT, LONG, LONG, LONG);
    private static final MethodHandle bpf_map_lookup_elem$mh =
        handle(LIBRARY, "bpf_map_lookup_elem", INT, INT, LONG, LONG);
    private static final MethodHandle bpf_map_update_elem$mh =
        handle(LIBRARY, "bpf_map_update_elem", INT, INT, LONG, LONG, LONG);
    private static final MethodHandle bpf_obj_get_info_by_fd$mh =
        handle(LIBRARY, "bpf_obj_get_info_by_fd", INT, INT, LONG, LONG);
    private static final MethodHandle libbpf_probe_bpf_map_type$mh =
        handle(LIBRARY, "libbpf_probe_bpf_map_type", INT, INT, LONG);
    private static final MethodHandle libbpf_probe_bpf_helper$mh =
        handle(LIBRARY, "libbpf_probe_bpf_helper", INT, INT, INT, LONG);
    private static final MethodHandle bpf_link_create$mh =
        handle(LIBRARY, "bpf_link_create", INT, INT, INT, INT, LONG);
    private static final MethodHandle bpf_xdp_query_id$mh = handle(LIBRARY, "bpf_xdp_query_id", INT, INT, INT, LONG);

    static {
        // The library would print its warnings on standard error; what matters of them goes into exceptions.
        libbpf_set_print(0);
    }

    private LibBpf() {
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">libbpf_set_print</a> */
    static long libbpf_set_print(final long function) {
        final MemorySegment state = captureState();
        try {
            return (long) libbpf_set_print$mh.invokeExact(state, function);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">libbpf_num_possible_cpus</a> */
    static int libbpf_num_possible_cpus() {
        final MemorySegment state = captureState();
        try {
            return (int) libbpf_num_possible_cpus$mh.invokeExact(state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_object__open_mem</a>:
     * the buffer must live until after the load.
     */
    static long bpf_object__open_mem(final long buffer, final long size, final long options) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.pointer((long) bpf_object__open_mem$mh.invokeExact(state, buffer, size, options),
        state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_object__load</a> */
    static int bpf_object__load(final long object) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_object__load$mh.invokeExact(state, object);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_object__close</a> */
    static void bpf_object__close(final long object) {
        final MemorySegment state = captureState();
        try {
            bpf_object__close$mh.invokeExact(state, object);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_object__find_program_by_name</a> */
    static long bpf_object__find_program_by_name(final long object, final long name) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.pointer((long) bpf_object__find_program_by_name$mh.invokeExact(state, object, name),
        state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_object__find_map_by_name</a> */
    static long bpf_object__find_map_by_name(final long object, final long name) {
        final MemorySegment state = captureState();
        try {
            return NativeLinker.pointer((long) bpf_object__find_map_by_name$mh.invokeExact(state, object, name), state);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_program__fd</a> */
    static int bpf_program__fd(final long program) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_program__fd$mh.invokeExact(state, program);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_program__set_log_buf</a> */
    static int bpf_program__set_log_buf(final long program, final long buffer, final long size) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_program__set_log_buf$mh.invokeExact(state, program, buffer, size);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_map__fd</a> */
    static int bpf_map__fd(final long map) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_map__fd$mh.invokeExact(state, map);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_map__set_max_entries</a> */
    static int bpf_map__set_max_entries(final long map, final int entries) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_map__set_max_entries$mh.invokeExact(state, map, entries);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_map__set_initial_value</a> */
    static int bpf_map__set_initial_value(final long map, final long data, final long size) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_map__set_initial_value$mh.invokeExact(state, map, data, size);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/bpf.h">bpf_map_lookup_elem</a> */
    static int bpf_map_lookup_elem(final int fd, final long key, final long value) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_map_lookup_elem$mh.invokeExact(state, fd, key, value);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/bpf.h">bpf_map_update_elem</a> */
    static int bpf_map_update_elem(final int fd, final long key, final long value, final long flags) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_map_update_elem$mh.invokeExact(state, fd, key, value, flags);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/bpf.h">bpf_obj_get_info_by_fd</a> */
    static int bpf_obj_get_info_by_fd(final int fd, final long info, final long length) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_obj_get_info_by_fd$mh.invokeExact(state, fd, info, length);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">libbpf_probe_bpf_map_type</a> */
    static int libbpf_probe_bpf_map_type(final int type, final long options) {
        final MemorySegment state = captureState();
        try {
            return (int) libbpf_probe_bpf_map_type$mh.invokeExact(state, type, options);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">libbpf_probe_bpf_helper</a> */
    static int libbpf_probe_bpf_helper(final int programType, final int helper, final long options) {
        final MemorySegment state = captureState();
        try {
            return (int) libbpf_probe_bpf_helper$mh.invokeExact(state, programType, helper, options);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/bpf.h">bpf_link_create</a> */
    static int bpf_link_create(final int programFd, final int targetFd, final int attachType, final long options) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_link_create$mh.invokeExact(state, programFd, targetFd, attachType, options);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** <a href="https://github.com/libbpf/libbpf/blob/v1.1.2/src/libbpf.h">bpf_xdp_query_id</a> */
    static int bpf_xdp_query_id(final int index, final int flags, final long programId) {
        final MemorySegment state = captureState();
        try {
            return (int) bpf_xdp_query_id$mh.invokeExact(state, index, flags, programId);
        } catch (final Throwable e) {
            throw new AssertionError(e);
        }
    }
}
