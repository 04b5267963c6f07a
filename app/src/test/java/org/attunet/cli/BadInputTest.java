package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input ends with exit code 1 and a sentence that names the file, what is there, what was expected, what to do. */
class BadInputTest {
    private static final Path RESOURCES = Path.of("../train/src/test/resources");
    private static final int SIZE = 32;

    @TempDir
    static Path shared;

    static Path model;

    @TempDir
    Path folder;

    private Path data;
    private Path out;

    @BeforeAll
    static void train_a_model() throws IOException {
        Path good = shared.resolve("data");
        write(good, ".nii.gz", 6);
        model = shared.resolve("run");
        Program training = train(good, model);
        assertThat(training.code()).as(training.err()).isZero();
    }

    @BeforeEach
    void folders() {
        data = folder.resolve("data");
        out = folder.resolve("out");
    }

    /** A data set of one bright square in each image, case_0 and so on. */
    private static void write(Path target, String suffix, int count) throws IOException {
        for (int k = 0; k < count; k++) {
            float[] grey = new float[SIZE * SIZE];
            short[] labels = new short[SIZE * SIZE];
            for (int i = 0; i < grey.length; i++) {
                boolean inside = i % SIZE / 8 == 1 + k % 2 && i / SIZE / 8 == 1;
                grey[i] = inside ? 200 : i * 7 % 50 + k;
                labels[i] = (short) (inside ? 1 : 0);
            }
            String name = "case_" + k + suffix;
            Images.write(Image.of(Grid.of(SIZE, SIZE), grey), target.resolve("images/" + name));
            Images.write(new LabelMap(Grid.of(SIZE, SIZE), labels), target.resolve("masks/" + name));
        }
    }

    private void declareOneLabel() throws IOException {
        Files.writeString(data.resolve("dataset.json"), """
            {"labels": {"background": 0, "organ": 1}, "channel_names": {"0": "CT"}}
            """);
    }

    private static Program train(Path data, Path run, Object... more) {
        List<Object> args = new ArrayList<>(List.of("train", data, "-o", run, "--steps", 2, "--widths", "4,8"));
        args.addAll(List.of("--patch", "32x32", "--batch", 1, "--threads", 1, "--workers", 1));
        args.addAll(List.of(more));
        return Program.run(args.toArray());
    }

    private static void truncate(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    }

