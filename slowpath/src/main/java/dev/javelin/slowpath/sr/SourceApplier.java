package dev.javelin.slowpath.sr;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies our few lines to memcached's released source. Each edit names the lines of the source it belongs to, its
 * anchor, which must stand in the file exactly once: a source in which they are missing or doubled is not the source
 * the edit was written for, and is left as it was. Edits that follow each other under one name are variants for
 * different releases, and exactly one of them must fit.
 *
 * <pre>
 *   # a comment, only before the first edit
 *   &#64;&#64; NAME FILE before|after|replace
 *   anchor lines
 *   &#64;&#64;
 *   our lines
 * </pre>
 *
 * <p>Run from its source, before anything of the project is built:
 * {@code java SourceApplier.java SOURCE_DIRECTORY FILES...}, where a file {@code *.census} is a {@link SourceCensus}
 * that the source must pass first, and any other holds edits. Exit code 1 and one line on standard error when
 * something does not fit; then no file has been written.
 */
public final class SourceApplier {
    private static final String MARK = "@@";

    /** Where our lines go: before the anchor, after it, or in its place. */
    enum Place { BEFORE, AFTER, REPLACE }

    /**
     * One change of one file.
     *
     * @param name   says what it is for; errors name it.
     * @param file   relative to the source directory.
     * @param place  where {@code text} goes.
     * @param anchor lines of the source, each with its line feed.
     * @param text   our lines, each with its line feed.
     */
    record Edit(String name, String file, Place place, String anchor, String text) {
        /** Says why the edit cannot be applied to this source; null if it can. */
        String misfit(String source) {
            if (source == null) {
                return "there is no file " + file;
            }
            int at = source.indexOf(anchor);
            boolean onLineStart = at == 0 || at > 0 && source.charAt(at - 1) == '\n';
            if (!onLineStart) {
                return "its anchor is missing in " + file;
            }
            return source.indexOf(anchor, at + 1) < 0 ? null : "its anchor stands more than once in " + file;
        }

        String applyTo(String source) {
            int at = source.indexOf(anchor);
            String changed = switch (place) {
                case BEFORE -> text + anchor;
                case AFTER -> anchor + text;
                case REPLACE -> text;
            };
            return source.substring(0, at) + changed + source.substring(at + anchor.length());
        }
    }

    private SourceApplier() {
    }

    /**
     * Applies edit files to a source directory.
     *
     * @param arguments the source directory, then one or more edit files.
     * @throws IOException when a file cannot be read or written.
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 2) {
            System.err.println("usage: SourceApplier SOURCE_DIRECTORY EDITS...");
            System.exit(2);
        }
        try {
            Path source = Path.of(arguments[0]);
            List<Edit> edits = new ArrayList<>();
            for (int i = 1; i < arguments.length; i++) {
                String text = Files.readString(Path.of(arguments[i]), StandardCharsets.UTF_8);
                if (arguments[i].endsWith(".census")) {
                    SourceCensus.parse(text).check(source);
                } else {
                    edits.addAll(parse(text));
                }
            }
            apply(source, edits);
        } catch (IllegalStateException misfit) {
            System.err.println("memcached-sr: " + misfit.getMessage());
            System.exit(1);
        }
    }

    /** Applies all edits or, if one of them does not fit, none. */
    static void apply(Path directory, List<Edit> edits) throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        for (Edit edit : edits) {
            Path file = directory.resolve(edit.file());
            if (!sources.containsKey(edit.file()) && Files.isRegularFile(file)) {
                sources.put(edit.file(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        int next = 0;
        while (next < edits.size()) {
            int first = next;
            while (next < edits.size() && edits.get(next).name().equals(edits.get(first).name())) {
                next++;
            }
            Edit edit = fitting(edits.subList(first, next), sources);
            sources.put(edit.file(), edit.applyTo(sources.get(edit.file())));
        }
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Files.writeString(directory.resolve(source.getKey()), source.getValue(), StandardCharsets.ISO_8859_1);
        }
    }

    private static Edit fitting(List<Edit> variants, Map<String, String> sources) {
        List<Edit> fitting = variants.stream().filter(edit -> edit.misfit(sources.get(edit.file())) == null).toList();
        if (fitting.size() == 1) {
            return fitting.getFirst();
        }
        Edit last = variants.getLast();
        throw new IllegalStateException("edit '" + last.name() + "': " + (fitting.isEmpty()
            ? last.misfit(sources.get(last.file())) : fitting.size() + " of its variants fit"));
    }

    static List<Edit> parse(String text) {
        List<Edit> edits = new ArrayList<>();
        String[] head = null;
        StringBuilder anchor = null;
        StringBuilder lines = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (line.equals(MARK) && head != null && anchor == null) {
                anchor = lines;
                lines = new StringBuilder();
            } else if (line.startsWith(MARK)) {
                addEdit(edits, head, anchor, lines);
                head = line.substring(MARK.length()).strip().split(" ");
                anchor = null;
                lines = new StringBuilder();
            } else {
                lines.append(line).append('\n');
            }
        }
        addEdit(edits, head, anchor, lines);
        return edits;
    }

    private static void addEdit(List<Edit> edits, String[] head, StringBuilder anchor, StringBuilder lines) {
        if (head == null) {
            return;
        }
        if (head.length != 3 || anchor == null || anchor.isEmpty()) {
            throw new IllegalStateException("edit '" + head[0] + "' is not: @@ NAME FILE PLACE, anchor, @@, text");
        }
        Place place = switch (head[2]) {
            case "before" -> Place.BEFORE;
            case "after" -> Place.AFTER;
            case "replace" -> Place.REPLACE;
            default -> throw new IllegalStateException(
                "edit '" + head[0] + "': place '" + head[2] + "' is none of before, after, replace");
        };
        edits.add(new Edit(head[0], head[1], place, anchor.toString(), lines.toString()));
    }
}
