/**
 * Measuring: {@code load} is the load generator, {@code cost} what the write table costs memcached and a hit,
 * {@code jmh} what single steps of the hit path cost.
 */
package dev.javelin.bench;
