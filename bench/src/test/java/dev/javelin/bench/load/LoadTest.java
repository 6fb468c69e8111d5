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
        "--server 127.0.0.1:1 --sets 0.1 --echo|--sets is 0.1: allowed is 0 with --echo",
        "--server 127.0.0.1:1 --value-size 9-3|--value-size is 9-3: allowed is 0 to 1100",
        "--server 127.0.0.1:1 --key-size fb_size|--key-size is fb_size: allowed is 10 to 250",
        "--server 127.0.0.1:1 --preset abc|--preset is abc: allowed is bmc, etc or write-heavy",
        "--server 127.0.0.1:1 --preset=bmc --theta 1|--theta is 1.0: allowed is more than 0, less than 1",
        "--server 127.0.0.1:1 --search p99|--search is p99: allowed is a form such as p99:500us",
        "--server 127.0.0.1:1 --search p0:1us|--search is p0:1us: allowed is a form such as p99:500us",
        "--server 127.0.0.1:1 --arrivals never|--arrivals is never: allowed is constant or poisson",
        "--server 127.0.0.1:1 --ttl 0|--ttl is 0: allowed is 1 to 2592000",
        "--server 127.0.0.1:1 --multi-get 65|--multi-get is 65: allowed is 1 to 64",
        "--server 127.0.0.1:1 --multi-get 9 --key-size 250|--multi-get is 9: allowed is so many keys",
        "--server 127.0.0.1:1 --threads 4 --connections 3|--connections is 3: allowed is at least one for each",
        "--server 127.0.0.1:1 --sockets --source-addresses 10.0.0.1|--source-addresses is [10.0.0.1]: allowed is none",
        "--server 127.0.0.1:1 --window 0|--window is 0: allowed is 1 to 16384",
        "--server 127.0.0.1:1 --reflect --rate 100|--rate is 100.0: allowed is 0 (closed loop) with --reflect",
        "--server 127.0.0.1:1 --reflect --window 5000|--window is 5000: allowed is 1 to 4096 with --reflect",
        "--server 127.0.0.1:1 --reflect --verify-every 0|--verify-every is 0: allowed is 1 or more",
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
