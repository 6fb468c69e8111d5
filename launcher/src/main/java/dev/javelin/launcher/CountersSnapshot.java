package dev.javelin.launcher;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.agrona.concurrent.UnsafeBuffer;

/**
 * A reader's copy of a counters file ({@link CountersLayout}), taken from another process. Each counter is right at
 * some moment while it was copied; they are not all of the same moment.
 *
 * @param pid         of the owner
 * @param description of the process
 * @param queues      per bound queue: worker's and kernel's counters by label
 * @param slowPath    the slow path's counters by label
 */
record CountersSnapshot(
    long pid, Map<String, String> description, List<Map<String, Long>> queues, Map<String, Long> slowPath) {
    /** Copies of the files of all living processes, oldest process id first. */
    static List<CountersSnapshot> all(final Path directory) {
        final List<CountersSnapshot> snapshots = new ArrayList<>();
        try (var files = Files.newDirectoryStream(directory, "*" + CountersLayout.SUFFIX)) {
            for (final Path file : files) {
                if (isOwnerAlive(file)) {
                    snapshots.add(read(file));
                }
            }
        } catch (final NoSuchFileException e) {
            // No process has ever run, or one has ended since the directory was listed.
        } catch (final IOException e) {
            throw new RunException("cannot read " + directory + ": " + e);
        }
        snapshots.sort((a, b) -> Long.compare(a.pid, b.pid));
        return snapshots;
    }

    /** False also for a file that is no counters file of this version. */
    static boolean isOwnerAlive(final Path file) {
        try {
            final UnsafeBuffer buffer = new UnsafeBuffer(Files.readAllBytes(file));
            return isWhole(buffer)
                && CountersLayout.startOf(buffer.getLong(CountersLayout.PID_OFFSET, ByteOrder.LITTLE_ENDIAN))
                == buffer.getLong(CountersLayout.START_OFFSET, ByteOrder.LITTLE_ENDIAN);
        } catch (final IOException e) {
            return false;
        }
    }

    private static boolean isWhole(final UnsafeBuffer buffer) {
        if (buffer.capacity() < CountersLayout.BLOCKS_OFFSET
            || buffer.getLong(CountersLayout.MAGIC_OFFSET, ByteOrder.LITTLE_ENDIAN) != CountersLayout.MAGIC
            || buffer.getInt(CountersLayout.VERSION_OFFSET, ByteOrder.LITTLE_ENDIAN) != CountersLayout.VERSION) {
            return false;
        }
        final int queues = buffer.getInt(CountersLayout.QUEUES_OFFSET, ByteOrder.LITTLE_ENDIAN);
        final int text = buffer.getInt(CountersLayout.DESCRIPTION_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
        return queues >= 0 && queues <= 1024 && buffer.capacity() >= CountersLayout.fileBytes(queues)
            && text >= 0 && text <= CountersLayout.BLOCKS_OFFSET - CountersLayout.DESCRIPTION_OFFSET;
    }

    private static CountersSnapshot read(final Path file) throws IOException {
        final UnsafeBuffer buffer = new UnsafeBuffer(Files.readAllBytes(file));
        if (!isWhole(buffer)) {
            throw new IOException(file + " is not a counters file of version " + CountersLayout.VERSION);
        }
        return read(buffer);
    }

    /** A copy of this process's own counters. */
    static CountersSnapshot read(final CountersFile file) {
        return read(file.buffer());
    }

    private static CountersSnapshot read(final UnsafeBuffer buffer) {
        final byte[] text = new byte[buffer.getInt(
            CountersLayout.DESCRIPTION_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN)];
        buffer.getBytes(CountersLayout.DESCRIPTION_OFFSET, text);
        final Map<String, String> description = new LinkedHashMap<>();
        new String(text, StandardCharsets.UTF_8).lines().forEach(line -> {
            final int separator = line.indexOf('=');
            description.put(line.substring(0, separator), line.substring(separator + 1));
        });
        final int queueCount = buffer.getInt(CountersLayout.QUEUES_OFFSET, ByteOrder.LITTLE_ENDIAN);
        final List<Map<String, Long>> queues = new ArrayList<>();
        for (int i = 0; i < queueCount; i++) {
            final Map<String, Long> counters = new LinkedHashMap<>();
            readBlock(buffer, CountersLayout.workerBlock(i), description.get("worker"), counters);
            readBlock(buffer, CountersLayout.kernelBlock(i), description.get("kernel"), counters);
            queues.add(counters);
        }
        final Map<String, Long> slowPath = new LinkedHashMap<>();
        readBlock(buffer, CountersLayout.slowPathBlock(queueCount), description.get("slow"), slowPath);
        return new CountersSnapshot(
            buffer.getLong(CountersLayout.PID_OFFSET, ByteOrder.LITTLE_ENDIAN), description, queues, slowPath);
    }

    private static void readBlock(
        final UnsafeBuffer buffer, final int offset, final String labels, final Map<String, Long> counters) {
        int index = offset;
        for (final String label : labels.split(",")) {
            // A gap in the block has no label.
            if (!label.isEmpty()) {
                counters.put(label, buffer.getLong(index, ByteOrder.LITTLE_ENDIAN));
            }
            index += Long.BYTES;
        }
    }
}
