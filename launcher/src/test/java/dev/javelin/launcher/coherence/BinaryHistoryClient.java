package dev.javelin.launcher.coherence;

import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Changes keys by the commands of the binary protocol, quiet ones included: a noop behind each says when it was done.
 */
final class BinaryHistoryClient implements HistoryClient {
    private static final int COMMANDS_PER_FLUSH = 2_000;
    private static final byte[] NO_EXTRAS = {};
    private static final int[] FOR_ALL = {
        BinaryPipeline.SET, BinaryPipeline.ADD, BinaryPipeline.REPLACE, BinaryPipeline.DELETE, BinaryPipeline.GET,
        BinaryPipeline.SETQ, BinaryPipeline.ADDQ, BinaryPipeline.REPLACEQ, BinaryPipeline.DELETEQ, BinaryPipeline.GETQ,
        BinaryPipeline.TOUCH, BinaryPipeline.GAT, BinaryPipeline.GATQ, BinaryPipeline.SET, BinaryPipeline.ADD};

    private record Unique(long cas, long version) {
    }

    private final String name;
    private final BinaryPipeline pipeline;
    private final List<HistoryKey> keys;
    private final Recorder recorder;
    private final Random random;
    private final Map<HistoryKey, Unique> uniques = new HashMap<>();
    private final String[] sources = new String[256];

    BinaryHistoryClient(String name, Socket socket, List<HistoryKey> keys, Recorder recorder, Random random)
        throws IOException {
        this.name = name;
        this.pipeline = new BinaryPipeline(socket);
        this.keys = keys;
        this.recorder = recorder;
        this.random = random;
        for (int i = 0; i < sources.length; i++) {
            sources[i] = name + ": opcode 0x" + Integer.toHexString(i);
        }
    }

    @Override
    public void exchange() throws IOException {
        HistoryKey key = HistoryKey.toChange(keys, random);
        if (random.nextInt(COMMANDS_PER_FLUSH) == 0) {
            int opcode = random.nextBoolean() ? BinaryPipeline.FLUSH : BinaryPipeline.FLUSHQ;
            pipeline.request(opcode, "", NO_EXTRAS, "", 0);
            long invokedNs = System.nanoTime();
            pipeline.ask();
            recorder.goneEverywhere(invokedNs, sources[opcode]);
        } else if (random.nextInt(4) == 0) {
            update(key);
        } else {
            one(FOR_ALL[random.nextInt(FOR_ALL.length)], key);
        }
    }

    private void one(int opcode, HistoryKey key) throws IOException {
        switch (opcode) {
            case BinaryPipeline.DELETE, BinaryPipeline.DELETEQ -> {
                long invokedNs = System.nanoTime();
                ask(opcode, key, NO_EXTRAS, "", 0);
                recorder.gone(key, invokedNs, sources[opcode]);
            }
            case BinaryPipeline.GET, BinaryPipeline.GETQ -> read(opcode, key, NO_EXTRAS);
            case BinaryPipeline.TOUCH, BinaryPipeline.GAT, BinaryPipeline.GATQ ->
                read(opcode, key, BinaryPipeline.exptimeExtras(0));
            default -> store(opcode, key);
        }
    }

    /** A quiet command answers only when it fails, but gets, which answer only when they hit. */
    private BinaryPipeline.Reply ask(int opcode, HistoryKey key, byte[] extras, String value, long cas)
        throws IOException {
        pipeline.request(opcode, key.name(), extras, value, cas);
        return pipeline.ask();
    }

    private void read(int opcode, HistoryKey key, byte[] extras) throws IOException {
        long invokedNs = System.nanoTime();
        BinaryPipeline.Reply reply = ask(opcode, key, extras, "", 0);
        if (reply == null || reply.status() == BinaryPipeline.NOT_FOUND) {
            recorder.gone(key, invokedNs, sources[opcode]);
        } else if (opcode == BinaryPipeline.TOUCH) {
            recorder.learntNothing();
        } else {
            recorder.read(key, reply.text(), invokedNs, sources[opcode]);
            if (reply.body().length > 0) {
                uniques.put(key, new Unique(reply.cas(), recorder.versionOf(key, reply.text(), name)));
            }
        }
    }

    private void store(int opcode, HistoryKey key) throws IOException {
        Unique unique = opcode == BinaryPipeline.ADD || opcode == BinaryPipeline.ADDQ ? null : uniques.remove(key);
        long cas = unique == null ? 0 : unique.cas;
        long parent = unique == null ? Operation.UNKNOWN : unique.version;
        long command = recorder.nextCommand();
        long invokedNs = System.nanoTime();
        BinaryPipeline.Reply reply = ask(opcode, key, BinaryPipeline.storeExtras(0, 0), key.value(command), cas);
        if (reply == null || reply.status() == BinaryPipeline.OK) {
            recorder.wrote(key, key.version(command), parent, invokedNs, sources[opcode]);
        } else if (reply.status() == BinaryPipeline.NOT_FOUND) {
            recorder.gone(key, invokedNs, sources[opcode]);
        } else {
            recorder.learntNothing();
        }
    }

    private void update(HistoryKey key) throws IOException {
        long command = recorder.nextCommand();
        if (key.isNumber()) {
            int opcode = key.kind() == HistoryKey.Kind.INCREMENTED ? BinaryPipeline.INCREMENT
                : BinaryPipeline.DECREMENT;
            int exptime = random.nextBoolean() ? 0 : BinaryPipeline.DO_NOT_CREATE;
            long invokedNs = System.nanoTime();
            BinaryPipeline.Reply reply =
                ask(opcode, key, BinaryPipeline.countExtras(1, key.version(command), exptime), "", 0);
            if (reply.status() == BinaryPipeline.OK) {
                recorder.counted(key, reply.number(), invokedNs, sources[opcode]);
            } else if (reply.status() == BinaryPipeline.NOT_FOUND) {
                recorder.gone(key, invokedNs, sources[opcode]);
            } else {
                recorder.learntNothing();
            }
            return;
        }
        boolean quiet = random.nextBoolean();
        int opcode = key.kind() == HistoryKey.Kind.APPENDED
            ? quiet ? BinaryPipeline.APPENDQ : BinaryPipeline.APPEND
            : quiet ? BinaryPipeline.PREPENDQ : BinaryPipeline.PREPEND;
        long invokedNs = System.nanoTime();
        BinaryPipeline.Reply reply = ask(opcode, key, NO_EXTRAS, key.mark(command), 0);
        if (reply == null || reply.status() == BinaryPipeline.OK) {
            recorder.wrote(key, key.version(command), Operation.UNKNOWN, invokedNs, sources[opcode]);
        } else {
            recorder.learntNothing();
        }
    }

    @Override
    public Recorder recorder() {
        return recorder;
    }

    @Override
    public void close() throws IOException {
        pipeline.close();
    }
}
