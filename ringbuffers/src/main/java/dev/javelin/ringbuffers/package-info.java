/**
 * The four AF_XDP rings and the in-process hand-off ring of the same shape.
 */
package dev.javelin.ringbuffers;
