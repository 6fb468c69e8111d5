package dev.javelin.fastpath;

import org.agrona.DirectBuffer;

/**
 * Sees entries of the cache, on the slow path's thread; see {@link ValueCache#visit}.
 */
@FunctionalInterface
public interface EntryVisitor {
    /**
     * One entry.
     *
     * @param buffer        holding the key until the next put or remove
     * @param keyOffset     of its first byte
     * @param keyLength     1 to {@link KeyHash#MAX_KEY_LENGTH} bytes
     * @param fetchedNs     System.nanoTime() before memcached was asked
     * @param deadlineNs    System.nanoTime() from which on it is not served
     * @param hitSinceFetch whether a worker found it since then; exact to 67 ms
     */
    void entry(DirectBuffer buffer, int keyOffset, int keyLength, long fetchedNs, long deadlineNs,
        boolean hitSinceFetch);
}
