package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Split;
import org.attunet.phantom.PhantomFiles;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
    @TempDir
    static Path folder;

    static Path data;

    @BeforeAll
    static void phantoms() {
        data = folder.resolve("data");
        PhantomFiles.write(data, 1, 12, 64);
    }

    private static Program compare(Path out, String networks, String... more) {
        List<Object> args = new ArrayList<>(List.of("compare", data, "--networks", networks, "-o", out));
        args.addAll(List.of(more));
        return Program.run(args.toArray());
    }

    @Test
    void networks_hold_out_the_same_cases_and_what_is_finished_is_not_trained_again() throws IOException {
        Path out = folder.resolve("out");
        Program first = compare(out, "unet,attention-unet", "--steps", "2", "--seeds", "1", "--cases", "3", "--json");
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.err()).contains("3 to train, 1 to validate, 2 held out");
        JsonNode rows = first.json().path("rows");
        assertThat(rows).hasSize(2);
        assertThat(rows.path(0).path("network").asText()).isEqualTo("unet");
        assertThat(rows.path(0).path("cases").asInt()).isEqualTo(2);
        assertThat(rows.path(1).path("parameters").asLong())
                .isGreaterThan(rows.path(0).path("parameters").asLong());
        Split split = Split.read(out.resolve("split.json"));
        FileTime trained = Files.getLastModifiedTime(out.resolve("unet-seed1/weights.pt"));

        Program more = compare(out, "unet,attention-unet", "--steps", "2", "--seeds", "1,2", "--cases", "3", "--json");
        assertThat(more.code()).as(more.err()).isZero();
        assertThat(more.json().path("rows").path(1).path("seeds").asInt()).isEqualTo(2);
        assertThat(Files.getLastModifiedTime(out.resolve("unet-seed1/weights.pt")))
                .isEqualTo(trained);
        assertThat(more.json().at("/rows/1/difference/pairs").asInt()).isEqualTo(2);
        for (String run : List.of("unet-seed1", "unet-seed2", "attention-unet-seed1", "attention-unet-seed2")) {
            assertThat(Split.read(out.resolve(run).resolve("split.json"))).isEqualTo(split);
        }
        assertThat(out.resolve("unet-seed1/weights.pt"))
                .satisfies(one -> assertThat(Files.mismatch(one, out.resolve("unet-seed2/weights.pt")))
                        .isNotEqualTo(-1));
        assertThat(out.resolve("comparison.html")).content().contains("attention-unet", "Wilcoxon");
        assertThat(out.resolve("comparison.md")).exists();
        assertThat(out.resolve("comparison.csv")).exists();

        Program other = compare(out, "unet,attention-unet", "--steps", "3", "--cases", "3");
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("2 steps", "3 steps", "Remedy");
    }

    /** Two networks, one step of one seed each. */
    private static Program once(Path out, String... more) {
        List<String> args = new ArrayList<>(List.of("--steps", "1", "--seeds", "1", "--cases", "3"));
        args.addAll(List.of(more));
        return compare(out, "unet,attention-unet", args.toArray(String[]::new));
    }

    @Test
    void networks_are_trained_by_a_plan_that_somebody_changed_and_by_no_other_one() throws IOException {
        Path planned = folder.resolve("plan.yaml");
        Program plan = Program.run("plan", data, "-o", planned, "--no-measure");
        assertThat(plan.code()).as(plan.err()).isZero();
        String text = Files.readString(planned);
        Files.writeString(planned, text.replaceFirst("widths: \\[.*]", "widths: [4, 8]"));
        Path out = folder.resolve("planned");
        Program first = once(out, "--plan", planned.toString());
        assertThat(first.code()).as(first.err()).isZero();
        for (String run : List.of("unet-seed1", "attention-unet-seed1")) {
            assertThat(ModelDescription.read(out.resolve(run).resolve("model.json"))
                            .network()
                            .widths())
                    .containsExactly(4, 8);
        }

        Program same = once(out);
        assertThat(same.code()).as(same.err()).isZero();
        assertThat(same.err()).doesNotContain("Looking at cases");
        Files.writeString(planned, text);
        Program other = once(out, "--plan", planned.toString());
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains(planned.toString(), "leave --plan out");
    }

    @Test
    void one_network_is_no_comparison_and_an_unknown_one_is_named() {
        assertThat(compare(folder.resolve("x"), "unet,unet").err()).contains("two networks or more");
        assertThat(compare(folder.resolve("x"), "unet,vnet").code()).isEqualTo(2);
        assertThat(compare(folder.resolve("x"), "unet,attention-unet", "--cases", "0")
                        .err())
                .contains("--cases: the value is 0");
        assertThat(folder.resolve("x")).doesNotExist();
    }
}
