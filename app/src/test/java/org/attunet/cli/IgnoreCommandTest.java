package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSets;
import org.attunet.dataset.Mask;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.phantom.PhantomFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training on masks of which every fourth row is judged, from plan to evaluation. */
class IgnoreCommandTest {
    private static final int OPEN = 77;

    @TempDir
    Path folder;

    private static Program train(Path data, Path run, Object... more) {
        List<Object> args = new ArrayList<>(List.of("train", data, "-o", run, "--json", "--threads", "1"));
        args.addAll(List.of("--steps", "2", "--widths", "4,8", "--patch", "32x32", "--batch", "2", "--workers", "1"));
        args.addAll(List.of(more));
        return Program.run(args.toArray());
    }

    private Path sparse() throws IOException {
        return sparse(OPEN, OPEN);
    }

    private Path sparse(int open, int other) throws IOException {
        Path data = folder.resolve("data");
        PhantomFiles.write(data, 1, 6, 64);
        for (Case one : DataSets.open(data).cases()) {
            Path file = one.mask().firstFile();
            LabelMap mask = Images.readLabels(file);
            short[] voxels = mask.voxels().clone();
            for (int i = 0; i < voxels.length; i++) {
                voxels[i] = (short) (i / 64 % 4 == 0 ? voxels[i] : i / 64 % 4 == 1 ? other : open);
            }
            Images.write(mask.with(mask.grid(), voxels), file);
        }
        return data;
    }

    @Test
    void a_run_remembers_the_value_to_ignore_and_its_model_does_not_know_it() throws Exception {
        Path data = sparse();
        Program plan = Program.run("plan", data, "--ignore", OPEN, "--no-measure", "-o", folder.resolve("plan.yaml"));
        assertThat(plan.code()).as(plan.err()).isZero();
        assertThat(plan.err()).contains("25% of the masks' voxels are judged");
        assertThat(plan.out()).contains("--ignore 77 -o run");

        Path run = folder.resolve("run");
        Program trained = train(data, run, "--ignore", OPEN);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.json().path("mean_dice").isNumber()).isTrue();
        assertThat(ModelDescription.read(run.resolve("model.json")).labels().values())
                .containsExactly(1);

        Program measured = Program.run("evaluate", run, data, "--split", "all", "--json");
        assertThat(measured.code()).as(measured.err()).isZero();
        int judged = 64 * 16;
        measured.json().path("cases").forEach(one -> {
            var label = one.path("labels").path("1");
            assertThat(label.path("tp").asInt()
                            + label.path("fp").asInt()
                            + label.path("fn").asInt())
                    .isLessThanOrEqualTo(judged);
        });
        Program again = train(data, run, "--resume");
        assertThat(again.code()).as(again.err()).isZero();
        Program other = train(data, run, "--resume", "--ignore", 78);
        assertThat(other.code()).isEqualTo(1);
        assertThat(Program.run("info", data, "--ignore", OPEN, "--json")
                        .json()
                        .path("ignored")
                        .asInt())
                .isEqualTo(OPEN);

        Path bundle = folder.resolve("model.zip");
        Program exported = Program.run("export", run, "-o", bundle, "--data", data);
        assertThat(exported.code()).as(exported.err()).isZero();
        assertThat(Program.run("evaluate", bundle, data, "--json").err()).contains("--ignore 77");
        Program ofBundle = Program.run("evaluate", bundle, data, "--ignore", OPEN, "--json");
        assertThat(ofBundle.code()).as(ofBundle.err()).isZero();
    }

    @Test
    void all_values_that_are_not_declared_can_be_ignored() throws Exception {
        Path data = sparse(OPEN, 9);
        Files.writeString(
                data.resolve("dataset.json"),
                "{\"labels\": {\"background\": 0, \"organ\": 1}, \"channel_names\": {\"0\": \"CT\"}}");
        Path run = folder.resolve("run");
        Program refused = train(data, run);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("holds the label 9", "--ignore 9", "--ignore undeclared");

        Program trained = train(data, run, "--ignore", "undeclared");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err()).contains("9 in 6, 77 in 6", "of 6 masks", "25% of the masks' voxels are judged");
        assertThat(ModelDescription.read(run.resolve("model.json")).labels().values())
                .containsExactly(1);
        Program resumed = train(data, run, "--resume");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(train(data, run, "--resume", "--ignore", "9").err()).contains("undeclared", "77");

        Program measured = Program.run("evaluate", run, data, "--split", "all", "--lesions", "organ", "--json");
        assertThat(measured.code()).as(measured.err()).isZero();
        measured.json().path("cases").forEach(one -> {
            var label = one.path("labels").path("1");
            int counted = label.path("tp").asInt()
                    + label.path("fp").asInt()
                    + label.path("fn").asInt();
            assertThat(counted).isLessThanOrEqualTo(64 * 16);
        });
        Path masks = data.resolve("masks");
        Path predictions = Files.createDirectories(folder.resolve("predictions"));
        for (Case one : DataSets.open(DataFolders.of(data), null, Mask.UNDECLARED, (done, all) -> {})
                .cases()) {
            Path file = one.mask().firstFile();
            LabelMap known = one.read(LabelSet.of(Map.of(1, "organ"))).labels().known();
            Images.write(known, predictions.resolve(file.getFileName()));
        }
        Program folders = Program.run(
                "evaluate", "--truth", masks, "--prediction", predictions, "--ignore", "undeclared", "--json");
        assertThat(folders.code()).as(folders.err()).isZero();
        assertThat(folders.err()).contains("9 in 6, 77 in 6");
        assertThat(folders.json().path("summary").path("mean_dice").asDouble()).isEqualTo(1);
        Files.delete(data.resolve("dataset.json"));
        assertThat(Program.run("evaluate", "--truth", masks, "--prediction", predictions, "--ignore", "undeclared")
                        .err())
                .contains("no dataset.json");
        assertThat(Program.run("plan", data, "--ignore", "none").err()).contains("neither a value nor undeclared");
    }

    @Test
    void zero_is_the_background_and_no_value_to_ignore() throws Exception {
        Program refused = train(sparse(), folder.resolve("run"), "--ignore", "0");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("--ignore", "from 1 to 65535");
    }
}
