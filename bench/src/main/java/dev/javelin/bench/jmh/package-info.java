/** What single steps cost, in nanoseconds. {@code scripts/bench} runs them. */
package dev.javelin.bench.jmh;
