package dev.javelin.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The counters file: /run/javelin/PID-INTERFACE.counters, little endian. It describes itself, so that a reader of
 * another build shows every counter under its right name.
 * <pre>
 *      0 u64 magic "JVLNCNTR"
 *      8 u32 format version
 *     12 u32 number of queues
 *     16 u64 process id of the owner
 *     24 u64 start of that process, in clock ticks since boot: field 22 of /proc/PID/stat
 *     32 u32 bytes of the description
 *     36 description: lines KEY=VALUE, UTF-8; worker, kernel and slow list the labels of the three kinds of block
 *   8192 queue 0: worker's block (512 B), kernel's block (512 B)
 *   9216 queue 1, and so on
 *        slow path's block (512 B)
 * </pre>
 * A block holds u64 counters in the order of its labels; each has a single writer.
 */
final class CountersLayout {
    static final long MAGIC = 0x52544e434e4c564aL;
    static final int VERSION = 1;
    static final int BLOCK_BYTES = 512;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = 8;
    static final int QUEUES_OFFSET = 12;
    static final int PID_OFFSET = 16;
    static final int START_OFFSET = 24;
    static final int DESCRIPTION_LENGTH_OFFSET = 32;
    static final int DESCRIPTION_OFFSET = 36;
    static final int BLOCKS_OFFSET = 8192;

    static final String SUFFIX = ".counters";
    static final Path DIRECTORY = Path.of("/run/javelin");

    /** Among the fields behind the command's name in /proc/PID/stat; proc_pid_stat(5) calls it field 22, starttime. */
    private static final int START_FIELD = 19;

    private CountersLayout() {
    }

    static int workerBlock(final int index) {
        return BLOCKS_OFFSET + 2 * index * BLOCK_BYTES;
    }

    static int kernelBlock(final int index) {
        return workerBlock(index) + BLOCK_BYTES;
    }

    static int slowPathBlock(final int queueCount) {
        return workerBlock(queueCount);
    }

    static int fileBytes(final int queueCount) {
        return slowPathBlock(queueCount) + BLOCK_BYTES;
    }

    /**
     * When a process started, which together with its id names it for good: ids are used again, also after kill -9.
     *
     * @return clock ticks since boot, or -1 if there is no such process
     */
    static long startOf(final long pid) {
        try {
            final String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            final String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            // A zombie counts no more; it only waits for its parent to look.
            return "Z".equals(fields[0]) ? -1 : Long.parseLong(fields[START_FIELD]);
        } catch (final IOException e) {
            return -1;
        }
    }
}
