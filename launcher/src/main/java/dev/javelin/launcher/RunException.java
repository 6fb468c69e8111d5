package dev.javelin.launcher;

/** Failed while running, for a reason that the user can do something about: exit code 1. The message is one line. */
public final class RunException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Says what happened.
     *
     * @param message what was wrong, where, and how to mend it; one line
     */
    public RunException(final String message) {
        super(message);
    }
}
