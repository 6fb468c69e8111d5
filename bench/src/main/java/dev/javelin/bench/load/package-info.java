/**
 * Measuring: the load generator, which verifies every reply.
 */
package dev.javelin.bench.load;
