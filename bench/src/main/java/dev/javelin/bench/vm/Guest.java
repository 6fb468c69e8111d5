package dev.javelin.bench.vm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The shell inside a virtual machine, behind a virtio port (scripts/lib/vm-init is the other end). One thread
 * uses it.
 * <p>
 * In the guest, {@code /javelin} has what is in launcher/target, {@code /javelin/bench} what is in bench/target,
 * {@code /objects} the XDP program as other compilers made it; java, memcached, ip, ethtool and ss are in PATH, /tmp
 * and /run can be written.
 */
public final class Guest implements AutoCloseable {
    private static final byte MARK = 1;
    private static final Duration MARGIN = Duration.ofSeconds(15);

    private final SocketChannel channel;
    private final Selector selector;
    private final Supplier<String> lastWords;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /**
     * A shell that does not answer yet.
     *
     * @param channel   connected to the port; closed with this
     * @param lastWords what to add to the message if the machine ends
     */
    Guest(final SocketChannel channel, final Supplier<String> lastWords) throws IOException {
        this.channel = channel;
        this.lastWords = lastWords;
        selector = Selector.open();
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        buffer.flip();
    }

    /**
     * What became of a command.
     *
     * @param exitCode 137 if it was killed, as when its time was over
     * @param output   standard output and standard error
     */
    public record Result(int exitCode, String output) {
    }

    /**
     * Runs a command to its end.
     *
     * @param command for sh, in one line
     * @param timeout after which it is killed; whole seconds
     * @return its result
     * @throws IOException if the guest does not answer or has ended
     */
    public Result run(final String command, final Duration timeout) throws IOException {
        return run(command, timeout, printed -> {
        });
    }

    /**
     * Runs a command to its end, and tells of its output as it comes.
     *
     * @param command  for sh, in one line
     * @param timeout  after which it is killed; whole seconds
     * @param listener gets every line of its output
     * @return its result
     * @throws IOException if the guest does not answer or has ended
     */
    public Result run(final String command, final Duration timeout, final Consumer<String> listener)
        throws IOException {
        if (command.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("command: more than one line: " + command);
        }
        send(timeout.toSeconds() + " " + command + "\n");
        final long deadlineNs = System.nanoTime() + timeout.plus(MARGIN).toNanos();
        final StringBuilder output = new StringBuilder();
        while (true) {
            final String next = nextLine(deadlineNs);
            if (next == null) {
                throw new IOException("the guest does not answer: " + command + lastWords.get());
            }
            // The mark follows the last byte of the output, which need not end with a newline.
            final int mark = next.indexOf(MARK);
            final String printed = mark < 0 ? next : next.substring(0, mark);
            if (mark < 0 || mark > 0) {
                output.append(printed).append('\n');
                listener.accept(printed);
            }
            if (mark >= 0) {
                return new Result(Integer.parseInt(next.substring(mark + 1)), output.toString());
            }
        }
    }

    /**
     * Starts a command that goes on by itself.
     *
     * @param command one program with its arguments
     * @param logFile of the guest, gets all that it prints
     * @return its process id in the guest
     * @throws IOException if the guest does not answer or has ended
     */
    public int start(final String command, final String logFile) throws IOException {
        final String quoted = "'" + ("exec " + command).replace("'", "'\\''") + "'";
        final Result result = run("setsid sh -c " + quoted + " >" + logFile + " 2>&1 </dev/null & echo $!",
            Duration.ofSeconds(20));
        return Integer.parseInt(result.output().strip());
    }

    /**
     * Waits for the shell's first word.
     *
     * @param wait at most
     * @return whether it came
     * @throws IOException if the machine has ended
     */
    boolean isReady(final Duration wait) throws IOException {
        final String first = nextLine(System.nanoTime() + wait.toNanos());
        return first != null && first.endsWith((char) MARK + "ready");
    }

    /** Hangs up. */
    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }

    private void send(final String text) throws IOException {
        final ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        try {
            while (bytes.hasRemaining()) {
                if (channel.write(bytes) == 0) {
                    Thread.onSpinWait();
                }
            }
        } catch (final IOException e) {
            throw ended(e);
        }
    }

    /** Returns the next line without its end, or null if it is not complete at the deadline. */
    private String nextLine(final long deadlineNs) throws IOException {
        while (true) {
            while (buffer.hasRemaining()) {
                final byte next = buffer.get();
                if (next == '\n') {
                    final String complete = line.toString(StandardCharsets.UTF_8);
                    line.reset();
                    return complete;
                }
                line.write(next);
            }
            final long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
            if (leftMs <= 0) {
                return null;
            }
            receive(leftMs);
        }
    }

    private void receive(final long waitMs) throws IOException {
        selector.select(waitMs);
        selector.selectedKeys().clear();
        buffer.clear();
        final int count;
        try {
            count = channel.read(buffer);
        } catch (final IOException e) {
            throw ended(e);
        } finally {
            buffer.flip();
        }
        if (count < 0) {
            throw ended(null);
        }
    }

    private IOException ended(final IOException cause) {
        return new IOException("the virtual machine has ended" + lastWords.get(), cause);
    }
}
