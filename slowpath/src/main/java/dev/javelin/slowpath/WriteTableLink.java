package dev.javelin.slowpath;

import dev.javelin.fastpath.CurrentWriteTable;
import dev.javelin.fastpath.WriteTable;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Finds the write table of the very process that a connection leads to: asks it over that connection ({@code stats
 * settings}) which file it writes and which instance it is, maps the file, and compares. As long as the connection
 * lasts that process lives, so the table is attached and detached with it.
 *
 * <p>Used by the slow path's thread.
 */
public final class WriteTableLink {
    /** What asks for the answer that {@link #read} reads. */
    static final byte[] REQUEST = "stats settings\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String PATH_LINE = "STAT write_table ";
    private static final String INSTANCE_LINE = "STAT write_table_instance ";
    private static final String END_LINE = "END";

    private final Optional<Path> path;
    private final CurrentWriteTable current = new CurrentWriteTable();
    private String announcedPath;
    private String announcedInstance;

    /**
     * Nothing is attached yet.
     *
     * @param path of the table, where it is mounted elsewhere than memcached says; empty for where memcached says
     */
    public WriteTableLink(Optional<Path> path) {
        this.path = path;
    }

    /** Returns what workers look at. */
    public CurrentWriteTable current() {
        return current;
    }

    boolean isAttached() {
        return current.get() != null;
    }

    void detach() {
        current.set(null);
        announcedPath = null;
        announcedInstance = null;
    }

    /**
     * Reads memcached's answer, and attaches at its end.
     *
     * @param buffer holds what was received, from {@code offset} to {@code limit}.
     * @return bytes consumed, whole lines only; -1 when there is no table to attach.
     */
    int read(DirectBuffer buffer, int offset, int limit) {
        int lineStart = offset;
        for (int i = offset; i < limit && !isAttached(); i++) {
            if (buffer.getByte(i) == '\n') {
                String line = buffer.getStringWithoutLengthAscii(lineStart, i - lineStart).strip();
                lineStart = i + 1;
                if (!readLine(line)) {
                    return -1;
                }
            }
        }
        return lineStart - offset;
    }

    private boolean readLine(String line) {
        if (line.startsWith(PATH_LINE)) {
            announcedPath = line.substring(PATH_LINE.length());
        } else if (line.startsWith(INSTANCE_LINE)) {
            announcedInstance = line.substring(INSTANCE_LINE.length());
        } else if (line.equals(END_LINE)) {
            return attach();
        }
        return line.startsWith("STAT ") || line.isEmpty();
    }

    private boolean attach() {
        if (announcedPath == null || announcedInstance == null) {
            return false;
        }
        try {
            current.set(open(path.orElse(Path.of(announcedPath)), announcedInstance));
            return true;
        } catch (IOException | InvalidPathException notUsable) {
            return false;
        }
    }

    /**
     * Maps a table.
     *
     * @param file     of the table.
     * @param instance of the process that it must belong to, as that process prints it: hexadecimal.
     * @return the table, mapped for as long as it is reachable.
     * @throws IOException saying why it cannot be used.
     */
    public static WriteTable open(Path file, String instance) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new IOException("others than its owner may write it");
            }
            long bytes = Math.min(channel.size(), Integer.MAX_VALUE);
            UnsafeBuffer table = new UnsafeBuffer(
                channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes).order(ByteOrder.nativeOrder()));
            return new WriteTable(table, Long.parseUnsignedLong(instance, 16));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
