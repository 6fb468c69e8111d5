package dev.javelin.bench.load;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Values of options that belong together. What the command line says itself goes before them.
 */
final class Presets {
    static final Map<String, Map<String, String>> ALL = Map.of(
        // Ghigoff et al., "BMC" (NSDI 2021), section 6.1, with fewer keys.
        "bmc", Map.of("--distribution", "zipf", "--theta", "0.99", "--key-size", "16", "--value-size", "32",
            "--connections", "340", "--keys", "100000"),
        // Atikoglu et al. (SIGMETRICS 2012): the pool ETC; thirty GETs for each SET.
        "etc", Map.of("--distribution", "zipf", "--theta", "0.99", "--key-size", "fb_key", "--value-size", "fb_value",
            "--connections", "64", "--keys", "100000", "--sets", "0.033"),
        // Yang et al., "A large scale analysis of hundreds of in-memory cache clusters at Twitter" (OSDI 2020).
        "write-heavy", Map.of("--distribution", "zipf", "--theta", "0.9", "--key-size", "38", "--value-size", "230",
            "--connections", "64", "--keys", "100000", "--sets", "0.5", "--ttl", "1-60"));

    private Presets() {
    }

    /** Gives a preset's values to options that the command line does not name. */
    record Defaults(Map<String, String> values) implements CommandLine.IDefaultValueProvider {
        @Override
        public String defaultValue(ArgSpec argument) {
            return argument instanceof OptionSpec option ? values.get(option.longestName()) : null;
        }
    }
}
