package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.phantom.PhantomFiles;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Places that can't be written to end with exit code 1 and a sentence, and no half of a file stays. Disks of our own are
 * mounted in a user namespace of the process; where the system allows none, those tests are skipped.
 */
class BadOutputTest {
    private static final String WEIGHTS = "../train/src/test/resources/networks/seed_attunet/state_dict.pt";

    @TempDir
    static Path shared;

    static Path data;
    static Path model;

    @TempDir
    Path folder;

    @BeforeAll
    static void import_a_model() {
        data = shared.resolve("data");
        PhantomFiles.write(data, 1, 6, 64);
        model = shared.resolve("run");
        Program training = Program.run(train(model));
        assertThat(training.code()).as(training.err()).isZero();
    }

    private static Object[] train(Path run) {
        List<Object> args = new ArrayList<>(List.of("train", data, "-o", run, "--steps", 4, "--widths", "4,8"));
        args.addAll(List.of("--patch", "32x32", "--batch", 1, "--threads", 1, "--workers", 1));
        return args.toArray();
    }

    private static Path image() {
        return data.resolve("images/phantom_001.nii.gz");
    }

    /** Runs a command where a folder is a disk of its own; what lies on it afterwards is the last lines of the output. */
    private Program onDisk(String options, Path disk, Object... args) throws Exception {
        Files.createDirectories(disk);
        String mount = "mount -t tmpfs -o " + options + " attunet '" + disk + "'";
        assumeTrue(
                run(List.of("unshare", "-rm", "sh", "-c", mount)) == 0,
                "skipped: this system lets nobody mount a disk in a user namespace (unshare -rm)");
        String script = mount + " && { \"$@\"; code=$?; find '" + disk + "' -type f; exit $code; }";
        List<String> words = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", script, "sh"));
        words.addAll(ProgramProcess.command(args));
        return end(words);
    }

    private Program end(List<String> words) throws Exception {
        try (ProgramProcess program = ProgramProcess.start(folder, words)) {
            return program.end();
        }
    }

    private static int run(List<String> words) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(1, TimeUnit.MINUTES) ? process.exitValue() : -1;
        } catch (IOException e) {
            return -1; // no such command
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_full_disk_ends_an_import_and_leaves_nothing() throws Exception {
        Path disk = folder.resolve("disk");
        Program program = onDisk("size=64k", disk, "import", WEIGHTS, "-o", disk.resolve("run"));
        program.refused(disk.resolve("run/weights.pt"), "the disk is full", "room for the file", "free some space");
        assertThat(program.out()).doesNotContain(disk.toString());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_full_disk_ends_a_training_and_leaves_whole_files_alone() throws Exception {
        Path disk = folder.resolve("disk");
        Program program = onDisk("size=20k", disk, train(disk.resolve("run")));
        program.refused(disk.resolve("run/good.ckpt"), "the disk is full", "room for the file", "free some space");
        assertThat(program.out()
                        .lines()
                        .map(line ->
                                disk.resolve("run").relativize(Path.of(line)).toString()))
                .containsExactlyInAnyOrder("model.json", "split.json", "training.json", "plan.yaml");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_full_disk_is_reported_for_each_image_that_it_leaves_without_a_mask() throws Exception {
        Path disk = folder.resolve("disk");
        // A page for each file: the folder's third mask has no room.
        Program program = onDisk("size=8k", disk, "predict", model, data.resolve("images"), "-o", disk);
        assertThat(program.code()).as(program.err()).isEqualTo(1);
        assertThat(program.err()).contains("of 6 images failed; the others are done.");
        assertThat(program.err()
                        .lines()
                        .filter(line -> line.contains("the disk is full; expected room")
                                && !line.contains("no table of the predictions")))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("attunet: " + disk + "/phantom_00"));
        assertThat(program.out()).doesNotContain(".part");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_read_only_disk_is_refused() throws Exception {
        Path disk = folder.resolve("disk");
        Path run = disk.resolve("run");
        onDisk("ro", disk, train(run)).refused(run, "(Read-only file system)", "a writable folder", "another");
        onDisk("ro", disk, "import", WEIGHTS, "-o", run)
                .refused(run, "(Read-only file system)", "a writable folder", "another");
        onDisk("ro", disk, "predict", model, image(), "-o", disk)
                .refused(disk, "the folder is read-only", "a folder that masks can be written to", "another folder");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void a_limit_of_the_size_of_files_is_reported_and_leaves_nothing() throws Exception {
        Path run = folder.resolve("run");
        List<String> limited = List.of("sh", "-c", "ulimit -f 64 && exec \"$@\"", "sh"); // 32 or 64 KiB
        Program program =
                end(Stream.concat(limited.stream(), ProgramProcess.command("import", WEIGHTS, "-o", run).stream())
                        .toList());
        program.refused(
                run.resolve("weights.pt"), "it is larger than the system allows", "room for the file", "ulimit -f");
        assertThat(run).isEmptyDirectory();
    }

    @Test
    void a_file_in_the_place_of_the_output_folder_is_refused_and_kept() throws IOException {
        Path file = Files.writeString(folder.resolve("taken"), "mine");
        Program.run(train(file)).refused(file, "a file is in its place", "a writable folder", "another");
        Program.run("import", WEIGHTS, "-o", file)
                .refused(file, "a file is in its place", "a writable folder", "another");
        Program.run("predict", model, image(), "-o", file)
                .refused(file, "a file is in its place", "a writable folder", "another");
        Program.run("evaluate", model, data, "-o", file)
                .refused(file, "a file is in its place", "a writable folder", "another");
        assertThat(file).hasContent("mine");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_folder_that_nobody_may_write_to_is_refused() {
        Path run = Path.of("/proc/attunet"); // the superuser neither
        Program.run(train(run)).refused(run, "the folder cannot be made", "a writable folder", "another");
        Program.run("import", WEIGHTS, "-o", run)
                .refused(run, "the folder cannot be made", "a writable folder", "another");
        Program.run("predict", model, image(), "-o", run)
                .refused(run, "the folder cannot be made", "a writable folder", "another");
        Program.run("evaluate", model, data, "-o", run)
                .refused(run, "the folder cannot be made", "a writable folder", "another");
        Path mask = run.resolve("mask.nii.gz");
        Program.run("predict", model, image(), "-o", mask)
                .refused(mask, "it can't be written", "a writable folder", "another output folder");
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void a_pipe_or_device_is_not_replaced_by_a_file() throws Exception {
        Path pipe = folder.resolve("mask.nii.gz");
        assumeTrue(run(List.of("mkfifo", pipe.toString())) == 0, "skipped: mkfifo is missing");
        Program.run("predict", model, image(), "-o", pipe)
                .refused(pipe, "a device or a pipe", "a file name", "another");
        assertThat(Files.isRegularFile(pipe)).isFalse();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.collect(Collectors.toList())).containsExactly(pipe);
        }
    }
}
