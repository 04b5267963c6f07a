package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Split;
import org.attunet.phantom.PhantomFiles;
import org.attunet.weights.Safetensors;
import org.attunet.weights.StateDict;
import org.attunet.weights.TorchFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A training whose process is killed or told to stop comes to the same weights as one that nobody disturbed. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no signals")
class KillTest {
    /** With 20 validations a checkpoint is written every 15 steps. */
    private static final List<String> SETTINGS = List.of(
            "--steps",
            "300",
            "--widths",
            "4,8,16",
            "--patch",
            "32x32",
            "--batch",
            "2",
            "--threads",
            "1",
            "--workers",
            "1");

    /** When a process is killed. */
    private enum Moment {
        /** Before its next checkpoint, with its settings on disk: cases are read. */
        START,
        /** In the course of training, at least one checkpoint further than before. */
        TRAINING,
        /** While a file stands half-written under its temporary name. */
        WRITING
    }

    @TempDir
    static Path folder;

    static Path data;
    static Path unbroken;
    static long millisToFirstCheckpoint;
    static long millisBetweenCheckpoints;

    @BeforeAll
    static void train_undisturbed() throws Exception {
        data = folder.resolve("data");
        unbroken = folder.resolve("unbroken");
        PhantomFiles.write(data, 1, 8, 64);
        long begin = System.nanoTime();
        try (ProgramProcess program = train(unbroken)) {
            FileTime first = program.await("first checkpoint", () -> ProgramProcess.changed(unbroken, null));
            millisToFirstCheckpoint = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            FileTime second = program.await("second checkpoint", () -> ProgramProcess.changed(unbroken, first));
            FileTime third = program.await("third checkpoint", () -> ProgramProcess.changed(unbroken, second));
            millisBetweenCheckpoints = (third.toMillis() - first.toMillis()) / 2;
            Program ended = program.end();
            assertThat(ended.code()).as(ended.err()).isZero();
        }
    }

    /** Starts the training, or its going on. Once its settings are on disk nobody needs to repeat them. */
    private static ProgramProcess train(Path run) throws IOException {
        List<Object> args = new ArrayList<>(List.of("train", data, "-o", run));
        boolean begun = Files.exists(run.resolve("training.json"));
        args.addAll(begun ? List.of() : SETTINGS);
        if (Files.exists(run)) {
            args.add("--resume");
        }
        return ProgramProcess.start(folder, ProgramProcess.command(args.toArray()));
    }

    @Test
    void kills_at_random_moments_and_a_stop_change_no_bit_of_the_weights_and_leave_no_broken_file() throws Exception {
        Random random = new Random(4);
        List<Moment> moments = new ArrayList<>(List.of(Moment.values()));
        Collections.shuffle(moments, random);
        Path run = folder.resolve("killed");
        for (int k = 0; k < moments.size(); k++) {
            Moment moment = moments.get(k);
            FileTime before = ProgramProcess.changed(run, null);
            try (ProgramProcess program = train(run)) {
                await(moment, program, run, before, random.nextDouble());
                assertThat(program.process().isAlive())
                        .as("%s: still at work", moment)
                        .isTrue();
                kill(program.process(), k % 2 == 0 ? "SEGV" : "KILL");
            }
            assertWhole(run);
        }
        stop(run);
        assertGoesOnLikeUnbroken(run);
    }

