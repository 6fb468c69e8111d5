package dev.javelin.bench.cost;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * One memcached on the loopback device, on a CPU of its own, and one client of it. Used by one thread.
 */
final class MemcachedUnderCost implements AutoCloseable {
    private static final int KEYS = 10_000;
    private static final int VALUE_BYTES = 32;
    private static final long START_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    private final Process process;
    private final Socket socket;
    private final OutputStream out;
    private final DataInputStream in;
    private final byte[] stored = "STORED\r\n".getBytes(StandardCharsets.US_ASCII);
    private final byte[] value;
    private final SplittableRandom random = new SplittableRandom(1);

    MemcachedUnderCost(Path program, int cpu, List<String> options) throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu), program.toString(),
            "-u", "nobody", "-t", "1", "-l", "127.0.0.1", "-U", "0", "-p", Integer.toString(port)));
        command.addAll(options);
        process = new ProcessBuilder(command).inheritIO().start();
        socket = connect(port);
        out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        value = ("VALUE " + key(0) + " 0 " + VALUE_BYTES + "\r\n" + "v".repeat(VALUE_BYTES) + "\r\nEND\r\n")
            .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < KEYS; i++) {
            set(i);
            out.flush();
            expect(stored);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private Socket connect(int port) throws IOException {
        long startNs = System.nanoTime();
        while (true) {
            Socket attempt = new Socket();
            try {
                attempt.setTcpNoDelay(true);
                attempt.setSoTimeout(10_000);
                attempt.connect(new InetSocketAddress("127.0.0.1", port));
                return attempt;
            } catch (IOException notYet) {
                attempt.close();
                if (System.nanoTime() - startNs > START_TIMEOUT_NS || !process.isAlive()) {
                    process.destroyForcibly();
                    throw new IOException("memcached did not start", notYet);
                }
            }
        }
    }

    private static String key(int number) {
        return "key%013d".formatted(number);
    }

    private void set(int number) throws IOException {
        out.write(("set " + key(number) + " 0 0 " + VALUE_BYTES + "\r\n" + "v".repeat(VALUE_BYTES) + "\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Sends requests for random keys, some at once, and reads their replies, for a time.
     *
     * @param sets   whether these are sets; else gets.
     * @param atOnce requests in one send.
     * @return requests answered, wall time and CPU time of memcached's threads, both in nanoseconds.
     */
    Slice run(boolean sets, int atOnce, long durationNs) throws IOException {
        long cpuNs = cpuNs();
        long startNs = System.nanoTime();
        long requests = 0;
        while (System.nanoTime() - startNs < durationNs) {
            for (int i = 0; i < atOnce; i++) {
                int number = random.nextInt(KEYS);
                if (sets) {
                    set(number);
                } else {
                    out.write(("get " + key(number) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                }
            }
            out.flush();
            for (int i = 0; i < atOnce; i++) {
                expect(sets ? stored : value);
            }
            requests += atOnce;
        }
        return new Slice(requests, System.nanoTime() - startNs, cpuNs() - cpuNs);
    }

    /** Every reply of a kind has the same length, and must begin as it should. */
    private void expect(byte[] reply) throws IOException {
        byte[] got = in.readNBytes(reply.length);
        if (got.length != reply.length || got[0] != reply[0]) {
            throw new IOException("memcached answered: " + new String(got, StandardCharsets.ISO_8859_1).strip());
        }
    }

    private long cpuNs() throws IOException {
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path task : tasks) {
                sum += Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
            }
        }
        return sum;
    }

    @Override
    public void close() throws IOException {
        socket.close();
        process.destroyForcibly().onExit().join();
    }

    /** What one run did. */
    record Slice(long requests, long wallNs, long cpuNs) {
    }
}
