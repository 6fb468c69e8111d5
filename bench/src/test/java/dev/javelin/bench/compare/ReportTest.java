package dev.javelin.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.testing.RequiresRoot;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of a comparison that was recorded, as a real browser shows it. */
@RequiresRoot
final class ReportTest {
    private static final String JAVELIN_LIGHT = "#e06b0a";
    private static final int JAVELIN_LIGHT_RGB = 0xe06b0a;
    private static final int JAVELIN_DARK_RGB = 0xff9440;
    private static final int STOCK_LIGHT_RGB = 0x7b8798;
    private static final int PAGE_LIGHT_RGB = 0xf6f7f9;
    private static final int PAGE_DARK_RGB = 0x12161d;

    @TempDir
    private Path directory;
    private Path page;

    static Comparison recorded() throws IOException {
        try (InputStream stream = new GZIPInputStream(ReportTest.class.getResourceAsStream("recorded.json.gz"))) {
            return Json.MAPPER.readValue(stream, Comparison.class);
        }
    }

    @BeforeEach
    void aBrowser() {
        page = directory.resolve("report.html");
    }

    /** Returns what the plot's element holds in the document as drawn. */
    static String plot(String dom, String id) {
        int start = dom.indexOf("id=\"" + id + "\"");
        assertTrue(start >= 0, "no " + id);
        int end = dom.indexOf("</svg>", start);
        assertTrue(end >= 0, "nothing was drawn in " + id);
        String plot = dom.substring(start, end);
        assertFalse(plot.contains("</section>"), "nothing was drawn in " + id);
        return plot;
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void everyPlotIsDrawn() throws Exception {
        Comparison comparison = recorded();
        Report.write(page, comparison);
        String dom = new Browser(directory).dom(page);
        assertFalse(dom.contains("id=\"script-error\""), "a script failed");

        int windows = comparison.runs().stream().mapToInt(run -> run.windows().size()).sum();
        int drawn = count(plot(dom, "plot-windows"), "<path");
        assertTrue(drawn >= windows, drawn + " of " + windows + " windows are drawn");
        for (String id : List.of("plot-throughput", "plot-cpu", "plot-latency", "plot-curve")) {
            String plot = plot(dom, id);
            assertTrue(count(plot, JAVELIN_LIGHT) > 0, id + " shows nothing of Javelin");
            assertTrue(plot.contains(">Javelin</text>"), id + " does not name Javelin");
        }
        assertTrue(plot(dom, "plot-throughput").contains("answers per second"), "an axis without its name");
        assertTrue(plot(dom, "plot-latency").contains(">99.9 %</text>"), "the axis of percentiles has no 99.9 %");
    }

    @Test
    void barsAreAsLongAsTheirFigures() throws Exception {
        Comparison comparison = recorded();
        Report.write(page, comparison);
        String plot = plot(new Browser(directory).dom(page), "plot-throughput");
        double expected = comparison.summary(Subject.JAVELIN).rate().median()
            / comparison.summary(Subject.STOCK).rate().median();
        assertEquals(expected, barLength(plot, JAVELIN_LIGHT) / barLength(plot, "#7b8798"), 0.02);
    }

    /** Returns how far the bar of a colour reaches from left to right. */
    private static double barLength(String plot, String colour) {
        Matcher path = Pattern.compile("<path d=\"([^\"]*)\"[^>]*fill=\"" + colour + "\"").matcher(plot);
        assertTrue(path.find(), "no bar in " + colour);
        List<Double> across = new ArrayList<>();
        // The straight lines reach from end to end; the arcs between them are the round corners.
        Matcher point = Pattern.compile("[ML](-?[0-9.]+)[ ,](-?[0-9.]+)").matcher(path.group(1));
        while (point.find()) {
            across.add(Double.parseDouble(point.group(1)));
        }
        return across.stream().mapToDouble(x -> x).max().orElseThrow()
            - across.stream().mapToDouble(x -> x).min().orElseThrow();
    }

    @Test
    void aReaderSeesThePlotsInLightAndDark() throws Exception {
        Report.write(page, recorded());
        BufferedImage light = screenshot(false);
        assertEquals(PAGE_LIGHT_RGB, light.getRGB(2, 2) & 0xffffff);
        assertTrue(pixels(light, JAVELIN_LIGHT_RGB) > 5_000, "hardly anything in the colour of Javelin");
        assertTrue(pixels(light, STOCK_LIGHT_RGB) > 5_000, "hardly anything in the colour of memcached");
        BufferedImage dark = screenshot(true);
        assertEquals(PAGE_DARK_RGB, dark.getRGB(2, 2) & 0xffffff);
        assertTrue(pixels(dark, JAVELIN_DARK_RGB) > 5_000, "hardly anything in the colour of Javelin on dark");
    }

    private BufferedImage screenshot(boolean dark) throws IOException, InterruptedException {
        Path png = directory.resolve(dark ? "dark.png" : "light.png");
        new Browser(directory).screenshot(page, png, 1_200, 2_600, dark);
        return ImageIO.read(png.toFile());
    }

    private static int pixels(BufferedImage image, int rgb) {
        int found = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                found += (image.getRGB(x, y) & 0xffffff) == rgb ? 1 : 0;
            }
        }
        return found;
    }

    @Test
    void aLowerBoundIsMarked() throws Exception {
        Comparison recorded = recorded();
        List<Run> runs = MadeUp.limited(recorded.runs(), Set.of(Subject.JAVELIN), "it <b>missed</b> its schedule");
        Report.write(page, with(recorded, runs, List.of()));
        String dom = new Browser(directory).dom(page);
        assertTrue(plot(dom, "plot-throughput").contains("≥ "), "the bar is not marked");
        assertTrue(dom.contains("at least: the load generator was the limit"), "the ratio is not marked");
        assertTrue(dom.contains("it &lt;b&gt;missed&lt;/b&gt; its schedule"), "the reason is missing");
        assertFalse(dom.contains("id=\"plot-curve\""), "a curve without points must not be shown");
    }

    @Test
    void aReportWithoutAnyGoodRunSaysSo() throws Exception {
        Comparison recorded = recorded();
        List<Run> runs = recorded.runs().stream().map(run -> new Run(run.subject(), run.round(), 0, 0, 0, 0, 0, null,
            run.windows().stream().map(window -> new Window(window.answers(), 0.9, 0, Window.STEAL)).toList(),
            run.load())).toList();
        Report.write(page, with(recorded, runs, List.of()));
        String dom = new Browser(directory).dom(page);
        assertFalse(dom.contains("id=\"script-error\""), "a script failed");
        assertTrue(dom.contains("no run counts"), "nothing says that no run counts");
        plot(dom, "plot-windows");
    }

    private static Comparison with(Comparison recorded, List<Run> runs, List<CurvePoint> curve) {
        return Comparison.of(Instant.EPOCH, Instant.EPOCH, "</script><script>throw 1",
            recorded.settings(), recorded.cpus(), recorded.environment(), recorded.notes(), runs, curve);
    }

    @Test
    void nothingIsLoadedFromAnywhere() throws Exception {
        Report.write(page, recorded());
        String html = Files.readString(page);
        assertTrue(html.contains("default-src 'none'"), "no content security policy");
        assertFalse(Pattern.compile("<[a-z]+[^>]* (src|href)=").matcher(html.replaceAll("(?s)<script>.*?</script>", ""))
            .find(), "an element refers to something else");
    }
}
