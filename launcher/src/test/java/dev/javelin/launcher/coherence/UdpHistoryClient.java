package dev.javelin.launcher.coherence;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Reads keys by GETs over UDP, several on their way at once, and now and then sets one. An answer that does not come is
 * forgotten: a datagram may be lost, and a GET without an answer says nothing.
 */
final class UdpHistoryClient implements HistoryClient {
    private static final int FRAME_HEADER_LENGTH = 8;
    private static final int MAX_DATAGRAM = 2_048;
    private static final long ANSWER_LIMIT_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int REQUESTS_PER_SET = 500;

    private final String name;
    private final List<HistoryKey> keys;
    private final Recorder recorder;
    private final Random random;
    private final DatagramChannel channel;
    private final Selector selector = Selector.open();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_DATAGRAM);
    private final byte[] bytes = new byte[MAX_DATAGRAM];
    private final HistoryKey[] asked;
    private final long[] invokedNs;
    private final long[] commands;
    private int nextRequestId;
    private long lost;

    /** Opens a socket in the namespace of the calling thread. */
    UdpHistoryClient(String name, InetSocketAddress server, List<HistoryKey> keys, Recorder recorder, Random random,
                     int batch) throws IOException {
        this.name = name;
        this.keys = keys;
        this.recorder = recorder;
        this.random = random;
        asked = new HistoryKey[batch];
        invokedNs = new long[batch];
        commands = new long[batch];
        channel = DatagramChannel.open();
        channel.connect(server);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
    }

    @Override
    public void exchange() throws IOException {
        int count = 1 + random.nextInt(asked.length);
        int firstId = nextRequestId;
        for (int i = 0; i < count; i++) {
            send(i);
        }
        int answers = 0;
        long deadlineNs = System.nanoTime() + ANSWER_LIMIT_NS;
        while (answers < count) {
            buffer.clear();
            if (receive() <= 0) {
                long leftNs = deadlineNs - System.nanoTime();
                if (leftNs <= 0) {
                    giveUp(count);
                    return;
                }
                selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(leftNs)));
                selector.selectedKeys().clear();
                continue;
            }
            int request = (buffer.flip().getShort(0) & 0xffff) - firstId & 0xffff;
            // An answer to an earlier batch comes too late.
            if (request < count && asked[request] != null) {
                record(request);
                asked[request] = null;
                answers++;
            }
        }
    }

    /** Where memcached does not run, the kernel says so to whoever sends. */
    private int receive() throws IOException {
        try {
            return channel.read(buffer);
        } catch (PortUnreachableException e) {
            return 0;
        }
    }

    private void giveUp(int count) {
        for (int i = 0; i < count; i++) {
            if (asked[i] != null) {
                lost++;
                if (commands[i] != 0) {
                    recorder.mayStillWrite(asked[i], asked[i].version(commands[i]), invokedNs[i], name + ": set");
                }
            }
        }
    }

    private void send(int index) throws IOException {
        HistoryKey key = keys.get(random.nextInt(keys.size()));
        String text = "get " + key.name() + "\r\n";
        commands[index] = 0;
        if (random.nextInt(REQUESTS_PER_SET) == 0) {
            commands[index] = recorder.nextCommand();
            String value = key.value(commands[index]);
            text = "set " + key.name() + " 0 0 " + value.length() + "\r\n" + value + "\r\n";
        }
        buffer.clear().putShort((short) nextRequestId).putShort((short) 0).putShort((short) 1).putShort((short) 0)
            .put(text.getBytes(StandardCharsets.ISO_8859_1)).flip();
        nextRequestId = nextRequestId + 1 & 0xffff;
        asked[index] = key;
        invokedNs[index] = System.nanoTime();
        try {
            channel.write(buffer);
        } catch (PortUnreachableException e) {
            // Of an earlier request; this one has not been sent, and is forgotten as if it were lost.
            return;
        }
    }

    private void record(int index) {
        int length = buffer.remaining() - FRAME_HEADER_LENGTH;
        boolean isWhole = buffer.getShort(4) == 1;
        buffer.position(FRAME_HEADER_LENGTH).get(bytes, 0, length);
        String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        HistoryKey key = asked[index];
        if (text.equals("STORED\r\n")) {
            recorder.wrote(key, key.version(commands[index]), Operation.UNKNOWN, invokedNs[index], name + ": set");
        } else if (text.equals("END\r\n")) {
            recorder.gone(key, invokedNs[index], name);
        } else if (isWhole) {
            recorder.read(key, value(text, key), invokedNs[index], name);
        }
    }

    private static String value(String text, HistoryKey key) {
        int line = text.indexOf("\r\n");
        String[] words = text.substring(0, Math.max(0, line)).split(" ");
        if (words.length != 4 || !words[0].equals("VALUE") || !words[1].equals(key.name())) {
            throw new IllegalStateException("not an answer for " + key.name() + ": " + text);
        }
        int end = line + 2 + Integer.parseInt(words[3]);
        if (!text.substring(end).equals("\r\nEND\r\n")) {
            throw new IllegalStateException("no end behind the value: " + text);
        }
        return text.substring(line + 2, end);
    }

    /** Returns how many requests stayed without an answer. */
    long lost() {
        return lost;
    }

    @Override
    public Recorder recorder() {
        return recorder;
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
