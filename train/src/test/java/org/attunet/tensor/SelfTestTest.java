package org.attunet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The self-test with children that die by real signals. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no signals")
class SelfTestTest {
    private static final String DONE = "echo attunet-probe passed kernel 3; echo attunet-probe done";

    @TempDir
    private Path folder;

    private final List<String> messages = new ArrayList<>();
    private final List<Set<Precaution>> started = new ArrayList<>();

    @BeforeEach
    void listen() {
        SelfTest.reportTo(messages::add);
    }

    @AfterEach
    void forget() {
        SelfTest.reportTo(message -> {});
    }

    /** A child is a shell with this script. */
    private interface Script {
        String of(Set<Precaution> precautions);
    }

    private SelfTest test(Script script) {
        SelfTestChild.Start start = precautions -> {
            started.add(precautions);
            return new ProcessBuilder("sh", "-c", "echo attunet-probe begin kernel 3; " + script.of(precautions))
                    .redirectErrorStream(true)
                    .start();
        };
        return new SelfTest(start, 60);
    }

    private SelfTestRecord record(String machine) {
        return new SelfTestRecord(folder.resolve("cache").resolve("libtorch.json"), machine);
    }

    @Test
    void a_sound_processor_is_tested_once_and_needs_no_precautions() {
        SelfTest test = test(precautions -> DONE);
        assertThat(SelfTest.precautions(record("a"), test)).isEmpty();
        assertThat(SelfTest.precautions(record("a"), test)).isEmpty();
        assertThat(started).hasSize(1);
        assertThat(messages).singleElement().asString().startsWith("note: first use of libtorch");
    }

    @Test
    void a_child_that_dies_by_SIGFPE_leads_to_precautions_that_are_kept_and_named_once() {
        SelfTest test =
                test(precautions -> precautions.contains(Precaution.MATRIX_PRODUCTS) ? DONE : "kill -FPE $$; sleep 9");
        assertThat(SelfTest.precautions(record("a"), test)).containsExactly(Precaution.MATRIX_PRODUCTS);
        assertThat(messages).hasSize(2);
        assertThat(messages.get(1))
                .isEqualTo("warning: libtorch dies on this processor (SIGFPE in kernel 3); attunet now uses kernel-1"
                        + " convolutions as matrix products; 'attunet doctor' tests again");
        messages.clear();
        started.clear();
        assertThat(SelfTest.precautions(record("a"), test)).containsExactly(Precaution.MATRIX_PRODUCTS);
        assertThat(started).isEmpty();
        assertThat(messages).isEmpty();
    }

    @Test
    void the_signal_is_that_of_the_report_of_a_jvm_which_ends_by_SIGABRT() {
        SelfTest test = test(precautions -> precautions.isEmpty()
                ? "echo '#  SIGSEGV (0xb) at pc=0x0, pid=1, tid=2'; kill -ABRT $$; sleep 9"
                : DONE);
        assertThat(test.run().fault()).isEqualTo("SIGSEGV in kernel 3");
    }

    @Test
    void a_race_that_shows_at_every_second_run_is_not_taken_for_cured_by_one_good_run() {
        SelfTest test = test(precautions ->
                precautions.contains(Precaution.COPIES_IN_TURN) || started.size() % 2 == 0 ? DONE : "kill -SEGV $$");
        SelfTest.Result result = test.run();
        assertThat(result.precautions()).containsExactly(Precaution.COPIES_IN_TURN);
        assertThat(result.sound()).isTrue();
        assertThat(result.attempts()).hasSizeGreaterThan(6);
    }

    @Test
    void a_child_that_dies_whatever_is_done_leads_to_all_precautions_and_a_plain_word() {
        Set<Precaution> precautions = SelfTest.precautions(record("a"), test(any -> "kill -BUS $$"));
        assertThat(precautions).contains(Precaution.NO_ONEDNN, Precaution.ONE_THREAD);
        assertThat(messages.get(1)).contains("SIGBUS").contains("it may still die");
    }

    @Test
    void a_child_that_hangs_has_failed() {
        SelfTestChild.Start start =
                precautions -> new ProcessBuilder("sh", "-c", precautions.isEmpty() ? "exec sleep 600" : DONE).start();
        assertThat(new SelfTest(start, 2).run().fault()).isEqualTo("hangs");
    }

    @Test
    void what_says_nothing_about_libtorch_changes_and_keeps_nothing() {
        for (String script : List.of("kill -KILL $$", "kill -TERM $$", "echo no space left; exit 1")) {
            assertThat(SelfTest.precautions(record("a"), test(any -> script))).isEmpty();
            assertThat(record("a").file()).doesNotExist();
        }
        assertThat(messages).anyMatch(message -> message.contains("SIGKILL"));
        assertThat(messages).anyMatch(message -> message.contains("exit code 1: no space left"));
        SelfTestChild.Start impossible = precautions -> {
            throw new IOException("no such program");
        };
        assertThat(SelfTest.precautions(record("a"), new SelfTest(impossible, 1)))
                .isEmpty();
        assertThat(messages).anyMatch(message -> message.contains("no such program"));
    }

    @Test
    void records_of_other_machines_and_broken_ones_count_as_none() throws Exception {
        SelfTest test = test(precautions -> DONE);
        SelfTest.precautions(record("a"), test);
        assertThat(record("another").read()).isNull();
        assertThat(record("a").read()).isEmpty();
        Files.writeString(record("a").file(), "{\"machine\": \"a\", \"precautions\": [\"PRAYER\"]}");
        assertThat(record("a").read()).isNull();
        Files.writeString(record("a").file(), "{");
        assertThat(record("a").read()).isNull();
        assertThat(SelfTest.precautions(record("a"), test)).isEmpty();
        assertThat(record("a").read()).isEmpty();
    }

    @Test
    void a_cache_folder_that_cannot_be_made_costs_the_memory_only() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        var record = new SelfTestRecord(file.resolve("libtorch.json"), "a");
        SelfTest test =
                test(precautions -> precautions.contains(Precaution.MATRIX_PRODUCTS) ? DONE : "kill -FPE $$; sleep 9");
        assertThat(SelfTest.precautions(record, test)).containsExactly(Precaution.MATRIX_PRODUCTS);
    }

    @Test
    void this_processor_computes_every_kind_of_convolution() throws Exception {
        SelfTest.Attempt attempt = new SelfTestChild(Set.of(), SelfTestChild.start(Set.of())).watch(300);
        assertThat(attempt.end()).isEmpty();
        assertThat(attempt.passed()).contains("loading", "copies side by side").hasSizeGreaterThan(9);
    }
}
