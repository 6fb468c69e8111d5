package dev.javelin.bench.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.javelin.afxdp.BindMode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code load} makes of the guest's lines. */
class LoadVerdictTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Steps steps = new Steps(new PrintStream(printed, true, StandardCharsets.UTF_8), false);

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "verified jar 500000|virtio|false|the jar's object: verified in 500,000 steps",
        "verified clang-19 500001|virtio|true|clang-19: verified in 500,001 steps, allowed are 500,000",
        "verified jar 0|virtio|false|the kernel does not say in how many steps",
        "attached native|virtio|false|attached, native",
        "refused native bpf_link_create: EOPNOTSUPP (95): no|virtio|true|native: bpf_link_create",
        "refused native bpf_link_create: EOPNOTSUPP (95): no|e1000e|false|not attached, native: bpf_link_create",
        "refused clang-19 says: R3 is bad; processed 161 insns (limit|igb|true|refuses it after 161 steps: R3 is bad"})
    void shouldJudgeLineOfGuest(final String line, final String nic, final boolean hasFailed, final String words) {
        LoadTest.judge(line.split(" ", 3), new RunOptions(Nic.of(nic), BindMode.AUTO, List.of(), ""), steps);
        assertEquals(hasFailed, steps.hasFailed());
        final String said = printed.toString(StandardCharsets.UTF_8);
        assertTrue(said.contains(words), said);
    }
}
