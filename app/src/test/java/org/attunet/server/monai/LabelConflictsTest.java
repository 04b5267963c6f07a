package org.attunet.server.monai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.image.LabelSet;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels without names are accepted only if each value means the same everywhere. */
class LabelConflictsTest {
    private static final LabelSet LIVER = LabelSet.of(Map.of(1, "liver"));
    private static final LabelSet SPLEEN = LabelSet.of(Map.of(1, "spleen"));
    private static final String NAMED =
            "{\"label_info\": [{\"name\": \"Anterior\", \"idx\": 1}, {\"name\": \"Posterior\", \"idx\": 2}]}";

    @TempDir
    private Path folder;

    @Test
    void what_two_models_call_by_one_value_is_a_conflict() {
        LabelConflicts conflicts = LabelConflicts.of(LIVER, Map.of("a", LIVER, "b", SPLEEN));
        assertThat(conflicts.text()).isEqualTo("1 is liver in the data store and spleen in the model b");
        for (boolean bare : new boolean[] {false, true}) {
            assertThatThrownBy(() -> conflicts.requireNone("label", bare))
                    .hasMessageContaining("1 is liver in the data store and spleen in the model b");
        }
        assertThatCode(() -> LabelConflicts.of(LIVER, Map.of("a", LIVER)).requireNone("label", true))
                .doesNotThrowAnyException();
    }

    @Test
    void of_many_conflicts_three_are_reported() {
        LabelSet ours = LabelSet.of(Map.of(1, "a", 2, "b", 3, "c", 4, "d"));
        LabelSet theirs = LabelSet.of(Map.of(1, "b", 2, "c", 3, "d", 4, "a"));
        assertThat(LabelConflicts.of(ours, Map.of("m", theirs)).text())
                .isEqualTo(
                        "1 is a in the data store and b in the model m, 2 is b in the data store and c in the model m,"
                                + " 3 is c in the data store and d in the model m, and so on");
    }

    @Test
    void values_with_gaps_are_no_positions() {
        LabelSet gap = LabelSet.of(Map.of(1, "liver", 3, "spleen"));
        LabelConflicts conflicts = LabelConflicts.of(gap, Map.of("a", gap));
        assertThatCode(() -> conflicts.requireNone("label", false)).doesNotThrowAnyException();
        assertThatThrownBy(() -> conflicts.requireNone("label", true))
                .hasMessageContaining(
                        "by position, and the data store has 1 liver, 3 spleen; expected labels numbered");
    }

    @Test
    void regions_that_are_written_in_another_order_have_no_positions() {
        LabelSet turned = LabelSet.regions(List.of(
                new LabelSet.Region(2, "a", Set.of(2)),
                new LabelSet.Region(1, "b", Set.of(1)),
                new LabelSet.Region(3, "c", Set.of(3))));
        assertThatThrownBy(() -> LabelConflicts.of(turned, Map.of()).requireNone("label", true))
                .hasMessageContaining("by position");
    }

    private TestConfig data(String labels) throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("dataset.json"), "{\"labels\": " + labels + "}");
        return new TestConfig(folder.resolve("work")).data(data);
    }

    @Test
    void a_server_whose_data_set_numbers_otherwise_than_its_model_takes_labels_by_their_names_alone() throws Exception {
        TestConfig config = data("{\"Posterior\": 1, \"Anterior\": 2}");
        try (var server = config.serve("hippocampus")) {
            String conflict = "1 is Posterior in the data store and Anterior in the model hippocampus";
            assertThat(server.log()).contains("labels without names are refused: " + conflict);
            var client = new MonaiClient(server.address());
            client.upload("one", Volumes.bytes(Volumes.image(1), folder));
            byte[] label = Volumes.bytes(Volumes.labels(), ".nrrd", folder);
            MonaiClient.Reply refused = client.saveLabel("one", "", "{}", "a.nrrd", label);
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.detail()).contains(conflict).contains("expected label_info");
            byte[] bare = new byte[Volumes.GRID.voxels()];
            assertThat(client.saveLabel("one", "", "{\"label_info\": []}", "label.bin", bare)
                            .status())
                    .isEqualTo(422);
            assertThat(client.saveLabel("one", "", NAMED, "a.nrrd", label).status())
                    .isEqualTo(200);
            short[] swapped = Volumes.labels().voxels();
            for (int i = 0; i < swapped.length; i++) {
                swapped[i] = (short) (swapped[i] == 0 ? 0 : 3 - swapped[i]);
            }
            byte[] back = client.get("/datastore/label?label=one").body();
            assertThat(Volumes.read(back, ".nii.gz", folder).voxels()).isEqualTo(swapped);
        }
    }

    @Test
    void bare_voxels_are_refused_where_a_data_sets_values_have_gaps() throws Exception {
        TestConfig config = data("{\"Anterior\": 1, \"Posterior\": 2, \"fornix\": 7}");
        try (var server = config.serve("hippocampus")) {
            assertThat(server.log()).contains("labels from OHIF are refused: it numbers them by position");
            var client = new MonaiClient(server.address());
            client.upload("one", Volumes.bytes(Volumes.image(1), folder));
            ByteBuffer bare = ByteBuffer.allocate(Volumes.GRID.voxels()).put(5, (byte) 2);
            assertThat(client.saveLabel("one", "", "{}", "label.bin", bare.array())
                            .detail())
                    .contains("1 Anterior, 2 Posterior, 7 fornix");
            byte[] label = Volumes.bytes(Volumes.labels(), ".nrrd", folder);
            assertThat(client.saveLabel("one", "", "{}", "a.nrrd", label).status())
                    .isEqualTo(200);
        }
    }
}
