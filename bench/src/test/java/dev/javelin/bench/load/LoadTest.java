package dev.javelin.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "|Missing required option: '--server=HOST:PORT'", "--server nowhere|--server is nowhere: allowed is HOST:PORT",
        "--server 127.0.0.1:99999|--server is 127.0.0.1:99999: allowed is HOST:PORT",
        "--server 127.0.0.1:1 --keys 0|--keys is 0: allowed is 1 to 10000000",
        "--server 127.0.0.1:1 --theta 1|--theta is 1.0: allowed is more than 0, less than 1",
        "--server 127.0.0.1:1 --sets 0.1|--sets is 0.1: allowed is 0 unless --rate is given",
        "--server 127.0.0.1:1 --value-size 9-3|--value-size is 9-3: allowed is 0 to 1100",
        "--server 127.0.0.1:1 --bogus|Unknown option: '--bogus'"})
    void shouldSayInOneLineWhatIsWrongWithAnOption(String arguments, String message) throws Exception {
        List<String> result = run(arguments == null ? "" : arguments);
        assertEquals("2", result.getFirst(), result.toString());
        assertEquals(2, result.size(), result.toString());
        assertTrue(result.get(1).startsWith("load: " + message), result.toString());
    }

    /** Returns the exit code and the lines of standard error. */
    private static List<String> run(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"), Load.class.getName()));
        if (!arguments.isBlank()) {
            command.addAll(List.of(arguments.split(" ")));
        }
        Process process = new ProcessBuilder(command).start();
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        List<String> result = new ArrayList<>(List.of(Integer.toString(process.exitValue())));
        result.addAll(errors.lines().toList());
        return result;
    }
}
