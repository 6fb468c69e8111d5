package dev.javelin.launcher;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code doctor}: would {@code run} work, and if not, what to do. */
@Command(
    name = "doctor",
    description = {
        "Checks whether run would work here: kernel, privileges, interface, queues, memcached.",
        "Says how to mend each fault. Changes nothing. Exit code 0 only if run would work."},
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private ConfigurationOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        final List<Check> checks = new Preflight(options.load()).checks();
        final PrintWriter out = spec.commandLine().getOut();
        for (final Check check : checks) {
            out.printf("%-5s %s: %s%n", check.status(), check.subject(), check.finding());
            if (!check.remedy().isEmpty()) {
                out.printf("      %s: %s%n", check.status() == Check.Status.WRONG ? "allowed" : "mend", check.remedy());
            }
        }
        final long faults = checks.stream().filter(Check::isFault).count();
        out.println(faults == 0 ? "run would work" : "run would not work: " + faults + " to mend");
        out.flush();
        if (faults == 0) {
            return ExitCode.DONE;
        }
        return checks.stream().anyMatch(c -> c.status() == Check.Status.WRONG) ? ExitCode.WRONG_USAGE : ExitCode.FAILED;
    }
}
