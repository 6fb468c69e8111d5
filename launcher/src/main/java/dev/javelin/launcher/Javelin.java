package dev.javelin.launcher;

import java.io.PrintWriter;

import dev.javelin.afxdp.NativeException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line. A user's mistake is one line on standard error and never a stack trace. */
@Command(
    name = "javelin",
    description = "Answers memcached UDP GETs from AF_XDP frames, in front of memcached.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "run|doctor|stat",
    subcommands = {RunCommand.class, DoctorCommand.class, StatCommand.class},
    footer = {
        "",
        "The load generator is a program of its own: scripts/javelin load --help",
        "Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration."})
public final class Javelin {
    private Javelin() {
    }

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param arguments as typed
     */
    public static void main(final String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Javelin())
            .setParameterExceptionHandler(Javelin::onWrongUsage)
            .setExecutionExceptionHandler((exception, commandLine, parsed) -> onFailure(exception, commandLine));
    }

    private static int onWrongUsage(final ParameterException exception, final String[] arguments) {
        final CommandLine commandLine = exception.getCommandLine();
        complain(commandLine, exception.getMessage().lines().findFirst().orElse("wrong usage")
            + " (see " + commandLine.getCommandSpec().qualifiedName() + " --help)");
        return ExitCode.WRONG_USAGE;
    }

    private static int onFailure(final Exception exception, final CommandLine commandLine) throws Exception {
        switch (exception) {
            case ConfigurationException e -> {
                complain(commandLine, e.getMessage());
                return ExitCode.WRONG_USAGE;
            }
            case RunException e -> complain(commandLine, e.getMessage());
            case NativeException e -> complain(commandLine, e.getMessage());
            // Anything else is a mistake of ours, and then the trace is what helps.
            default -> throw exception;
        }
        return ExitCode.FAILED;
    }

    private static void complain(final CommandLine commandLine, final String message) {
        final PrintWriter err = commandLine.getErr();
        err.println("javelin: " + message);
        err.flush();
    }
}
