package dev.javelin.launcher;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

import picocli.CommandLine.Option;

/** The options that {@code run} and {@code doctor} share. */
final class ConfigurationOptions {
    @Option(names = "--config", required = true, paramLabel = "FILE",
        description = "Properties file; docs/configuration.md lists the keys, config/javelin.properties is an example.")
    private Path file;

    @Option(names = "-D", paramLabel = "key=value", description = "Overrides a key of the file; may be repeated.")
    private final Map<String, String> overrides = new LinkedHashMap<>();

    Configuration load() {
        return Configuration.load(file, overrides);
    }
}
