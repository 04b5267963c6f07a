package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.attunet.phantom.PhantomFiles;
import org.attunet.weights.Safetensors;
import org.attunet.weights.StateDict;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ExitCode;

/** {@code train --ranks 2} with real processes: what it comes to, and what happens when one of them is killed. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no signals")
class RanksCommandTest {
    private static final List<String> SETTINGS = List.of(
            "--steps",
            "80",
            "--widths",
            "4,8,16",
            "--patch",
            "32x32",
            "--batch",
            "4",
            "--threads",
            "2",
            "--workers",
            "2");

    @TempDir
    static Path folder;

    static Path data;
    static Path unbroken;

    @BeforeAll
    static void train_undisturbed() throws Exception {
        data = folder.resolve("data");
        unbroken = folder.resolve("unbroken");
        PhantomFiles.write(data, 1, 8, 64);
        Program ended = Program.run(words(unbroken)); // the second rank is a process of its own
        assertThat(ended.code()).as(ended.err()).isZero();
    }

    private static Object[] words(Path run, String... more) {
        List<Object> args = new ArrayList<>(List.of("train", data, "-o", run, "--ranks", "2"));
        boolean begun = Files.exists(run.resolve("training.json"));
        args.addAll(begun ? List.of("--resume") : SETTINGS);
        args.addAll(List.of(more));
        return args.toArray();
    }

    private static ProgramProcess train(Path run, String... more) throws IOException {
        return ProgramProcess.start(folder, ProgramProcess.command(words(run, more)));
    }

    @Test
    void a_killed_rank_ends_all_with_a_sentence_and_resuming_comes_to_the_same_weights() throws Exception {
        Path run = folder.resolve("killed");
        FileTime saved;
        try (ProgramProcess program = train(run)) {
            FileTime first = program.await("first checkpoint", () -> ProgramProcess.changed(run, null));
            program.await("second checkpoint", () -> ProgramProcess.changed(run, first));
            child(program).destroyForcibly();
            Program ended = program.end();
            assertThat(ended.code()).isEqualTo(ExitCode.SOFTWARE);
            assertThat(ended.err().lines().filter(line -> line.startsWith("attunet: ")))
                    .as(ended.err())
                    .singleElement()
                    .asString()
                    .startsWith("attunet: rank 1 of 2: lost (its process ended with exit code 137)")
                    .contains("--resume");
            assertThat(ended.err()).doesNotContain("frame #", "\tat ");
            saved = ProgramProcess.changed(run, null);
        }
        assertThat(run.resolve("weights.pt")).exists();
        // The first rank can't say anything any more; the others end by themselves.
        try (ProgramProcess program = train(run)) {
            program.await("another checkpoint", () -> ProgramProcess.changed(run, saved));
            ProcessHandle child = child(program);
            program.process().destroyForcibly().waitFor();
            child.onExit().get(30, TimeUnit.SECONDS);
            assertThat(child.isAlive()).isFalse();
        }
        assertGoesOnLikeUnbroken(run);
    }

    @Test
    void a_stop_saves_and_ends_all_processes_with_0_and_one_rank_resumes() throws Exception {
        Path run = folder.resolve("stopped");
        try (ProgramProcess program = train(run)) {
            program.await("first checkpoint", () -> ProgramProcess.changed(run, null));
            ProcessHandle child = child(program);
            program.process().destroy();
            Program ended = program.end();
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.out()).contains("stopped; resume with");
            assertThat(child.isAlive()).isFalse();
        }
        Path alone = Files.createDirectory(folder.resolve("alone"));
        try (Stream<Path> files = Files.list(run).filter(Files::isRegularFile)) {
            for (Path file : files.toList()) {
                Files.copy(file, alone.resolve(file.getFileName()));
            }
        }
        Program ended = Program.run("train", data, "-o", alone, "--resume");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("80 steps");
    }

    @Test
    void more_ranks_than_patches_and_none_are_refused() throws Exception {
        Program many =
                Program.run("train", data, "-o", folder.resolve("many"), "--ranks", 3, "--batch", 2, "--steps", 5);
        assertThat(many.code()).isEqualTo(ExitCode.SOFTWARE);
        assertThat(many.err()).contains("ranks: the value is 3; expected at most the batch's 2 patches");
        assertThat(many.err().lines().filter(line -> line.startsWith("attunet: ")))
                .hasSize(1);
        Program none = Program.run("train", data, "-o", folder.resolve("none"), "--ranks", 0);
        assertThat(none.err()).contains("--ranks: the value is 0");
    }

    @Test
    void an_order_that_never_comes_or_is_none_is_refused() throws Exception {
        for (String order : List.of("", "{\"data\":\"x\"}\n")) {
            Path input = Files.writeString(folder.resolve("order"), order);
            Process process = new ProcessBuilder(ProgramProcess.command("rank"))
                    .redirectInput(input.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isEqualTo(ExitCode.SOFTWARE);
            assertThat(said).startsWith("attunet: ").contains("Remedy: ").doesNotContain("\tat ");
        }
    }

    private static ProcessHandle child(ProgramProcess program) {
        return program.process()
                .children()
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .findAny()
                .orElseThrow();
    }

    private static void assertGoesOnLikeUnbroken(Path run) throws Exception {
        try (ProgramProcess program = train(run, "--json")) {
            Program ended = program.end();
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.json().path("steps").asInt()).isEqualTo(80); // and nothing else on standard output
            assertThat(ended.err()).doesNotContain("c10d", "frame #", "Exception");
        }
        for (String name : List.of("weights.pt", "model.json", "split.json", "training.json", "cases.csv")) {
            assertThat(run.resolve(name)).hasSameBinaryContentAs(unbroken.resolve(name));
        }
        assertThat(tensors(run)).isEqualTo(tensors(unbroken));
    }

    /** The tensors of a checkpoint, without the numbers that hold times. */
    private static StateDict tensors(Path run) {
        var weights =
                new LinkedHashMap<>(Safetensors.read(run.resolve("last.ckpt")).weights());
        assertThat(weights.remove("state")).isNotNull();
        return new StateDict(weights);
    }
}
