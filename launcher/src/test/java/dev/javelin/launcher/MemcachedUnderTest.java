package dev.javelin.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.javelin.afxdp.NetworkNamespace;

/**
 * memcached-sr in the server's namespace of a {@link TestBed}, listening on both of its addresses.
 */
public final class MemcachedUnderTest implements AutoCloseable {
    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    private final List<String> command;
    private final InetSocketAddress address;
    private Process process;

    private MemcachedUnderTest(List<String> command, int port) throws IOException {
        this.command = command;
        this.address = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), port);
        start();
    }

    public static MemcachedUnderTest start(int port, String... options) throws IOException {
        return start(Path.of(System.getProperty("javelin.root"), "scripts", "memcached-sr"),
            "192.0.2.1,fd00:6a::1", port, options);
    }

    /** Starts another memcached, or one that listens elsewhere too; it must listen on 192.0.2.1 without TLS. */
    public static MemcachedUnderTest start(Path program, String listen, int port, String... options)
        throws IOException {
        List<String> command = new ArrayList<>(JavelinCommand.inNamespace(TestBed.SERVER));
        command.addAll(List.of(program.toString(),
            "-u", "nobody", "-U", Integer.toString(port), "-p", Integer.toString(port), "-l", listen));
        command.addAll(List.of(options));
        return new MemcachedUnderTest(command, port);
    }

    public void start() throws IOException {
        process = new ProcessBuilder(command).inheritIO().start();
        long startNs = System.nanoTime();
        while (!isUp()) {
            if (!process.isAlive() || System.nanoTime() - startNs > START_TIMEOUT_NS) {
                close();
                throw new IOException("memcached-sr did not start: " + command);
            }
        }
    }

    private boolean isUp() {
        try {
            return command("version").startsWith("VERSION");
        } catch (IOException notYet) {
            process.onExit().completeOnTimeout(process, 20, TimeUnit.MILLISECONDS).join();
            return false;
        }
    }

    /** Opens a TCP connection from the server's own namespace. */
    public Socket connect() throws IOException {
        try (var _ = NetworkNamespace.enter(TestBed.SERVER)) {
            Socket socket = new Socket();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(5_000);
            socket.connect(address, 5_000);
            return socket;
        }
    }

    /** Sends a command with a reply of one line over TCP; returns that line. */
    public String command(String text) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder line = new StringBuilder();
            int next = socket.getInputStream().read();
            while (next >= 0 && next != '\n') {
                line.append((char) next);
                next = socket.getInputStream().read();
            }
            return line.toString().strip();
        }
    }

    public void set(String key, int flags, String value) throws IOException {
        String reply = command("set " + key + " " + flags + " 0 " + value.length() + "\r\n" + value);
        if (!reply.equals("STORED")) {
            throw new IOException("set " + key + ": " + reply);
        }
    }

    /** Sends a signal by name: STOP, CONT. */
    public void signal(String name) {
        ProcessResult.of("kill", "-" + name, Long.toString(process.pid()));
    }

    /** Ends it by a signal, TERM or KILL, and waits until it has gone. */
    public void stop(String signal) throws IOException {
        signal(signal);
        process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
        if (process.isAlive()) {
            throw new IOException("memcached-sr has not ended after SIG" + signal);
        }
    }

    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