    /** Tells the training to stop: it saves and ends with 0. */
    private static void stop(Path run) throws Exception {
        FileTime before = ProgramProcess.changed(run, null);
        try (ProgramProcess program = train(run)) {
            FileTime fresh = program.await("a new checkpoint", () -> ProgramProcess.changed(run, before));
            linger(run, fresh, millisBetweenCheckpoints / 2.0);
            FileTime last = ProgramProcess.changed(run, null);
            program.process().destroy();
            Program ended = program.end();
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.err()).contains("stopping after this step and saving");
            assertThat(ended.out()).contains("stopped; resume with: attunet train DATA -o " + run + " --resume");
            assertThat(ProgramProcess.changed(run, last)).as("saved once more").isNotNull();
        }
        assertThat(temporary(run)).isEmpty();
        assertWhole(run);
    }

    /** Kills as a fault of native code does, after which Java reports and aborts, or as the system short of memory. */
    private static void kill(Process process, String signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
        assertThat(process.waitFor()).isEqualTo(signal.equals("SEGV") ? 128 + 6 : 128 + 9);
    }

    private static void await(Moment moment, ProgramProcess program, Path run, @Nullable FileTime before, double chance)
            throws Exception {
        if (moment == Moment.START) {
            // From here on its settings are known and nobody repeats them.
            program.await("settings", () -> Files.exists(run.resolve("training.json")) ? run : null);
            linger(run, before, chance * millisToFirstCheckpoint);
            return;
        }
        FileTime fresh = program.await("a new checkpoint", () -> ProgramProcess.changed(run, before));
        if (moment == Moment.TRAINING) {
            linger(run, fresh, chance * millisBetweenCheckpoints);
        } else {
            String owner = "-" + program.process().pid() + "-";
            program.await(
                    "a file being written",
                    () -> temporary(run).stream()
                            .filter(name -> name.contains(owner))
                            .findAny()
                            .orElse(null));
        }
    }

    /** Waits, but not beyond the next checkpoint, so that all fit into the training on a machine of any speed. */
    private static void linger(Path run, @Nullable FileTime known, double millis) throws Exception {
        long end = System.nanoTime() + Math.round(millis * 1e6);
        while (System.nanoTime() < end && ProgramProcess.changed(run, known) == null) {
            Thread.sleep(1);
        }
    }

    private static void assertGoesOnLikeUnbroken(Path run) throws Exception {
        try (ProgramProcess program = train(run)) {
            Program ended = program.end();
            assertThat(ended.code()).as(ended.err()).isZero();
        }
        assertWhole(run);
        assertThat(temporary(run)).isEmpty();
        for (String name : List.of("weights.pt", "model.json", "split.json", "training.json", "cases.csv")) {
            assertThat(run.resolve(name)).hasSameBinaryContentAs(unbroken.resolve(name));
        }
        assertThat(tensors(run)).isEqualTo(tensors(unbroken));
        assertThat(course(run)).isEqualTo(course(unbroken)).hasSize(201);
    }

    /** Every file that stands under its own name is whole, whenever the process was killed. */
    private static void assertWhole(Path run) throws IOException {
        if (Files.exists(run.resolve("model.json"))) {
            ModelDescription.read(run.resolve("model.json"));
        }
        if (Files.exists(run.resolve("split.json"))) {
            Split.read(run.resolve("split.json"));
        }
        if (Files.exists(run.resolve("training.json"))) {
            new ObjectMapper().readTree(run.resolve("training.json").toFile());
        }
        if (Files.exists(run.resolve("weights.pt"))) {
            TorchFile.read(run.resolve("weights.pt"));
        }
        if (Files.exists(run.resolve("last.ckpt"))) {
            tensors(run);
        }
        if (Files.exists(run.resolve("history.csv"))) {
            assertThat(Files.readString(run.resolve("history.csv"))).endsWith("\n");
            assertThat(course(run)).allMatch(row -> row.split(",", -1).length == 4);
        }
    }

    /** The files that are being written, or that a killed process left. */
    private static List<String> temporary(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(".") || name.endsWith(".part"))
                    .toList();
        }
    }

    /** The tensors of a checkpoint, without the numbers that hold times. */
    private static StateDict tensors(Path run) {
        var weights =
                new LinkedHashMap<>(Safetensors.read(run.resolve("last.ckpt")).weights());
        assertThat(weights.remove("state")).isNotNull();
        return new StateDict(weights);
    }

    /** The history without its times: step, loss, validation Dice, learning rate. */
    private static List<String> course(Path run) throws IOException {
        return Files.readAllLines(run.resolve("history.csv")).stream()
                .map(row -> row.split(",", -1))
                .map(row -> String.join(",", row[0], row[2], row[3], row[4]))
                .toList();
    }
}
