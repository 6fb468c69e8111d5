/**
 * Measuring in XDP: echo servers that show what a machine can do at most, and a client that costs next to nothing.
 */
package dev.javelin.bench.reflect;
