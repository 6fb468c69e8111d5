package dev.javelin.bench.load;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The version of each item that the server has last acknowledged. The thread that writes items sets it after the
 * acknowledgement was read; the thread that asks reads it before a request is sent. Both accesses are volatile, so
 * whoever sees a version here also asks after that write was applied.
 */
final class Versions {
    private final AtomicIntegerArray acknowledged;

    Versions(int items) {
        acknowledged = new AtomicIntegerArray(items);
    }

    int acknowledged(int item) {
        return acknowledged.get(item);
    }

    void acknowledge(int item, int version) {
        acknowledged.set(item, version);
    }
}
