package dev.javelin.launcher.coherence;

import static dev.javelin.launcher.coherence.Change.UNCHANGED;
import static dev.javelin.launcher.coherence.Change.binary;
import static dev.javelin.launcher.coherence.Change.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.javelin.launcher.ProcessResult;

/**
 * Every command of memcached that may change an item, each in the forms that take another path through its source.
 */
final class Changes {
    /** More than a memcached with {@link #itemLimit} takes, and little enough for one record of TLS. */
    private static final int TOO_LARGE = 9_000;
    static final String TOMBSTONE_PROBE = "md nobody x";
    /** In January 1970: what is more than thirty days is a time of day. */
    private static final int AT_ONCE = 60 * 60 * 24 * 30 + 1;
    private static final String LARGE = "x".repeat(TOO_LARGE);

    private Changes() {
    }

    /**
     * Options for items of at most 8 KiB. They stand in chunks of at most that, which 1.6.18 wants to be told in bytes
     * and later releases, which refuse 8,192 of them, in KiB.
     *
     * @param memcached the program.
     */
    static List<String> itemLimit(Path memcached) {
        boolean inBytes = ProcessResult.of(memcached.toString(), "-o", "slab_chunk_max=8192", "-V").exitCode() == 0;
        return List.of("-I", "8k", "-o", "slab_chunk_max=" + (inBytes ? 8_192 : 8));
    }

    /**
     * All of them.
     *
     * @param answer of this memcached to {@link #TOMBSTONE_PROBE}: 1.6.18 does not know {@code md} with {@code x}.
     */
    static List<Change> all(String answer) {
        List<Change> all = new ArrayList<>();
        if (!answer.startsWith("CLIENT_ERROR")) {
            all.addAll(tombstones());
        }
        all.addAll(stores());
        all.addAll(updates());
        all.addAll(meta());
        all.addAll(metaMarks());
        all.addAll(binaryStores());
        all.addAll(binaryUpdates());
        all.addAll(flushes());
        return all;
    }

    private static List<Change> stores() {
        return List.of(
            text("set KEY 5 0 3\nnew", "new/5"),
            text("set KEY 5 0 3 noreply\nnew", "new/5"),
            text("set KEY 5 0 0\n", "/5"),
            text("set KEY 5 100 3\nnew", "new/5"),
            text("set KEY 5 -1 3\nnew", null),
            text("set KEY 5 " + AT_ONCE + " 3\nnew", null),
            text("set KEY 0 0 " + TOO_LARGE + "\n" + LARGE, null),
            text("set KEY 0 0 " + TOO_LARGE + " noreply\n" + LARGE, null),
            text("set KEY 0 0 -1\nmn", UNCHANGED).named("set of a negative length"),
            text("add KEY 5 0 3\nnew", UNCHANGED),
            text("delete KEY\nadd KEY 5 0 3\nnew", "new/5").named("delete and add at once"),
            text("replace KEY 5 0 3\nnew", "new/5"),
            text("replace KEY 5 0 3 noreply\nnew", "new/5"),
            text("append KEY 5 0 3\nnew", "1000new/7"),
            text("append KEY 5 0 3 noreply\nnew", "1000new/7"),
            text("prepend KEY 5 0 3\nnew", "new1000/7"),
            text("cas KEY 5 0 3 CAS\nnew", "new/5"),
            text("cas KEY 5 0 3 CAS noreply\nnew", "new/5"),
            text("cas KEY 5 0 3 1\nnew", UNCHANGED).named("cas that is too late"));
    }

    private static List<Change> updates() {
        return List.of(
            text("incr KEY 1", "1001/7"),
            text("incr KEY 1 noreply", "1001/7"),
            text("incr KEY 9000", "10000/7").named("incr to one more digit"),
            text("decr KEY 1", "999 /7"),
            text("decr KEY 5000 noreply", "0   /7"),
            text("delete KEY", null),
            text("delete KEY noreply", null),
            text("touch KEY -1", null),
            text("touch KEY -1 noreply", null),
            text("touch KEY 100", UNCHANGED),
            text("gat -1 KEY", null),
            text("gats -1 KEY", null),
            text("gat 100 KEY", UNCHANGED),
            text("gats 100 KEY", UNCHANGED));
    }

    private static List<Change> meta() {
        return List.of(
            text("ms KEY 3 F5\nnew", "new/5"),
            text("ms KEY 3 F5 q\nnew", "new/5"),
            text("ms KEY 3 F5 MS\nnew", "new/5"),
            text("ms KEY 3 F5 ME\nnew", UNCHANGED),
            text("ms KEY 3 F5 MR\nnew", "new/5"),
            text("ms KEY 3 F5 MA\nnew", "1000new/7"),
            text("ms KEY 3 F5 MP\nnew", "new1000/7"),
            text("ms KEY 3 F5 CCAS\nnew", "new/5"),
            text("ms KEY 3 F5 C1\nnew", UNCHANGED),
            text("ms KEY 3 F5 T-1\nnew", null),
            text("ms KEY 3 F5 T100\nnew", "new/5"),
            text("ms KEY " + TOO_LARGE + "\n" + LARGE, null),
            text("ma KEY", "1001/7"),
            text("ma KEY q", "1001/7"),
            text("ma KEY MD D900 v", "100 /7"),
            text("ma KEY CCAS", "1001/7"),
            text("ma KEY C1", UNCHANGED),
            text("ma KEY T-1 v", null),
            text("ma KEY N0 J5", "1001/7"),
            text("ma KEY N100 T100", "1001/7"),
            text("md KEY\nma KEY N0 J5", "5/0").named("md and ma N J at once"));
    }

