package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.io.JsonFile;
import org.attunet.phantom.PhantomFiles;
import org.attunet.plan.Plan;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
    @TempDir
    static Path folder;

    private static Path data;
    private static Path file;

    @BeforeAll
    static void phantoms() {
        data = folder.resolve("data");
        file = folder.resolve("plan.yaml");
        PhantomFiles.write(data, 1, 10, 64);
        Program planned = Program.run("plan", data, "-o", file, "--no-measure", "--max-minutes", "7");
        assertThat(planned.code()).as(planned.err()).isZero();
        assertThat(planned.out()).contains("preprocessing.normalisation: CT has a unit", "--plan " + file);
    }

    @Test
    void a_training_takes_an_edited_plan_and_leaves_it_beside_what_it_took() throws Exception {
        Path edited = folder.resolve("edited.yaml");
        Files.writeString(
                edited,
                Files.readString(file)
                        .replace("widths: [16, 32, 64, 128, 256]", "widths: [4, 8]")
                        .replaceFirst("patch: .*", "patch: [32, 32]")
                        .replace("validations: 20", "validations: 1"));
        Path run = folder.resolve("run");
        Program trained = Program.run("train", data, "--plan", edited, "-o", run, "--steps", "2", "--batch", "2");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err()).contains("training.batch is 2 in place of 4 in the plan", "took 2 steps");

        Plan kept = Plan.read(run.resolve("plan.yaml"));
        assertThat(kept.model().network().widths()).containsExactly(4, 8);
        assertThat(kept.config().batches().size()).isEqualTo(2);
        assertThat(kept.config().length().steps()).isEqualTo(2);
        assertThat(Files.readString(run.resolve("plan.yaml"))).contains("Set by the command line: 2 in place of 4");
        JsonNode took = JsonFile.read(run.resolve("summary.json"), "a summary").path("took");
        assertThat(took.path("steps").asInt()).isEqualTo(2);
        assertThat(took.path("minutes").asDouble()).isPositive();

        Files.delete(run.resolve("summary.json"));
        Program resumed = Program.run("train", data, "-o", run, "--resume");
        assertThat(resumed.err()).contains("took 2 steps", "minutes of training");
        JsonNode sittings =
                JsonFile.read(run.resolve("summary.json"), "a summary").path("took");
        assertThat(sittings.path("training_minutes").asDouble()).isPositive();
        assertThat(sittings.has("minutes")).isFalse();
    }

    @Test
    void a_pixel_size_without_its_unit_is_refused() {
        Program program = Program.run("plan", data, "--no-measure", "--pixel-size", "0.5");
        assertThat(program.code()).isEqualTo(2);
        assertThat(program.err()).contains("is not a pixel size with its unit");
    }

    @Test
    void json_holds_settings_and_reasons() {
        Program program = Program.run("plan", data, "--no-measure", "--json", "--memory", "2g");
        assertThat(program.code()).as(program.err()).isZero();
        assertThat(program.json().path("training").path("batch").asInt()).isEqualTo(4);
        assertThat(program.json().path("reasons").path("training.batch").asText())
                .contains("of the 2.0 GiB allowed");
    }

    @Test
    void a_plan_for_other_data_and_one_that_is_broken_are_refused_and_leave_no_run() throws Exception {
        Path other = folder.resolve("other.yaml");
        Files.writeString(other, Files.readString(file).replace("pancreas", "spleen"));
        Program program = Program.run("train", data, "--plan", other, "-o", folder.resolve("none"));
        assertThat(program.code()).isEqualTo(1);
        assertThat(program.err()).contains("other.yaml", "labels", "spleen", "pancreas");
        Program missing = Program.run("train", data, "--plan", folder.resolve("no.yaml"), "-o", folder.resolve("none"));
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err()).contains("no.yaml", "no such file");
        assertThat(folder.resolve("none").resolve("model.json")).doesNotExist();
    }
}
