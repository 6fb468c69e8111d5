package dev.javelin.slowpath.sr;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceCensusTest {
    private static final String CENSUS = "# why\n@@ write = x\na = x;\na = x;\n\n@@ write = x\na = x;\n";

    @TempDir
    private Path directory;

    @Test
    void shouldAcceptAnyOfTheListsThatStandUnderOneName() throws IOException {
        check("  a = x;\nb = y;\n");
        check("a = x;\n\ta = x;\n");
    }

    @Test
    void shouldNameALineTooMany() throws IOException {
        assertTrue(misfit("a = x;\nc = x;\n").contains("'write': new is: c = x;"));
        assertTrue(misfit("a = x;\na = x;\na = x;\n").contains("new is: a = x;"));
    }

    @Test
    void shouldNameALineThatIsGone() throws IOException {
        assertEquals("this source changes items in other places than we know, 'write': gone is: a = x;",
            misfit("b;\n"));
    }

    @Test
    void shouldKnowEveryMutationOfTheSourceThatIsBuilt() throws IOException {
        Path stock = copyOfStock();
        assertDoesNotThrow(() -> real().check(stock));
    }

    @ParameterizedTest
    @ValueSource(strings = {"    it->exptime = 7;", "    it->it_flags |= ITEM_STALE;",
        "    it->it_flags &= ~ITEM_LINKED;", "    assoc_delete(ITEM_key(it), it->nkey, hv);",
        "    settings.oldest_live = 0;", "    current_time = 1;",
        "    memcpy(ITEM_data(it), buf, 1);", "    *(ITEM_data(it)) = 0;", "    it->nbytes = 2;"})
    void shouldRefuseMemcachedWithOneMoreMutation(String line) throws IOException {
        Path file = copyOfStock().resolve("thread.c");
        Files.writeString(file, Files.readString(file) + "void more(item *it) {\n" + line + "\n}\n");
        String message = assertThrows(IllegalStateException.class, () -> real().check(directory)).getMessage();
        assertTrue(message.contains(line.strip()), message);
    }

    @Test
    void shouldRefuseMemcachedWithOneMutationLess() throws IOException {
        Path file = copyOfStock().resolve("items.c");
        Files.writeString(file, Files.readString(file).replaceFirst("        it->exptime = exptime;\n", ""));
        String message = assertThrows(IllegalStateException.class, () -> real().check(directory)).getMessage();
        assertTrue(message.contains("gone is: it->exptime = exptime;"), message);
    }

    private static SourceCensus real() throws IOException {
        return SourceCensus.parse(Files.readString(Path.of(System.getProperty("javelin.root"),
            "slowpath/src/main/memcached-sr/mutations.census")));
    }

    private Path copyOfStock() throws IOException {
        Path stock = Path.of(System.getProperty("javelin.root"), ".build/memcached/stock");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(stock, "*.c")) {
            for (Path file : files) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        }
        return directory;
    }

    private void check(String source) throws IOException {
        Files.writeString(directory.resolve("a.c"), source);
        SourceCensus.parse(CENSUS).check(directory);
    }

    private String misfit(String source) {
        return assertThrows(IllegalStateException.class, () -> check(source)).getMessage();
    }
}
