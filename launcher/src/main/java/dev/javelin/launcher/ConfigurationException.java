package dev.javelin.launcher;

/** The user typed or wrote something that is not allowed: exit code 2. The message is one line. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Names what is wrong.
     *
     * @param key     configuration key or option
     * @param value   as the user gave it
     * @param allowed what would be right
     */
    public ConfigurationException(final String key, final String value, final String allowed) {
        super(key + ": '" + oneLine(value) + "' is not allowed; allowed: " + allowed);
    }

    private static String oneLine(final String value) {
        return value.replaceAll("\\p{Cntrl}", "?");
    }
}
