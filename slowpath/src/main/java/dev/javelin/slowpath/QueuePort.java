package dev.javelin.slowpath;

import dev.javelin.ringbuffers.RxRing;
import dev.javelin.ringbuffers.TxRing;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The slow path's side of one queue worker: frames that the worker hands back come in one ring and leave, once the
 * kernel has the request, in the other. While a frame is here, the slow path owns it.
 *
 * @param umem       buffer over the queue's UMEM; ring addresses are offsets into it.
 * @param handedBack consumer end: frames of requests that the worker did not answer.
 * @param returned   producer end: the same frames, free again. It holds as many entries as the queue has frames, so it
 *                   is never full.
 */
public record QueuePort(UnsafeBuffer umem, RxRing handedBack, TxRing returned) {
}
