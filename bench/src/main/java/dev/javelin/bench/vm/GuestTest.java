package dev.javelin.bench.vm;

import java.io.IOException;

/** Something that is shown in a virtual machine. */
public interface GuestTest {
    /**
     * How it is called on the command line.
     *
     * @return one word
     */
    String name();

    /**
     * What it shows.
     *
     * @return one line
     */
    String description();

    /**
     * Runs in a machine that has just booted. It has failed if a step has failed.
     *
     * @param machine fresh, and not used afterwards
     * @param options what was asked for
     * @param steps   told of every step
     * @throws IOException if it cannot go on
     */
    void run(VirtualMachine machine, RunOptions options, Steps steps) throws IOException;
}
