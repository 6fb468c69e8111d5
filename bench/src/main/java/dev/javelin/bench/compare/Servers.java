package dev.javelin.bench.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * The testbed, what serves in it, and the load generator: {@code scripts/lib/servers}, told line by line what to do. It
 * is a process of its own session and removes all it made when told to end, when its standard input ends, and so also
 * when this process is killed.
 *
 * <p>Used by one thread, but for {@link #close()}, which any thread may call.
 */
final class Servers implements AutoCloseable {
    private final Process process;
    private final Writer commands;
    private final BufferedReader replies;
    private final Cpus cpus;
    private volatile boolean closed;

    /**
     * Makes the testbed.
     *
     * @param root the project's directory.
     * @throws IOException if it cannot be made; the reason stands on standard error.
     */
    Servers(Path root) throws IOException {
        process = new ProcessBuilder("setsid", root.resolve("scripts/lib/servers").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        commands = process.outputWriter();
        replies = process.inputReader();
        try {
            String[] words = ask("up").split(" ");
            cpus = new Cpus(numbers(words[0]), numbers(words[1]));
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Returns who runs where. */
    Cpus cpus() {
        return cpus;
    }

    /** Returns whether {@link #close()} was called: what fails after that is no failure. */
    boolean closed() {
        return closed;
    }

    /**
     * Ends what served, and starts another.
     *
     * @param subject its id.
     * @return the processes that serve.
     * @throws IOException if it does not start.
     */
    Set<Long> serve(String subject) throws IOException {
        Set<Long> pids = new HashSet<>();
        for (String pid : ask("serve " + subject).split(" ")) {
            pids.add(Long.parseLong(pid));
        }
        return pids;
    }

    /**
     * Runs the load generator.
     *
     * @param options its options, without spaces in them, but for {@code --server} and {@code --json}.
     * @throws IOException if it does not end with a result.
     */
    LoadResult load(String options) throws IOException {
        return LoadResult.read(Path.of(ask("load " + options)));
    }

    /** Asks for one line that describes something of the testbed. */
    String describe(String what) throws IOException {
        return ask("describe " + what);
    }

    /** Ends all that runs and removes all that was made; waits until that is done. */
    @Override
    public void close() {
        closed = true;
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String ask(String command) throws IOException {
        String reply;
        try {
            commands.write(command + "\n");
            commands.flush();
            reply = replies.readLine();
        } catch (IOException e) {
            reply = null;
        }
        if (reply == null && closed) {
            throw new IOException("interrupted");
        }
        if (reply == null) {
            throw new IOException("scripts/lib/servers ended: the reason stands above");
        }
        if (!reply.startsWith("ok")) {
            throw new IOException(reply.substring(reply.indexOf(' ') + 1));
        }
        return reply.substring(2).strip();
    }

    /** Reads a list as taskset takes it: {@code 0,2-4}. */
    private static int[] numbers(String list) {
        return Arrays.stream(list.split(",")).flatMapToInt(part -> {
            String[] ends = part.split("-");
            return IntStream.rangeClosed(Integer.parseInt(ends[0]),
                Integer.parseInt(ends[ends.length - 1]));
        }).toArray();
    }
}