    private static List<Change> metaMarks() {
        return List.of(
            text("md KEY", null),
            text("md KEY q", null),
            text("md KEY CCAS", null),
            text("md KEY C1", UNCHANGED),
            text("md KEY I", UNCHANGED).notCached(),
            text("md KEY I T100", UNCHANGED).notCached(),
            text("md KEY I T-1", null),
            text("md KEY I q", UNCHANGED).notCached(),
            text("ms KEY 3 F5 I C1\nnew", "new/5").notCached(),
            text("mg KEY T-1", null),
            text("mg KEY v T100", UNCHANGED),
            text("mg KEY v N100", UNCHANGED),
            text("mg KEY v R100", UNCHANGED),
            text("mg KEY v E77", UNCHANGED),
            text("md KEY\nmg KEY v N100", "/0").named("md and mg N at once").notCached(),
            text("md KEY I\nms KEY 3 F5\nnew", "new/5").named("md I and ms at once"));
    }

    /** An empty item takes the place of the one that was there. */
    private static List<Change> tombstones() {
        return List.of(
            text("md KEY x", "/0"),
            text("md KEY x q", "/0"),
            text("md KEY x F9 T100", "/9"),
            text("md KEY x T-1", null),
            text("md KEY x CCAS", "/0"),
            text("md KEY x C1", UNCHANGED),
            text("md KEY x I", "/0").notCached(),
            text("md KEY x I T-1", null));
    }

    private static List<Change> binaryStores() {
        byte[] extras = BinaryPipeline.storeExtras(5, 0);
        byte[] none = {};
        return List.of(
            binary("set", BinaryPipeline.SET, extras, "new", false, "new/5"),
            binary("set with CAS", BinaryPipeline.SET, extras, "new", true, "new/5"),
            binary("set that ends at once", BinaryPipeline.SET, BinaryPipeline.storeExtras(5, AT_ONCE), "new", false,
                null),
            binary("set too large", BinaryPipeline.SET, extras, LARGE, false, null),
            binary("setq", BinaryPipeline.SETQ, extras, "new", false, "new/5"),
            binary("setq too large", BinaryPipeline.SETQ, extras, LARGE, false, null),
            binary("add", BinaryPipeline.ADD, extras, "new", false, UNCHANGED),
            binary("addq", BinaryPipeline.ADDQ, extras, "new", false, UNCHANGED),
            binary("replace", BinaryPipeline.REPLACE, extras, "new", false, "new/5"),
            binary("replaceq", BinaryPipeline.REPLACEQ, extras, "new", false, "new/5"),
            binary("append", BinaryPipeline.APPEND, none, "new", false, "1000new/7"),
            binary("appendq", BinaryPipeline.APPENDQ, none, "new", false, "1000new/7"),
            binary("prepend", BinaryPipeline.PREPEND, none, "new", false, "new1000/7"),
            binary("prependq", BinaryPipeline.PREPENDQ, none, "new", false, "new1000/7"));
    }

    private static List<Change> binaryUpdates() {
        byte[] none = {};
        byte[] one = BinaryPipeline.countExtras(1, 5, 0);
        byte[] atOnce = BinaryPipeline.exptimeExtras(AT_ONCE);
        byte[] later = BinaryPipeline.exptimeExtras(100);
        return List.of(
            binary("increment", BinaryPipeline.INCREMENT, one, "", false, "1001/7"),
            binary("incrementq", BinaryPipeline.INCREMENTQ, one, "", false, "1001/7"),
            binary("increment with CAS", BinaryPipeline.INCREMENT, one, "", true, "1001/7"),
            binary("decrement", BinaryPipeline.DECREMENT, one, "", false, "999 /7"),
            binary("decrementq", BinaryPipeline.DECREMENTQ, one, "", false, "999 /7"),
            binary("delete", BinaryPipeline.DELETE, none, "", false, null),
            binary("deleteq", BinaryPipeline.DELETEQ, none, "", false, null),
            binary("delete with CAS", BinaryPipeline.DELETE, none, "", true, null),
            binary("touch that ends at once", BinaryPipeline.TOUCH, atOnce, "", false, null),
            binary("touch", BinaryPipeline.TOUCH, later, "", false, UNCHANGED),
            binary("gat that ends at once", BinaryPipeline.GAT, atOnce, "", false, null),
            binary("gatq that ends at once", BinaryPipeline.GATQ, atOnce, "", false, null),
            binary("gatk that ends at once", BinaryPipeline.GATK, atOnce, "", false, null),
            binary("gatkq that ends at once", BinaryPipeline.GATKQ, atOnce, "", false, null),
            binary("gat", BinaryPipeline.GAT, later, "", false, UNCHANGED));
    }

    private static List<Change> flushes() {
        byte[] none = {};
        return List.of(
            text("flush_all", null),
            text("flush_all 0", null),
            text("flush_all noreply", null),
            text("flush_all -1", null),
            binary("flush", BinaryPipeline.FLUSH, none, "", false, null),
            binary("flushq", BinaryPipeline.FLUSHQ, none, "", false, null),
            binary("flush 0", BinaryPipeline.FLUSH, BinaryPipeline.exptimeExtras(0), "", false, null));
    }
}
