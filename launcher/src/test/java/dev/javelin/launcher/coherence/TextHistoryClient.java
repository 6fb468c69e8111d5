package dev.javelin.launcher.coherence;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Changes and reads keys by the commands of the text and the meta protocol.
 */
final class TextHistoryClient implements HistoryClient {
    /** A flush empties everything, so it has to be rare. */
    private static final int COMMANDS_PER_FLUSH = 4_000;

    private record Unique(String cas, long version) {
    }

    private final String name;
    private final TextPipeline pipeline;
    private final Recorder recorder;
    private final List<HistoryKey> keys;
    private final Random random;
    private final int batch;
    private final Map<String, String> sources = new HashMap<>();
    private final Map<HistoryKey, Unique> uniques = new HashMap<>();
    private final List<Consumer<HistoryKey>> changes = new ArrayList<>();
    private final List<Consumer<HistoryKey>> reads;
    private final int readsInHundred;

    /**
     * Creates a client.
     *
     * @param name           for messages.
     * @param socket         to memcached.
     * @param keys           of the history.
     * @param recorder       of this client.
     * @param random         chooses keys and commands.
     * @param batch          most requests in one send.
     * @param readsInHundred how many of a hundred requests change nothing.
     */
    TextHistoryClient(String name, Socket socket, List<HistoryKey> keys, Recorder recorder, Random random, int batch,
                      int readsInHundred) throws IOException {
        this.name = name;
        this.pipeline = new TextPipeline(socket);
        this.keys = keys;
        this.recorder = recorder;
        this.random = random;
        this.batch = batch;
        this.readsInHundred = readsInHundred;
        reads = List.of(key -> get("get " + key.name(), key), key -> get("gets " + key.name(), key),
            key -> metaGet("mg " + key.name() + " v", key), key -> get("gat 0 " + key.name(), key));
        addStores();
        addUpdates();
        addMetaCommands();
    }

    private void addStores() {
        changes.add(key -> store("set", key));
        changes.add(key -> store("set", key));
        changes.add(key -> store("add", key));
        changes.add(key -> store("add", key));
        changes.add(key -> store("replace", key));
        changes.add(this::setWithoutReply);
        changes.add(this::cas);
        changes.add(this::cas);
        for (String mode : List.of("S", "S", "E", "E", "R")) {
            changes.add(key -> metaStore(mode, key));
        }
        changes.add(this::metaSetWithoutReply);
    }

    private void addUpdates() {
        changes.add(this::update);
        changes.add(this::update);
        changes.add(this::metaUpdate);
        changes.add(this::metaUpdate);
        changes.add(key -> remove("delete " + key.name(), "DELETED", key));
        changes.add(key -> quietly("delete " + key.name() + " noreply", "delete noreply", key));
        changes.add(key -> touch("touch " + key.name() + " 0", false, key));
        changes.add(key -> touch("touch " + key.name() + " -1", true, key));
        changes.add(key -> get("gats 0 " + key.name(), key));
        changes.add(key -> getAndGo("gat -1 " + key.name(), key));
    }

    private void addMetaCommands() {
        changes.add(key -> remove("md " + key.name(), "HD", key));
        changes.add(key -> quietly("md " + key.name() + " q", "md q", key));
        changes.add(key -> remove("md " + key.name() + " I T-1", "HD", key));
        changes.add(key -> touch("md " + key.name() + " I", false, key));
        changes.add(key -> touch("md " + key.name() + " I T60", false, key));
        changes.add(key -> metaGet("mg " + key.name() + " v T0", key));
        changes.add(key -> metaGet("mg " + key.name() + " v N0", key));
        changes.add(key -> metaGet("mg " + key.name() + " v R30", key));
    }

    @Override
    public void exchange() throws IOException {
        int count = 1 + random.nextInt(batch);
        for (int i = 0; i < count; i++) {
            HistoryKey key = HistoryKey.toChange(keys, random);
            if (random.nextInt(100) < readsInHundred) {
                reads.get(random.nextInt(reads.size())).accept(key);
            } else if (random.nextInt(COMMANDS_PER_FLUSH) == 0) {
                pipeline.request("flush_all", invokedNs -> {
                    expect("OK", pipeline.line());
                    recorder.goneEverywhere(invokedNs, source("flush_all"));
                });
            } else {
                changes.get(random.nextInt(changes.size())).accept(key);
            }
        }
        pipeline.exchange();
    }