    private static void flip(Path file, int fromEnd) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - fromEnd] ^= 4;
        Files.write(file, bytes);
    }

    private static void nothing(Path output) throws IOException {
        if (Files.exists(output)) {
            try (Stream<Path> files = Files.walk(output)) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
        }
    }

    @Test
    void a_truncated_nifti_is_refused() throws IOException {
        write(data, ".nii", 6);
        Path bad = data.resolve("images/case_3.nii");
        truncate(bad);
        train(data, out)
                .refused(bad, "it has 2224 bytes", "4448 bytes as its header says", "copy or make the file again");
        nothing(out);
    }

    @Test
    void a_truncated_compressed_nifti_is_refused() throws IOException {
        write(data, ".nii.gz", 6);
        Path bad = data.resolve("masks/case_3.nii.gz");
        truncate(bad);
        train(data, out).refused(bad, "it ends too early", "a whole file", "copy or make the file again");
        nothing(out);
    }

    @Test
    void a_nifti_with_a_flipped_bit_is_refused() throws IOException {
        write(data, ".nii.gz", 6);
        for (int fromEnd : new int[] {7, 60}) { // of the checksum, of the content
            Path bad = data.resolve("images/case_" + fromEnd % 6 + ".nii.gz");
            byte[] whole = Files.readAllBytes(bad);
            flip(bad, fromEnd);
            train(data, out).refused(bad, "its compressed data are damaged", "an undamaged file", "copy or make");
            nothing(out);
            Files.write(bad, whole);
        }
    }

    @Test
    void a_truncated_png_is_refused() throws IOException {
        write(data, ".png", 6);
        Path bad = data.resolve("images/case_3.png");
        truncate(bad);
        train(data, out).refused(bad, "it ends too early", "a whole file", "copy or make the file again");
        nothing(out);
    }

    @Test
    void a_png_with_a_flipped_bit_is_refused() throws IOException {
        write(data, ".png", 6);
        Path bad = data.resolve("images/case_3.png");
        flip(bad, 30);
        train(data, out).refused(bad, "the checksum of its IDAT chunk is wrong", "an undamaged file", "copy or make");
        nothing(out);
    }

    private Path weights(String name) throws IOException {
        return Files.copy(RESOURCES.resolve("networks/seed_attunet/state_dict.pt"), folder.resolve(name));
    }

    @Test
    void a_truncated_pth_is_refused() throws IOException {
        Path bad = weights("truncated.pth");
        truncate(bad);
        Program.run("import", bad, "-o", out)
                .refused(
                        bad,
                        "the zip's end is missing, the file was cut off at",
                        "",
                        "copy or download the file again");
        nothing(out);
    }

    @Test
    void a_pth_with_a_flipped_bit_is_refused() throws IOException {
        Path bad = weights("flipped.pth");
        flip(bad, (int) (Files.size(bad) / 2));
        Program.run("import", bad, "-o", out)
                .refused(bad, "has CRC-32", "content that matches its checksum", "copy or download the file again");
        nothing(out);
    }

    @Test
    void a_pth_that_names_os_system_is_refused_with_that_name() throws IOException {
        // A pickle of os.system names the module where Python's function comes from.
        for (String name : List.of("os_system.pt", "os_system_legacy.pt")) {
            Path bad = RESOURCES.resolve("weights").resolve(name);
            Program.run("import", bad, "-o", out)
                    .refused(bad, "it names posix.system", "tensors in plain containers", "do not load this file");
        }
        Path bad = folder.resolve("direct.pth");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bad))) {
            byte[] pickle = "\u0080\2cos\nsystem\n(X\4\0\0\0exittR.".getBytes(StandardCharsets.ISO_8859_1);
            CRC32 crc = new CRC32();
            crc.update(pickle);
            ZipEntry entry = new ZipEntry("archive/data.pkl");
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(pickle.length);
            entry.setCrc(crc.getValue());
            zip.putNextEntry(entry);
            zip.write(pickle);
        }
        Program.run("import", bad, "-o", out)
                .refused(bad, "it names os.system", "tensors in plain containers", "do not load this file");
        nothing(out);
    }

    /** Sets pixdim[2] of an uncompressed NIfTI that has no other geometry. */
    private Path spacing(float value) throws IOException {
        write(data, ".nii", 6);
        Path bad = data.resolve("images/case_3.nii");
        ByteBuffer header = ByteBuffer.wrap(Files.readAllBytes(bad)).order(ByteOrder.LITTLE_ENDIAN);
        header.putShort(252, (short) 0).putShort(254, (short) 0).putFloat(84, value);
        return Files.write(bad, header.array());
    }

    @Test
    void zero_spacing_is_refused() throws IOException {
        Path bad = spacing(0);
        train(data, out).refused(bad, "spacing is 0 on axis y", "a positive number", "set pixdim[2]");
        nothing(out);
    }

    @Test
    void spacing_that_is_no_number_is_refused() throws IOException {
        Path bad = spacing(Float.NaN);
        train(data, out).refused(bad, "spacing is NaN on axis y", "a positive number", "set pixdim[2]");
        nothing(out);
    }

    @Test
    void an_image_and_a_mask_of_different_size_are_refused() throws IOException {
        write(data, ".png", 6);
        Path bad = data.resolve("masks/case_3.png");
        Images.write(new LabelMap(Grid.of(SIZE, SIZE + 1), new short[SIZE * (SIZE + 1)]), bad);
        train(data, out).refused(bad, "the mask's size is 32 x 33", "32 x 32 as its image", "export the mask");
        nothing(out);
    }

    @Test
    void a_mask_with_a_label_that_is_not_declared_is_refused() throws IOException {
        write(data, ".png", 6);
        declareOneLabel();
        for (int k = 0; k < 6; k++) { // whichever of them is trained on
            Path bad = data.resolve("masks/case_" + k + ".png");
            short[] labels = Images.readLabels(bad).voxels().clone();
            labels[5] = 2;
            Images.write(new LabelMap(Grid.of(SIZE, SIZE), labels), bad);
        }
        Program training = train(data, out);
        Path named = Stream.of(0, 1, 2, 3, 4, 5)
                .map(k -> data.resolve("masks/case_" + k + ".png"))
                .filter(mask -> training.err().contains(mask.toString()))
                .findAny()
                .orElseThrow();
        training.refused(
                named, "the mask holds the label 2", "0 or a declared label (1 organ)", "declare 2 under labels");
        nothing(out);
    }

    @Test
    void a_data_set_with_no_pairs_is_refused() throws IOException {
        write(data, ".png", 2);
        for (int k = 0; k < 2; k++) {
            Files.move(data.resolve("masks/case_" + k + ".png"), data.resolve("masks/other_" + k + ".png"));
        }
        Path images = data.resolve("images");
        train(data, out)
                .refused(images, "none of the images (case_0.png, case_1.png) has a mask", "stems", "rename the masks");
        Files.delete(data.resolve("masks/other_0.png"));
        Files.delete(data.resolve("masks/other_1.png"));
        train(data, out).refused(data.resolve("masks"), "no image file", "NIfTI", "put the files there");
        train(folder.resolve("none"), out).refused(folder.resolve("none"), "there is nothing", "images/", "give the");
        nothing(out);
    }

    @Test
    void a_damaged_mask_is_reported_by_name_before_the_training_whatever_is_declared() throws IOException {
        write(data, ".nii.gz", 10);
        declareOneLabel();
        Path bad = data.resolve("masks/case_3.nii.gz");
        flip(bad, 7);
        train(data, out, "--json").refused(bad, "its compressed data are damaged", "an undamaged file", "copy or make");
        assertThat(out.resolve("weights.pt")).doesNotExist();
    }

    @Test
    void one_unreadable_image_among_many_does_not_stop_predict() throws IOException {
        write(data, ".nii.gz", 5);
        Path bad = data.resolve("images/case_2.nii.gz");
        truncate(bad);
        Program program = Program.run("predict", model, data.resolve("images"), "-o", out);
        program.refused(bad, "it ends too early", "a whole file", "copy or make the file again");
        assertThat(program.err()).contains("1 of 5 images failed; the others are done.");
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "case_0.nii.gz", "case_1.nii.gz", "case_3.nii.gz", "case_4.nii.gz", "predictions.csv");
        }
    }

    /** A copy of the run that a test may damage. */
    private Path run() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("run"));
        for (String name : List.of("model.json", "weights.pt", "training.json", "split.json", "last.ckpt")) {
            Files.copy(model.resolve(name), copy.resolve(name));
        }
        return copy;
    }

    private void refusedByPredictAndEvaluate(Path run, Path subject, String found, String expected, String remedy)
            throws IOException {
        Path image = shared.resolve("data/images/case_0.nii.gz");
        Program.run("predict", run, image, "-o", out).refused(subject, found, expected, remedy);
        Program.run("evaluate", run, shared.resolve("data"), "-o", out).refused(subject, found, expected, remedy);
        nothing(out);
    }

    @Test
    void a_folder_that_holds_no_whole_run_is_refused() throws IOException {
        Path none = folder.resolve("none");
        refusedByPredictAndEvaluate(none, none, "it doesn't exist", "a run folder", "give the folder");
        Path run = run();
        Files.delete(run.resolve("weights.pt"));
        refusedByPredictAndEvaluate(run, run, "no weights.pt is there", "a run whose training", "--resume");
        Files.delete(run.resolve("model.json"));
        refusedByPredictAndEvaluate(run, run, "no model.json is there", "a run folder", "give the folder");
    }

    @Test
    void a_run_whose_weights_are_damaged_is_refused() throws IOException {
        Path run = run();
        Path weights = run.resolve("weights.pt");
        flip(weights, (int) Files.size(weights) / 3);
        refusedByPredictAndEvaluate(run, weights, "", "", "copy or download");
        truncate(weights);
        refusedByPredictAndEvaluate(run, weights, "the zip's end is missing", "", "copy or download");
        Path others = RESOURCES.resolve("networks/seed_attunet/state_dict.pt");
        Files.copy(others, weights, StandardCopyOption.REPLACE_EXISTING);
        refusedByPredictAndEvaluate(run, weights, "has a weight too many", "", "");
    }

    @Test
    void a_run_whose_description_is_damaged_is_refused() throws IOException {
        Path run = run();
        Path description = run.resolve("model.json");
        truncate(description);
        refusedByPredictAndEvaluate(run, description, "", "JSON", "restore model.json");
        Files.writeString(description, "null");
        refusedByPredictAndEvaluate(run, description, "no JSON object", "fields", "restore model.json");
    }

    @Test
    void a_training_whose_files_are_damaged_does_not_go_on() throws IOException {
        Path run = run();
        Path images = shared.resolve("data");
        truncate(run.resolve("last.ckpt"));
        train(images, run, "--resume").refused(run.resolve("last.ckpt"), "", "", "copy or download");
        Files.delete(run.resolve("last.ckpt"));
        for (String content : List.of("null", "{}", "{\"steps\": ", "[1, 2]")) {
            Files.writeString(run.resolve("training.json"), content);
            train(images, run, "--resume")
                    .refused(
                            run.resolve("training.json"), "can't be read", "the settings of a training", "start a new");
        }
        Files.writeString(run.resolve("split.json"), "{\"seed\": 1,");
        Files.copy(model.resolve("training.json"), run.resolve("training.json"), StandardCopyOption.REPLACE_EXISTING);
        train(images, run, "--resume").refused(run.resolve("split.json"), "it is not JSON", "the split", "restore it");
        Files.writeString(run.resolve("split.json"), "{}");
        train(images, run, "--resume").refused(run.resolve("split.json"), "seed or hashes", "the split", "restore it");
        Files.delete(run.resolve("training.json"));
        train(images, run, "--resume").refused(run, "it holds weights but no training.json", "to continue", "-o");
    }
}
