package dev.javelin.slowpath.sr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceApplierTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"before, ONEoursTWOTHREE", "after, ONETWOoursTHREE", "replace, ONEoursTHREE"})
    void shouldPlaceOurLinesWhereTheEditSays(String place, String expected) throws IOException {
        write("a.c", "ONE\nTWO\nTHREE\n");
        SourceApplier.apply(directory, SourceApplier.parse("# why\n@@ x a.c " + place + "\nTWO\n@@\nours\n"));
        assertEquals(expected, Files.readString(directory.resolve("a.c")).replace("\n", ""));
    }

    @Test
    void shouldNameTheEditWhenItsAnchorIsMissing() throws IOException {
        write("a.c", "ONE\n");
        assertEquals("edit 'second': its anchor is missing in a.c",
            misfit("@@ first a.c after\nONE\n@@\nours\n@@ second a.c after\nTWO\n@@\nours\n"));
        assertEquals("ONE\n", Files.readString(directory.resolve("a.c")), "nothing is written when one does not fit");
    }

    @Test
    void shouldNameTheEditWhenItsAnchorIsDoubled() throws IOException {
        write("a.c", "ONE\nTWO\nONE\n");
        assertEquals("edit 'x': its anchor stands more than once in a.c", misfit("@@ x a.c after\nONE\n@@\nours\n"));
    }

    @Test
    void shouldNotTakeTheEndOfALineForTheAnchor() throws IOException {
        write("a.c", "    ONE\n");
        assertTrue(misfit("@@ x a.c after\nONE\n@@\nours\n").contains("missing"));
    }

    @Test
    void shouldNameTheFileWhenThereIsNone() {
        assertEquals("edit 'x': there is no file b.c", misfit("@@ x b.c after\nONE\n@@\nours\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"@@ x a.c\nONE\n@@\nours\n", "@@ x a.c after\nONE\n", "@@ x a.c beside\nONE\n@@\nours\n"})
    void shouldRefuseAnEditOfAnotherForm(String edits) {
        assertThrows(IllegalStateException.class, () -> SourceApplier.parse(edits));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private String misfit(String edits) {
        List<SourceApplier.Edit> parsed = SourceApplier.parse(edits);
        return assertThrows(IllegalStateException.class, () -> SourceApplier.apply(directory, parsed)).getMessage();
    }
}