    private void store(String verb, HistoryKey key) {
        long command = recorder.nextCommand();
        String value = key.value(command);
        pipeline.request(verb + " " + key.name() + " 0 0 " + value.length() + "\r\n" + value, invokedNs ->
            stored(pipeline.line(), "STORED", verb, key, key.version(command), Operation.UNKNOWN, invokedNs));
    }

    private void metaStore(String mode, HistoryKey key) {
        long command = recorder.nextCommand();
        String value = key.value(command);
        String verb = "ms M" + mode;
        pipeline.request("ms " + key.name() + " " + value.length() + " T0 M" + mode + "\r\n" + value, invokedNs ->
            stored(pipeline.line(), "HD", verb, key, key.version(command), Operation.UNKNOWN, invokedNs));
    }

    private void stored(String line, String success, String verb, HistoryKey key, long version, long parent,
                        long invokedNs) {
        if (line.equals(success)) {
            recorder.wrote(key, version, parent, invokedNs, source(verb));
        } else if (line.equals("NOT_FOUND") || line.equals("NF")) {
            recorder.gone(key, invokedNs, source(verb));
        } else {
            expect(success.equals("HD") ? "NS|EX" : "NOT_STORED|EXISTS", line);
            recorder.learntNothing();
        }
    }

    private void setWithoutReply(HistoryKey key) {
        long command = recorder.nextCommand();
        String value = key.value(command);
        pipeline.request("set " + key.name() + " 0 0 " + value.length() + " noreply\r\n" + value + "\r\nmn",
            invokedNs -> {
                expect("MN", pipeline.line());
                recorder.wrote(key, key.version(command), Operation.UNKNOWN, invokedNs, source("set noreply"));
            });
    }

    private void metaSetWithoutReply(HistoryKey key) {
        long command = recorder.nextCommand();
        String value = key.value(command);
        pipeline.request("ms " + key.name() + " " + value.length() + " q ME\r\n" + value + "\r\nmn", invokedNs -> {
            String line = pipeline.line();
            if (line.equals("MN")) {
                recorder.wrote(key, key.version(command), Operation.UNKNOWN, invokedNs, source("ms q"));
            } else {
                expect("NS", line);
                expect("MN", pipeline.line());
                recorder.learntNothing();
            }
        });
    }

    private void cas(HistoryKey key) {
        Unique unique = uniques.remove(key);
        if (unique == null) {
            get("gets " + key.name(), key);
            return;
        }
        long command = recorder.nextCommand();
        String value = key.value(command);
        boolean meta = random.nextBoolean();
        String request = meta ? "ms " + key.name() + " " + value.length() + " C" + unique.cas
            : "cas " + key.name() + " 0 0 " + value.length() + " " + unique.cas;
        pipeline.request(request + "\r\n" + value, invokedNs -> stored(pipeline.line(), meta ? "HD" : "STORED",
            meta ? "ms C" : "cas", key, key.version(command), unique.version, invokedNs));
    }

    /** Appends, prepends, increments or decrements. */
    private void update(HistoryKey key) {
        if (key.isNumber()) {
            String verb = key.kind() == HistoryKey.Kind.INCREMENTED ? "incr" : "decr";
            pipeline.request(verb + " " + key.name() + " 1", invokedNs ->
                counted(pipeline.line(), verb, key, invokedNs));
            return;
        }
        String verb = key.kind() == HistoryKey.Kind.APPENDED ? "append" : "prepend";
        long command = recorder.nextCommand();
        String mark = key.mark(command);
        if (random.nextInt(4) > 0) {
            pipeline.request(verb + " " + key.name() + " 0 0 " + mark.length() + "\r\n" + mark, invokedNs ->
                stored(pipeline.line(), "STORED", verb, key, key.version(command), Operation.UNKNOWN, invokedNs));
            return;
        }
        pipeline.request(verb + " " + key.name() + " 0 0 " + mark.length() + " noreply\r\n" + mark + "\r\nmn",
            invokedNs -> {
                expect("MN", pipeline.line());
                recorder.mayHaveWritten(key, key.version(command), invokedNs, source(verb + " noreply"));
            });
    }

