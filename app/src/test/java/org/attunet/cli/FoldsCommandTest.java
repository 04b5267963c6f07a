package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.attunet.dataset.Folds;
import org.attunet.dataset.Split;
import org.attunet.io.JsonFile;
import org.attunet.phantom.PhantomFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldsCommandTest {
    @TempDir
    static Path folder;

    private static Program train(Path data, Path out, String... more) {
        List<Object> args = new ArrayList<>(List.of("train", data, "-o", out, "--folds", "3", "--json"));
        args.addAll(List.of("--steps", "2", "--widths", "4,8", "--patch", "64x64", "--batch", "2"));
        args.addAll(List.of("--workers", "1", "--threads", "1"));
        args.addAll(List.of(more));
        return Program.run(args.toArray());
    }

    @Test
    void folds_in_any_order_give_the_same_weights_and_predict_together() throws Exception {
        Path data = folder.resolve("data");
        PhantomFiles.write(data, 1, 6, 64);
        Path run = folder.resolve("run");
        Program all = train(data, run);
        assertThat(all.code()).as(all.err()).isZero();
        assertThat(all.json().path("cases")).hasSize(6);
        assertThat(all.json().path("mean_dice").isNumber()).isTrue();
        assertThat(all.json().at("/keep_largest/trials/0/what").asText()).isEqualTo("1");
        for (String file : List.of("folds.json", "cases.csv", "summary.json", "report.html")) {
            assertThat(run.resolve(file)).exists();
        }

        Path apart = folder.resolve("apart");
        for (String fold : List.of("2", "0", "1")) {
            Program one = train(data, apart, "--fold", fold);
            assertThat(one.code()).as(one.err()).isZero();
        }
        Folds folds = Folds.read(run.resolve("folds.json"));
        Set<String> held = new HashSet<>();
        for (int k = 0; k < 3; k++) {
            assertThat(apart.resolve("fold_" + k + "/weights.pt"))
                    .hasSameBinaryContentAs(run.resolve("fold_" + k + "/weights.pt"));
            Split split = Split.read(run.resolve("fold_" + k + "/split.json"));
            assertThat(split.test()).isEqualTo(folds.held().get(k));
            held.addAll(split.test());
            assertThat(run.resolve("fold_" + k + "/plan.yaml")).exists();
        }
        assertThat(held).hasSize(6);
        assertThat(apart.resolve("cases.csv")).hasSameTextualContentAs(run.resolve("cases.csv"));

        Program again = train(data, run);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("holds a run already", "--resume");
        Program mask = Program.run(
                "predict", run, data.resolve("images/phantom_001.nii.gz"), "-o", folder.resolve("m.nii.gz"));
        assertThat(mask.code()).as(mask.err()).isZero();
        Program seen = Program.run("evaluate", run, data);
        assertThat(seen.code()).isEqualTo(1);
        assertThat(seen.err()).contains("trained on all of its 6 cases");
        JsonNode flattered = Program.run("evaluate", run, data, "--split", "all", "--keep-largest", "1", "--json")
                .json();
        assertThat(flattered.path("cases")).hasSize(6);
        JsonNode info = Program.run("info", run, "--json").json();
        assertThat(info.path("what").asText()).isEqualTo("cross-validation");
        assertThat(info.path("cases_of_fold")).hasSize(3).allMatch(count -> count.asInt() == 2);
        assertThat(info.path("mean_dice").asDouble())
                .isEqualTo(JsonFile.read(run.resolve("summary.json"), "summary")
                        .path("mean_dice")
                        .asDouble());
        assertThat(Program.run("export", run, "-o", folder.resolve("m.zip")).err())
                .contains("3 models", "fold_0");
        assertThat(Files.exists(folder.resolve("m.zip"))).isFalse();
    }

    @Test
    void a_fold_that_does_not_exist_and_too_many_folds_are_refused() {
        Path data = folder.resolve("few");
        PhantomFiles.write(data, 1, 4, 64);
        assertThat(train(data, folder.resolve("x"), "--fold", "3").err()).contains("--fold", "0 to 2");
        assertThat(Program.run("train", data, "-o", folder.resolve("x"), "--folds", "9")
                        .err())
                .contains("folds", "2 to 4");
        assertThat(folder.resolve("x")).doesNotExist();
    }
}
