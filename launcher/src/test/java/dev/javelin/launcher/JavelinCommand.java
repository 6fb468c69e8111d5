package dev.javelin.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of a real Javelin process, made of what this test runs on: the same JDK, classes and flags. */
final class JavelinCommand {
    private JavelinCommand() {
    }

    static List<String> of(final List<String> prefix, final String... arguments) {
        final List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
            "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED",
            "-Xmx192m", "-XX:+UseZGC", "-cp", System.getProperty("java.class.path"), Javelin.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    static List<String> inNamespace(final String name) {
        return List.of("nsenter", "--net=/var/run/netns/" + name, "--");
    }

    static ProcessResult execute(final String... arguments) {
        return ProcessResult.of(of(List.of(), arguments));
    }
}
