package dev.javelin.bench.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a comparison as one HTML file that needs nothing beside it: the plotting library (Apache ECharts), our script
 * and style, and the data stand in it, and its content security policy forbids to fetch anything.
 */
final class Report {
    private static final Pattern PART = Pattern.compile("/\\*\\{\\{(.*?)}}\\*/");

    private Report() {
    }

    /**
     * Writes a report.
     *
     * @param file       replaced if it is there.
     * @param comparison what it shows.
     */
    static void write(Path file, Comparison comparison) throws IOException {
        StringBuilder html = new StringBuilder();
        Matcher part = PART.matcher(resource("report.html"));
        while (part.find()) {
            String text = part.group(1).equals("data") ? data(comparison) : resource(part.group(1));
            part.appendReplacement(html, Matcher.quoteReplacement(text));
        }
        part.appendTail(html);
        Files.writeString(file, html);
    }

    /** Within a script element nothing may look like the end of one, whatever a command or a CPU is called. */
    private static String data(Comparison comparison) throws IOException {
        return Json.MAPPER.writeValueAsString(comparison).replace("<", "\\u003c");
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = Report.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("the jar lacks " + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
