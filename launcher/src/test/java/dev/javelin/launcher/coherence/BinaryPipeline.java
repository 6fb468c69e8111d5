package dev.javelin.launcher.coherence;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One connection that speaks memcached's binary protocol. Source: memcached's protocol_binary.h.
 */
final class BinaryPipeline implements AutoCloseable {
    static final int GET = 0x00;
    static final int SET = 0x01;
    static final int ADD = 0x02;
    static final int REPLACE = 0x03;
    static final int DELETE = 0x04;
    static final int INCREMENT = 0x05;
    static final int DECREMENT = 0x06;
    static final int FLUSH = 0x08;
    static final int GETQ = 0x09;
    static final int NOOP = 0x0a;
    static final int APPEND = 0x0e;
    static final int PREPEND = 0x0f;
    static final int SETQ = 0x11;
    static final int ADDQ = 0x12;
    static final int REPLACEQ = 0x13;
    static final int DELETEQ = 0x14;
    static final int INCREMENTQ = 0x15;
    static final int DECREMENTQ = 0x16;
    static final int FLUSHQ = 0x18;
    static final int APPENDQ = 0x19;
    static final int PREPENDQ = 0x1a;
    static final int TOUCH = 0x1c;
    static final int GAT = 0x1d;
    static final int GATQ = 0x1e;
    static final int GATK = 0x23;
    static final int GATKQ = 0x24;

    static final int OK = 0;
    static final int NOT_FOUND = 1;
    /** An increment of what does not exist fails with this expiration instead of creating it. */
    static final int DO_NOT_CREATE = -1;

    private static final int HEADER_LENGTH = 24;

    /**
     * A reply.
     *
     * @param opcode of the request that it answers.
     * @param status {@link #OK} or what went wrong.
     * @param cas    of the item.
     * @param body   without extras and key.
     */
    record Reply(int opcode, int status, long cas, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.ISO_8859_1);
        }

        /** Returns the number that an increment has made. */
        long number() {
            return ByteBuffer.wrap(body).getLong();
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final ByteArrayOutputStream requests = new ByteArrayOutputStream();

    BinaryPipeline(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 65_536));
    }

    /** Returns the extras of set, add and replace. */
    static byte[] storeExtras(int flags, int exptime) {
        return ByteBuffer.allocate(8).putInt(flags).putInt(exptime).array();
    }

    /** Returns the extras of increment and decrement. */
    static byte[] countExtras(long delta, long initial, int exptime) {
        return ByteBuffer.allocate(20).putLong(delta).putLong(initial).putInt(exptime).array();
    }

    /** Returns the extras of touch, gat and flush. */
    static byte[] exptimeExtras(int exptime) {
        return ByteBuffer.allocate(4).putInt(exptime).array();
    }

    /** Returns a request as it goes over the wire. */
    static byte[] encode(int opcode, String key, byte[] extras, String value, long cas) {
        byte[] keyBytes = key.getBytes(StandardCharsets.ISO_8859_1);
        byte[] valueBytes = value.getBytes(StandardCharsets.ISO_8859_1);
        int bodyLength = extras.length + keyBytes.length + valueBytes.length;
        return ByteBuffer.allocate(HEADER_LENGTH + bodyLength)
            .put((byte) 0x80).put((byte) opcode).putShort((short) keyBytes.length)
            .put((byte) extras.length).put((byte) 0).putShort((short) 0)
            .putInt(bodyLength).putInt(opcode).putLong(cas)
            .put(extras).put(keyBytes).put(valueBytes).array();
    }

    void request(int opcode, String key, byte[] extras, String value, long cas) {
        requests.writeBytes(encode(opcode, key, extras, value, cas));
    }

    /** Sends all requests that were added. */
    void send() throws IOException {
        socket.getOutputStream().write(requests.toByteArray());
        requests.reset();
    }

    Reply reply() throws IOException {
        byte[] header = new byte[HEADER_LENGTH];
        in.readFully(header);
        ByteBuffer fields = ByteBuffer.wrap(header);
        byte[] body = new byte[fields.getInt(8)];
        in.readFully(body);
        int skipped = fields.getShort(2) + fields.get(4);
        byte[] value = Arrays.copyOfRange(body, skipped, body.length);
        return new Reply(fields.get(1), fields.getShort(6), fields.getLong(16), value);
    }

    /**
     * Sends what was added and a noop, and returns the last reply that came before that one's: null if a quiet command
     * had nothing to say.
     */
    Reply ask() throws IOException {
        request(NOOP, "", new byte[0], "", 0);
        send();
        Reply last = null;
        for (Reply next = reply(); next.opcode() != NOOP; next = reply()) {
            last = next;
        }
        return last;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
