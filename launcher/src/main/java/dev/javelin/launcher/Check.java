package dev.javelin.launcher;

/**
 * One finding about the machine.
 *
 * @param subject what was looked at
 * @param status  how it is
 * @param finding what was seen
 * @param remedy  how to mend it; empty when there is nothing to mend
 */
public record Check(String subject, Status status, String finding, String remedy) {
    /** How a finding is. */
    public enum Status {
        /** As it should be. */
        OK,
        /** {@code run} works, but the user should know. */
        WARN,
        /** {@code run} would fail: exit code 1. */
        FAIL,
        /** The configuration does not fit the machine: exit code 2. */
        WRONG
    }

    static Check ok(final String subject, final String finding) {
        return new Check(subject, Status.OK, finding, "");
    }

    static Check warn(final String subject, final String finding, final String remedy) {
        return new Check(subject, Status.WARN, finding, remedy);
    }

    static Check fail(final String subject, final String finding, final String remedy) {
        return new Check(subject, Status.FAIL, finding, remedy);
    }

    static Check wrong(final String key, final String value, final String allowed) {
        return new Check(key, Status.WRONG, value, allowed);
    }

    boolean isFault() {
        return status == Status.FAIL || status == Status.WRONG;
    }

    /** What {@code run} ends with when this check is a fault. */
    RuntimeException toException() {
        return status == Status.WRONG
            ? new ConfigurationException(subject, finding, remedy)
            : new RunException(subject + ": " + finding + (remedy.isEmpty() ? "" : "; " + remedy));
    }
}
