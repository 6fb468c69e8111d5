package dev.javelin.launcher.coherence;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * GETs over UDP, many on their way at once. The place of a key in its list is the request's id.
 */
final class UdpBatch implements AutoCloseable {
    /** Stands for an answer that has not come. */
    static final String LOST = "no answer";
    private static final int FRAME_HEADER_LENGTH = 8;
    private static final long TIMEOUT_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int ATTEMPTS = 10;
    /** More would overrun the receive buffer of a socket. */
    private static final int MOST_AT_ONCE = 64;

    private final DatagramChannel channel = DatagramChannel.open();
    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(2_048);
    private int epoch;
    private String[] answers;
    private int waiting;

    /** Opens a socket in the namespace of the calling thread. */
    UdpBatch(InetSocketAddress server) throws IOException {
        channel.connect(server);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
    }

    static UdpBatch inClient(CoherenceBed bed, String address) throws IOException {
        try (var _ = bed.testBed().enterClient()) {
            return new UdpBatch(new InetSocketAddress(address, CoherenceBed.PORT));
        }
    }

    /** Begins a batch: answers to earlier ones are ignored from now on. */
    void begin(int size) {
        epoch = epoch + 1 & 0x3f;
        answers = new String[size];
        waiting = 0;
    }

    /** Sends the GET of one key of the batch. */
    void send(int index, String key) throws IOException {
        buffer.clear();
        buffer.putShort((short) (epoch << 10 | index)).putShort((short) 0).putShort((short) 1).putShort((short) 0)
            .put(("get " + key + "\r\n").getBytes(StandardCharsets.ISO_8859_1)).flip();
        channel.write(buffer);
        waiting++;
    }

    /** Waits for the answers; returns values (null after a miss), and {@link #LOST} where none came in time. */
    String[] answers() throws IOException {
        long deadlineNs = System.nanoTime() + TIMEOUT_NS;
        while (waiting > 0) {
            buffer.clear();
            if (channel.read(buffer) > 0) {
                receive();
                continue;
            }
            long leftNs = deadlineNs - System.nanoTime();
            if (leftNs <= 0) {
                break;
            }
            selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNs)));
            selector.selectedKeys().clear();
        }
        String[] values = new String[answers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = answers[i] == null ? LOST : value(answers[i]);
        }
        return values;
    }

    private void receive() {
        buffer.flip();
        int id = buffer.getShort(0) & 0xffff;
        int index = id & 0x3ff;
        if (id >>> 10 == epoch && index < answers.length && answers[index] == null) {
            byte[] bytes = new byte[buffer.remaining() - FRAME_HEADER_LENGTH];
            buffer.position(FRAME_HEADER_LENGTH).get(bytes);
            answers[index] = new String(bytes, StandardCharsets.ISO_8859_1);
            waiting--;
        }
    }

    private static String value(String answer) {
        if (answer.equals("END\r\n")) {
            return null;
        }
        if (!answer.startsWith("VALUE ") || !answer.endsWith("\r\nEND\r\n")) {
            throw new IllegalStateException("neither value nor miss: " + answer);
        }
        return answer.substring(answer.indexOf('\n') + 1, answer.length() - "\r\nEND\r\n".length());
    }

    /** Asks for all keys, again where an answer was lost. */
    String[] get(List<String> keys) throws IOException {
        String[] values = new String[keys.size()];
        Arrays.fill(values, LOST);
        for (int attempt = 0; attempt < ATTEMPTS && Arrays.asList(values).contains(LOST); attempt++) {
            for (int start = 0; start < values.length; start += MOST_AT_ONCE) {
                int count = Math.min(MOST_AT_ONCE, values.length - start);
                begin(count);
                for (int i = 0; i < count; i++) {
                    send(i, keys.get(start + i));
                }
                System.arraycopy(answers(), 0, values, start, count);
            }
        }
        if (Arrays.asList(values).contains(LOST)) {
            throw new IOException("no answer after " + ATTEMPTS + " attempts");
        }
        return values;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
