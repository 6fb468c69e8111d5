/**
 * The side-by-side comparison: interleaved runs against several servers, what the host took of them, and the report.
 */
package dev.javelin.bench.compare;
