package dev.javelin.launcher;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The owner's side of the counters file ({@link CountersLayout}). The blocks are handed to the threads that count, each
 * block to one. Closing deletes the file; what a killed process left is deleted by the next start.
 */
final class CountersFile implements AutoCloseable {
    private final Path path;
    private final MappedByteBuffer mapping;
    private final UnsafeBuffer buffer;
    private final int queueCount;

    private CountersFile(final Path path, final MappedByteBuffer mapping, final int queueCount) {
        this.path = path;
        this.mapping = mapping;
        this.buffer = new UnsafeBuffer(mapping);
        this.queueCount = queueCount;
    }

    /**
     * Makes the file of this process.
     *
     * @param directory     where it goes; made if it is not there
     * @param interfaceName part of the file's name
     * @param queueCount    blocks for so many queues
     * @return mapped, all counters 0; readers find it when it is published
     * @throws RunException if the directory cannot be written to
     */
    static CountersFile create(final Path directory, final String interfaceName, final int queueCount) {
        final long pid = ProcessHandle.current().pid();
        final Path path = directory.resolve(pid + "-" + interfaceName + CountersLayout.SUFFIX);
        final Path unfinished = unfinished(path);
        try {
            Files.createDirectories(directory);
            deleteLeftovers(directory);
            final MappedByteBuffer mapping;
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.READ, StandardOpenOption.WRITE,
                StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
                mapping = channel.map(
                    FileChannel.MapMode.READ_WRITE, 0, CountersLayout.fileBytes(queueCount));
            }
            final CountersFile file = new CountersFile(path, mapping, queueCount);
            file.writeHeader(pid);
            return file;
        } catch (final IOException e) {
            throw new RunException("cannot make the counters file in " + directory + " (" + e + "): it needs "
                + "to be writable");
        }
    }

    private static void deleteLeftovers(final Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory, "*" + CountersLayout.SUFFIX + "*")) {
            for (final Path file : files) {
                if (!CountersSnapshot.isOwnerAlive(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static Path unfinished(final Path path) {
        return path.resolveSibling(path.getFileName() + ".new");
    }

    private void writeHeader(final long pid) {
        buffer.putInt(CountersLayout.VERSION_OFFSET, CountersLayout.VERSION, ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(CountersLayout.QUEUES_OFFSET, queueCount, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(CountersLayout.PID_OFFSET, pid, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(CountersLayout.START_OFFSET, CountersLayout.startOf(pid), ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(CountersLayout.MAGIC_OFFSET, CountersLayout.MAGIC, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Lets readers find the file. It gets its name only when it is whole: nobody sees half a header.
     *
     * @param description of the process and the labels
     */
    void publish(final Map<String, String> description) {
        final byte[] text = description.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.UTF_8);
        if (text.length > CountersLayout.BLOCKS_OFFSET - CountersLayout.DESCRIPTION_OFFSET) {
            throw new IllegalArgumentException("description too long: " + text.length + " bytes");
        }
        buffer.putInt(CountersLayout.DESCRIPTION_LENGTH_OFFSET, text.length, ByteOrder.LITTLE_ENDIAN);
        buffer.putBytes(CountersLayout.DESCRIPTION_OFFSET, text);
        try {
            Files.move(unfinished(path), path, StandardCopyOption.ATOMIC_MOVE);
        } catch (final IOException e) {
            throw new RunException("cannot publish " + path + ": " + e);
        }
    }

    /** The labels of a block, as they go into the description. */
    static String labels(final List<String> labels) {
        if (labels.size() > CountersLayout.BLOCK_BYTES / Long.BYTES) {
            throw new IllegalArgumentException("a block has no room for " + labels.size() + " counters");
        }
        return String.join(",", labels);
    }

    /** Written by the worker of the {@code index}-th bound queue. */
    UnsafeBuffer workerBlock(final int index) {
        return block(CountersLayout.workerBlock(index));
    }

    /** Written by the thread that samples the kernel's counters. */
    UnsafeBuffer kernelBlock(final int index) {
        return block(CountersLayout.kernelBlock(index));
    }

    /** Written by the slow path's thread. */
    UnsafeBuffer slowPathBlock() {
        return block(CountersLayout.slowPathBlock(queueCount));
    }

    private UnsafeBuffer block(final int offset) {
        return new UnsafeBuffer(buffer, offset, CountersLayout.BLOCK_BYTES);
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    Path path() {
        return path;
    }

    /** Deletes the file. All threads that count have stopped. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
            Files.deleteIfExists(unfinished(path));
        } catch (final IOException e) {
            throw new RunException("cannot delete " + path + ": " + e.getMessage());
        } finally {
            BufferUtil.free(mapping);
        }
    }
}