    private void metaUpdate(HistoryKey key) {
        long command = recorder.nextCommand();
        if (key.isNumber()) {
            String mode = key.kind() == HistoryKey.Kind.INCREMENTED ? " MI" : " MD";
            String create = random.nextBoolean() ? " N0 J" + key.value(command) : "";
            pipeline.request("ma " + key.name() + " v" + mode + create, invokedNs -> {
                String line = pipeline.line();
                counted(line.startsWith("VA ") ? pipeline.data(length(line, 1)) : line, "ma", key, invokedNs);
            });
            return;
        }
        String mode = key.kind() == HistoryKey.Kind.APPENDED ? "A" : "P";
        String mark = key.mark(command);
        pipeline.request("ms " + key.name() + " " + mark.length() + " M" + mode + "\r\n" + mark, invokedNs ->
            stored(pipeline.line(), "HD", "ms M" + mode, key, key.version(command), Operation.UNKNOWN, invokedNs));
    }

    private void counted(String line, String verb, HistoryKey key, long invokedNs) {
        if (line.equals("NOT_FOUND") || line.equals("NF")) {
            recorder.gone(key, invokedNs, source(verb));
        } else if (line.startsWith("CLIENT_ERROR cannot increment") || line.equals("NS")) {
            // The placeholder of mg N is no number.
            recorder.learntNothing();
        } else {
            recorder.counted(key, Long.parseLong(line.strip()), invokedNs, source(verb));
        }
    }

    private void remove(String request, String success, HistoryKey key) {
        pipeline.request(request, invokedNs -> {
            expect(success + "|NOT_FOUND|NF", pipeline.line());
            recorder.gone(key, invokedNs, source(request.substring(0, request.indexOf(' '))));
        });
    }

    private void quietly(String request, String verb, HistoryKey key) {
        pipeline.request(request + "\r\nmn", invokedNs -> {
            String line = pipeline.line();
            if (!line.equals("MN")) {
                expect("NF", line);
                expect("MN", pipeline.line());
            }
            recorder.gone(key, invokedNs, source(verb));
        });
    }

    private void touch(String request, boolean ends, HistoryKey key) {
        pipeline.request(request, invokedNs -> {
            String line = pipeline.line();
            expect("TOUCHED|NOT_FOUND|HD|NF", line);
            if (ends || line.startsWith("N")) {
                recorder.gone(key, invokedNs, source(request.substring(0, request.indexOf(' '))));
            } else {
                recorder.learntNothing();
            }
        });
    }

    private void get(String request, HistoryKey key) {
        pipeline.request(request, invokedNs -> readValue(request, key, invokedNs));
    }

    private void getAndGo(String request, HistoryKey key) {
        pipeline.request(request, invokedNs -> {
            readValue(request, key, invokedNs);
            recorder.gone(key, invokedNs, source("gat -1"));
        });
    }

    private void readValue(String request, HistoryKey key, long invokedNs) throws IOException {
        String source = source(request.substring(0, request.indexOf(' ')));
        String line = pipeline.line();
        if (line.equals("END")) {
            recorder.gone(key, invokedNs, source);
            return;
        }
        String value = pipeline.data(length(line, 3));
        expect("END", pipeline.line());
        recorder.read(key, value, invokedNs, source);
        String[] words = line.split(" ");
        if (words.length > 4 && !value.isEmpty()) {
            uniques.put(key, new Unique(words[4], recorder.versionOf(key, value, source)));
        }
    }

    private void metaGet(String request, HistoryKey key) {
        pipeline.request(request, invokedNs -> {
            String line = pipeline.line();
            if (line.equals("EN")) {
                recorder.gone(key, invokedNs, source("mg"));
            } else {
                recorder.read(key, pipeline.data(length(line, 1)), invokedNs, source("mg"));
            }
        });
    }

    private static int length(String line, int word) {
        return Integer.parseInt(line.split(" ")[word]);
    }

    private void expect(String pattern, String line) {
        if (!line.matches(pattern)) {
            throw new IllegalStateException(name + " expected " + pattern + " and got: " + line);
        }
    }

    private String source(String verb) {
        return sources.computeIfAbsent(verb, key -> name + ": " + key);
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
