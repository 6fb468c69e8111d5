package dev.javelin.slowpath;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The memcached-sr that scripts/setup built, on a free port of the loopback device.
 */
public final class MemcachedProcess implements AutoCloseable {
    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    private final int port;
    private Process process;
    private final List<String> options;

    private MemcachedProcess(int port, List<String> options) throws IOException {
        this.port = port;
        this.options = options;
        start();
    }

    /** Starts memcached on 127.0.0.1, TCP only. */
    public static MemcachedProcess onTcp() throws IOException {
        return with(List.of("-l", "127.0.0.1"));
    }

    static MemcachedProcess with(List<String> options) throws IOException {
        return new MemcachedProcess(freePort(), options);
    }

    static MemcachedProcess withUdp(List<String> options) throws IOException {
        int port = freePort();
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-U", Integer.toString(port)));
        return new MemcachedProcess(port, all);
    }

    /** Returns the directory in which scripts/setup left the source that was built. */
    static Path source() {
        Path directory = Path.of(System.getProperty("javelin.root"), ".build", "memcached", "sr");
        if (!Files.isExecutable(directory.resolve("memcached"))) {
            throw new IllegalStateException("memcached-sr is not built in " + directory + ": run scripts/setup");
        }
        return directory;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>(List.of(source().resolve("memcached").toString(),
            "-u", "nobody", "-p", Integer.toString(port)));
        command.addAll(options);
        process = new ProcessBuilder(command).inheritIO().start();
        long startNs = System.nanoTime();
        while (!answers()) {
            if (System.nanoTime() - startNs > START_TIMEOUT_NS || !process.isAlive()) {
                kill();
                throw new IOException("memcached did not start: " + command);
            }
        }
    }

    private boolean answers() throws IOException {
        try {
            return command("version").startsWith("VERSION");
        } catch (IOException notYet) {
            process.onExit().completeOnTimeout(process, 10, TimeUnit.MILLISECONDS).join();
            return false;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", port);
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** Sends one command that has a reply of one line, and returns that line. */
    String command(String command) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(5_000);
            socket.connect(address(), 5_000);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder line = new StringBuilder();
            int next = socket.getInputStream().read();
            while (next >= 0 && next != '\n') {
                line.append((char) next);
                next = socket.getInputStream().read();
            }
            return line.toString().strip();
        }
    }

    String set(String key, int flags, int exptime, String value) throws IOException {
        return command("set " + key + " " + flags + " " + exptime + " "
            + value.getBytes(StandardCharsets.ISO_8859_1).length + "\r\n" + value);
    }

    /** Sends a signal by name, such as STOP. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start().waitFor(5, TimeUnit.SECONDS);
    }

    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
