package dev.javelin.bench.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * How many instructions a run of the XDP program takes, and of what that is true.
 *
 * @param compiler of the program
 * @param kernel   that ran it
 * @param counts   instructions by the name of the case, in the order of the cases
 */
record InstructionFigures(String compiler, String kernel, SequencedMap<String, Long> counts) {
    private static final String COMPILER = "compiler ";
    private static final String KERNEL = "kernel ";
    private static final String COMMENT = "#";

    /**
     * Reads them.
     *
     * @param file as {@link #write} has written it
     * @return what stands there
     * @throws IOException if it cannot be read, or has other lines
     */
    static InstructionFigures read(final Path file) throws IOException {
        String compiler = "";
        String kernel = "";
        final SequencedMap<String, Long> counts = new LinkedHashMap<>();
        for (final String line : Files.readAllLines(file)) {
            if (line.startsWith(COMPILER)) {
                compiler = line.substring(COMPILER.length());
            } else if (line.startsWith(KERNEL)) {
                kernel = line.substring(KERNEL.length());
            } else if (line.matches("\\S+ +\\d+")) {
                final String[] words = line.split(" +");
                counts.put(words[0], Long.valueOf(words[1]));
            } else if (!line.startsWith(COMMENT)) {
                throw new IOException(file + ": neither a case with its number nor a comment: '" + line + "'");
            }
        }
        return new InstructionFigures(compiler, kernel, counts);
    }

    /**
     * Writes them.
     *
     * @param file overwritten
     * @throws IOException if it cannot be written
     */
    void write(final Path file) throws IOException {
        final List<String> lines = new ArrayList<>();
        lines.add(COMMENT + " Instructions of one run of the XDP program, by scripts/bench instructions --update.");
        lines.add(COMPILER + compiler);
        lines.add(KERNEL + kernel);
        counts.forEach((name, count) -> lines.add(String.format(Locale.ROOT, "%-24s %5d", name, count)));
        Files.write(file, lines);
    }
}
