package dev.javelin.launcher;

/** What the process ends with. */
public final class ExitCode {
    /** All went well. */
    public static final int DONE = 0;

    /** Failed while running. */
    public static final int FAILED = 1;

    /** Wrong usage or configuration. */
    public static final int WRONG_USAGE = 2;

    private ExitCode() {
    }
}
