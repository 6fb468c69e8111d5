package dev.javelin.bench.reflect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.NetworkNamespace;
import dev.javelin.afxdp.testing.Command;
import dev.javelin.afxdp.testing.RequiresRoot;
import dev.javelin.afxdp.testing.VethPair;
import dev.javelin.bench.load.Load;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code load --serve-echo} as a process of its own. */
@Timeout(120)
class ServeEchoTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--serve-echo xdp|Missing required option: '--interface=IF'",
        "--serve-echo loud --interface lo|--serve-echo is loud: allowed is xdp or af_xdp",
        "--serve-echo xdp --interface lo --port 0|--port is 0: allowed is 1 to 65535"})
    void shouldSayInOneLineWhatIsWrongWithAnOption(final String arguments, final String message)
        throws IOException, InterruptedException {
        final Process process = start(List.of(), arguments.split(" "));
        final List<String> errors = process.errorReader(StandardCharsets.UTF_8).lines().toList();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(List.of("load: " + message + " (see --help)"), errors);
        assertEquals(2, process.exitValue());
    }

    @RequiresRoot
    @ParameterizedTest
    @CsvSource({"xdp, TERM", "af_xdp, INT"})
    void shouldServeUntilASignalAndThenSayHowMuch(final String kind, final String signal)
        throws IOException, InterruptedException {
        try (VethPair pair = VethPair.create(1)) {
            Command.run("ip", "netns", "exec", pair.clientNamespace(), "ethtool", "-K", VethPair.CLIENT, "gro", "on");
            final Process process = start(
                List.of("nsenter", "--net=/var/run/netns/" + pair.serverNamespace(), "--"),
                "--serve-echo", kind, "--interface", VethPair.SERVER);
            try {
                final BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
                final String ready = out.readLine();
                assertTrue(ready.startsWith("ready interface=jv-server port=11211 queues=1 echo=" + kind), ready);
                askFor(pair, 10);
                Command.run("kill", "-" + signal, Long.toString(process.pid()));
                final String last = out.readLine();
                assertTrue(last.startsWith("echoed 10 datagrams, passed "), last);
                assertTrue(process.waitFor(30, TimeUnit.SECONDS));
                assertEquals(0, process.exitValue());
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @RequiresRoot
    @Test
    void shouldSayInOneLineThatThereIsNoSuchInterface() throws IOException, InterruptedException {
        final Process process = start(List.of(), "--serve-echo", "xdp", "--interface", "none");
        final List<String> errors = process.errorReader(StandardCharsets.UTF_8).lines().toList();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(1, errors.size(), errors.toString());
        assertTrue(errors.getFirst().contains("no interface none"), errors.toString());
        assertEquals(1, process.exitValue());
    }

    private static void askFor(final VethPair pair, final int datagrams) throws IOException {
        try (NetworkNamespace _ = pair.enterClient(); DatagramSocket client = new DatagramSocket()) {
            client.connect(new InetSocketAddress(VethPair.SERVER_IPV4, 11211));
            client.setSoTimeout(5_000);
            for (int i = 0; i < datagrams; i++) {
                client.send(new DatagramPacket(new byte[] {1}, 1));
                client.receive(new DatagramPacket(new byte[1], 1));
            }
        }
    }

    private static Process start(final List<String> prefix, final String... arguments) throws IOException {
        final List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED",
            "-cp", System.getProperty("java.class.path"), Load.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }
}
