/**
 * What happens to a request between the rx ring and the tx ring: parse, look up, build the reply in the same frame.
 * Nothing here allocates, locks, logs or throws once it runs.
 */
package dev.javelin.fastpath;
