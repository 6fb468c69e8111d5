/**
 * The four AF_XDP rings and the in-process hand-off ring of the same shape, with the verbs of xsk.h.
 */
package dev.javelin.ringbuffers;
