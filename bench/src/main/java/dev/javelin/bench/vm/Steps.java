package dev.javelin.bench.vm;

import java.io.PrintStream;
import java.util.Locale;

/** Prints what a test has done, line by line, with the time that each step took. */
public final class Steps {
    private static final String ERASE_LINE = "\r\033[K";

    private final PrintStream out;
    private final boolean isTerminal;
    private long sinceNs = System.nanoTime();
    private boolean failed;

    /**
     * The first step begins now.
     *
     * @param out        for the lines
     * @param isTerminal whether a line may be written over
     */
    Steps(final PrintStream out, final boolean isTerminal) {
        this.out = out;
        this.isTerminal = isTerminal;
    }

    /**
     * Printed on standard output.
     *
     * @return with the first step begun
     */
    static Steps onStandardOutput() {
        return new Steps(System.out, System.console() != null && System.console().isTerminal());
    }

    /**
     * A step is done; the next begins.
     *
     * @param what it was
     */
    public void ok(final String what) {
        print("ok", what);
    }

    /**
     * A step has failed, and so has the test; what follows may still run.
     *
     * @param what it was, and why
     */
    public void failed(final String what) {
        failed = true;
        print("FAILED", what);
    }

    /**
     * A step that this machine cannot do, and need not.
     *
     * @param what it was, and why
     */
    public void skipped(final String what) {
        print("-", what);
    }

    /**
     * Tells on a terminal what the test waits for; may be called often.
     *
     * @param what it is
     */
    public void waiting(final String what) {
        if (isTerminal) {
            out.printf(Locale.ROOT, ERASE_LINE + "       %5.0f s  %s ...", secondsOfStep(), what);
            out.flush();
        }
    }

    /**
     * The verdict.
     *
     * @return true if a step has failed
     */
    boolean hasFailed() {
        return failed;
    }

    private double secondsOfStep() {
        return (System.nanoTime() - sinceNs) / 1e9;
    }

    private void print(final String verdict, final String what) {
        out.printf(Locale.ROOT, "%s%-6s %5.1f s  %s%n", isTerminal ? ERASE_LINE : "", verdict, secondsOfStep(), what);
        sinceNs = System.nanoTime();
    }
}
