/**
 * AF_XDP from Java: UMEM, sockets, the XDP program and its maps, a TUN device. The only home of
 * {@code java.lang.foreign}.
 * <p>
 * {@code LibC}, {@code LibBpf} and {@code LibXdp} mirror C functions by their C names over one {@code NativeLinker};
 * the public classes are policy in Java terms over them. Native calls that can fail happen at set-up and throw
 * {@link dev.javelin.afxdp.NativeException}; what the packet path calls returns a value and allocates nothing.
 * <p>
 * <b>Order of closing.</b> Rings, maps and packet buffers are raw addresses: touching them after their owner is closed
 * crashes the JVM. Stop the threads that use them, {@link dev.javelin.afxdp.XdpProgram#detach() detach}, close the
 * sockets, then the UMEMs, then the program: the reverse of the order of creation.
 */
package dev.javelin.afxdp;
