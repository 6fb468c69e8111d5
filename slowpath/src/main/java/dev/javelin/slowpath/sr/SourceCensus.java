package dev.javelin.slowpath.sr;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Knows every line of memcached's source that matches a pattern, so that a release with one more or one less of them
 * is noticed before our edits, which may not cover it, are applied.
 *
 * <pre>
 *   # a comment, only before the first pattern
 *   &#64;&#64; NAME REGULAR_EXPRESSION
 *   every line of the source in which it is found, without the white space around it, in any order
 * </pre>
 *
 * <p>Patterns that follow each other under one name are variants for different releases; one of their lists must be
 * what is found. Immutable.
 */
final class SourceCensus {
    private static final String MARK = "@@ ";
    private static final Pattern NOT_THE_SERVER =
        Pattern.compile("(testapp|sizes|timedrun|proxy_.*|proto_proxy|mcmc|crc32c|.*_priv|write_table)\\.c");

    /** One list of lines. */
    private record Variant(Pattern pattern, List<String> lines) {
    }

    private final Map<String, List<Variant>> variantsByName = new LinkedHashMap<>();

    private SourceCensus() {
    }

    static SourceCensus parse(String text) {
        SourceCensus census = new SourceCensus();
        List<String> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith(MARK)) {
                int nameEnd = line.indexOf(' ', MARK.length());
                if (nameEnd < 0) {
                    throw new IllegalStateException("census: '" + line + "' is not: @@ NAME REGULAR_EXPRESSION");
                }
                lines = new ArrayList<>();
                census.variantsByName.computeIfAbsent(line.substring(MARK.length(), nameEnd), n -> new ArrayList<>())
                    .add(new Variant(Pattern.compile(line.substring(nameEnd + 1)), lines));
            } else if (!line.isBlank()) {
                lines.add(line.strip());
            }
        }
        return census;
    }

    /** Throws an exception that names the pattern and a line too many or missing, if the source has others. */
    void check(Path directory) throws IOException {
        List<String> source = serverLines(directory);
        for (Map.Entry<String, List<Variant>> counted : variantsByName.entrySet()) {
            String difference = null;
            for (Variant variant : counted.getValue()) {
                difference = difference(variant, source);
                if (difference == null) {
                    break;
                }
            }
            if (difference != null) {
                throw new IllegalStateException("this source changes items in other places than we know, '"
                    + counted.getKey() + "': " + difference);
            }
        }
    }

    private static String difference(Variant variant, List<String> source) {
        List<String> missing = new ArrayList<>(variant.lines());
        for (String line : source) {
            if (variant.pattern().matcher(line).find() && !missing.remove(line)) {
                return "new is: " + line;
            }
        }
        return missing.isEmpty() ? null : "gone is: " + missing.getFirst();
    }

    private static List<String> serverLines(Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.c")) {
            for (Path file : files) {
                if (!NOT_THE_SERVER.matcher(file.getFileName().toString()).matches()) {
                    Files.readString(file, StandardCharsets.ISO_8859_1).lines().map(String::strip).forEach(lines::add);
                }
            }
        }
        return lines;
    }
}
