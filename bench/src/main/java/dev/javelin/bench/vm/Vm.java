package dev.javelin.bench.vm;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command line of scripts/vm. A user's mistake is one line on standard error and never a stack trace. */
@Command(
    name = "scripts/vm", mixinStandardHelpOptions = true, sortOptions = false, usageHelpWidth = 110,
    synopsisSubcommandLabel = "list|run",
    subcommands = {ListCommand.class, RunCommand.class},
    description = {
        "Tries Javelin in a virtual machine with another kernel and another network card. The kernels are Debian's;",
        "they and all else that is missing are fetched. Everything lies in .build/vm: remove that to start afresh.",
        ""},
    footer = {
        "",
        "Examples:",
        "  sudo scripts/vm list",
        "  sudo scripts/vm run 6.1 load",
        "  sudo scripts/vm run 7.3 --nic igb load",
        "",
        "Without /dev/kvm the CPU is emulated: everything takes longer, and speed says nothing.",
        "Exit codes: 0 passed, 1 failed, 2 wrong usage."})
public final class Vm {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    /** Set when the process is told to end: what fails after that is no failure. */
    private static volatile boolean ending;

    private Vm() {
    }

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param arguments as typed
     */
    public static void main(final String[] arguments) {
        run(new Vm(), arguments);
    }

    /**
     * Runs a command of this package and ends the process with its exit code.
     *
     * @param command   of picocli
     * @param arguments as typed
     */
    static void run(final Object command, final String[] arguments) {
        System.exit(new CommandLine(command)
            .setParameterExceptionHandler(Vm::onWrongUsage)
            .setExecutionExceptionHandler((exception, commandLine, parsed) -> onFailure(exception, commandLine))
            .execute(arguments));
    }

    /** From here on failures are not told any more. */
    static void endsNow() {
        ending = true;
    }

    private static int onWrongUsage(final ParameterException exception, final String[] arguments) {
        final String what = exception.getMessage().lines().findFirst().orElse("wrong usage");
        final String script = script(exception.getCommandLine());
        System.err.println(script + ": " + what + " (see scripts/" + script + " --help)");
        return WRONG_USAGE;
    }

    private static int onFailure(final Exception exception, final CommandLine commandLine) throws Exception {
        if (exception instanceof final Artifacts.HelperException e) {
            return e.exitCode();
        }
        if (!(exception instanceof IOException)) {
            // A mistake of ours, and then the trace is what helps.
            throw exception;
        }
        if (!ending) {
            System.err.println(script(commandLine) + ": " + exception.getMessage());
        }
        return FAILED;
    }

    /** Returns what is typed after scripts/, without subcommands. */
    private static String script(final CommandLine commandLine) {
        return commandLine.getCommandSpec().root().name().split("[/ ]")[1];
    }
}
