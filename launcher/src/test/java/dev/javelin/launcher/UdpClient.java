package dev.javelin.launcher;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A memcached client over UDP that hides nothing: it sends the bytes it is given and returns every datagram that comes
 * back, frame headers included. Source: memcached's doc/protocol.txt, "UDP protocol".
 */
final class UdpClient implements AutoCloseable {
    static final int FRAME_HEADER_LENGTH = 8;
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(3);
    /** How long to listen for one datagram too many. */
    private static final long QUIET_NS = TimeUnit.MILLISECONDS.toNanos(15);
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(150);

    private final DatagramChannel channel;
    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(65_536);
    private int requestId;

    /** Opens a socket in the namespace of the calling thread. */
    UdpClient(InetSocketAddress server) throws IOException {
        channel = DatagramChannel.open();
        channel.connect(server);
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
    }

    /** The frame header of a request of one datagram, followed by the text. */
    byte[] request(String text) {
        requestId = requestId + 1 & 0xffff;
        return datagram(requestId, 0, 1, 0, text);
    }

    static byte[] datagram(int requestId, int sequence, int datagrams, int reserved, String text) {
        ByteBuffer bytes = ByteBuffer.allocate(FRAME_HEADER_LENGTH + text.length());
        bytes.putShort((short) requestId).putShort((short) sequence).putShort((short) datagrams)
            .putShort((short) reserved).put(text.getBytes(StandardCharsets.ISO_8859_1));
        return bytes.array();
    }

    /** Sends a request and returns the text of the whole answer, or an empty text when there is none in time. */
    String ask(String text) throws IOException {
        return text(exchange(request(text), TIMEOUT_NS));
    }

    /** Sends a datagram; returns what comes back until the answer is whole and nothing follows it. */
    List<byte[]> exchange(byte[] datagram) throws IOException {
        return exchange(datagram, TIMEOUT_NS);
    }

    /** Sends a datagram to which no answer is expected; returns what comes back all the same. */
    List<byte[]> expectSilence(byte[] datagram) throws IOException {
        return exchange(datagram, SILENCE_NS);
    }

    private List<byte[]> exchange(byte[] datagram, long timeoutNs) throws IOException {
        channel.write(ByteBuffer.wrap(datagram));
        List<byte[]> answer = new ArrayList<>();
        long deadlineNs = System.nanoTime() + timeoutNs;
        boolean whole = false;
        while (System.nanoTime() - deadlineNs < 0) {
            buffer.clear();
            int length = channel.read(buffer);
            if (length <= 0) {
                long waitMs = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime()));
                selector.select(waitMs);
                selector.selectedKeys().clear();
                continue;
            }
            byte[] bytes = new byte[length];
            buffer.flip().get(bytes);
            answer.add(bytes);
            if (!whole && isWhole(answer)) {
                whole = true;
                deadlineNs = System.nanoTime() + QUIET_NS;
            }
        }
        return answer;
    }

    private static boolean isWhole(List<byte[]> answer) {
        String text = text(answer);
        return text.endsWith("END\r\n") || !text.startsWith("VALUE") && text.endsWith("\r\n")
            || !text.isEmpty() && text.charAt(0) == 0x81;
    }

    /** Returns the answer's text, the frame headers taken off. */
    static String text(List<byte[]> answer) {
        StringBuilder text = new StringBuilder();
        for (byte[] bytes : answer) {
            text.append(new String(bytes, FRAME_HEADER_LENGTH, Math.max(0, bytes.length - FRAME_HEADER_LENGTH),
                StandardCharsets.ISO_8859_1));
        }
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
