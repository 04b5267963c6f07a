package org.attunet.spark.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.attunet.error.AttunetException;
import org.attunet.spark.TestModels;
import org.attunet.spark.TestScans;
import org.attunet.spark.TestSpark;
import org.attunet.spark.storage.Storage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What can't be done: scans as rows, the rest as one sentence. */
class BadInputTest {
    @TempDir
    static Path shared;

    static Path model;

    @TempDir
    Path folder;

    @BeforeAll
    static void write_model() {
        model = TestModels.pictures(shared.resolve("model.zip"), 1);
    }

    private static SegmentSummary run(Object input, Object output) {
        var job = new SegmentJob(TestSpark.local(), List.of(model.toString()), SegmentSettings.defaults());
        return job.run(input.toString(), output.toString(), (done, total) -> {});
    }

    private static void refused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable work, Object subject, String part) {
        assertThatThrownBy(work)
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith(subject.toString())
                .hasMessageContaining(part)
                .hasMessageContaining("; expected ")
                .message()
                .doesNotContain("\n")
                .doesNotContain("attunet-"); // copies under temporary names are nobody's business
    }

    @AfterEach
    void settle() throws InterruptedException {
        TestSpark.settle(); // before the folder goes
    }

    @Test
    void scans_that_fail_are_rows_and_the_others_are_done() throws IOException {
        Path scans = Files.createDirectory(folder.resolve("scans"));
        TestScans.picture(scans.resolve("good.png"), 1, 24, 24);
        Files.writeString(scans.resolve("text.png"), "no picture");
        Files.createFile(scans.resolve("empty.nii.gz"));
        byte[] whole = Files.readAllBytes(scans.resolve("good.png"));
        Files.write(scans.resolve("cut.png"), java.util.Arrays.copyOf(whole, whole.length / 2));
        TestScans.volume(scans.resolve("deep.nii"), 1, 8, 8, 300);
        Path manifest = Files.writeString(folder.resolve("m.csv"), """
            path,case
            scans/good.png,good
            scans/text.png,text
            scans/empty.nii.gz,empty
            scans/cut.png,cut
            scans/missing.png,missing
            scans,folder
            /proc/self/mem,unreadable
            scans/good.png,../up
            """ + "scans/good.png," + "n".repeat(300));
        Path output = folder.resolve("out");
        SegmentSummary summary = run(manifest, output);
        Map<String, String> errors = new HashMap<>();
        for (Row row : TestSpark.local().read().parquet(summary.table()).collectAsList()) {
            errors.put(row.getAs("case"), row.getAs("error"));
            assertThat(row.<String>getAs("status").equals("done")).isEqualTo(row.getAs("error") == null);
        }
        assertThat(errors).hasSize(9);
        assertThat(errors.remove("good")).isNull();
        errors.forEach((name, error) -> assertThat(error)
                .as(name)
                .contains("; expected ")
                .doesNotContain("\n")
                .doesNotContain("attunet-"));
        assertThat(errors.get("missing")).startsWith(scans.resolve("missing.png") + ": there is no such file");
        assertThat(summary.errors()).hasSize(8);
        assertThat(folder.getParent().resolve("up.png")).doesNotExist();
        assertThat(TestScans.contents(output.resolve("masks"))).containsOnlyKeys("good.png");
    }

    @Test
    void models_that_are_none_are_refused_before_anything_is_written() throws IOException {
        Path zip = Files.writeString(folder.resolve("text.zip"), "no zip file");
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve("weights.pt"), "weights");
        for (Path none : List.of(zip, run, folder.resolve("missing.zip"))) {
            refused(
                    () -> new SegmentJob(TestSpark.local(), List.of(none.toString()), SegmentSettings.defaults()),
                    none,
                    "Remedy: ");
        }
        refused(
                () -> new SegmentJob(TestSpark.local(), List.of("local:" + zip), SegmentSettings.defaults()),
                "local:" + zip,
                "Remedy: ");
        refused(
                () -> new SegmentJob(TestSpark.local(), List.of(run.toString()), SegmentSettings.defaults()),
                run,
                "attunet export");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void outputs_that_cannot_be_written_are_refused() throws IOException {
        Path scans = Files.createDirectory(folder.resolve("scans"));
        TestScans.picture(scans.resolve("a.png"), 1, 24, 24);
        refused(() -> run(scans, "/proc/attunet"), "/proc/attunet/masks", "the folder cannot be made");
        Path file = Files.writeString(folder.resolve("file"), "mine");
        refused(() -> run(scans, file), file + "/masks", "the folder cannot be made");
        assertThat(file).hasContent("mine");
    }

    @Test
    void scans_are_never_replaced_by_their_masks() throws IOException {
        Path output = folder.resolve("out");
        Path scan = output.resolve("masks/a.png");
        Files.createDirectories(scan.getParent());
        TestScans.picture(scan, 1, 24, 24);
        byte[] content = Files.readAllBytes(scan);
        refused(() -> run(output.resolve("masks"), output), "file:" + output, "scans lie in the folder for masks");
        Path link = Files.createSymbolicLink(folder.resolve("link"), output.resolve("masks"));
        refused(() -> run(link, output), "file:" + link, "scans lie in the folder for masks");
        assertThat(scan).hasBinaryContent(content);
    }

    @Test
    void a_bundle_that_a_machine_lacks_or_has_another_of_is_named() throws IOException {
        var storage = new Storage(TestSpark.local().sparkContext().hadoopConfiguration());
        Path place = Files.copy(model, folder.resolve("model.zip"));
        var recipe = new ModelSpec(List.of(ModelFiles.read(storage, "local:" + place)), SegmentSettings.defaults());
        assertThat(recipe.models().get(0).files()).isEmpty();
        recipe.open(storage).close();
        Files.copy(
                TestModels.pictures(folder.resolve("other.zip"), 2),
                place,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        refused(() -> recipe.open(storage), "local:" + place, "this machine has a bundle with SHA-256");
        Files.delete(place);
        refused(() -> recipe.open(storage), place, "there is no such file on the machine ");
    }
}
