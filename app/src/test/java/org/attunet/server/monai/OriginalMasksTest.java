package org.attunet.server.monai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.server.http.HttpFailure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks that came with a data set: clients' labels replace them but never delete them. */
class OriginalMasksTest {
    @TempDir
    private Path folder;

    private Path root = Path.of("");

    @BeforeEach
    void name() {
        root = folder.resolve("data");
    }

    /** A data set of one image with its mask. */
    private void draw(String suffix) {
        Images.write(Volumes.image(1), root.resolve("imagesTr/a.nii.gz"));
        Images.write(Volumes.labels(), root.resolve("labelsTr/a" + suffix));
    }

    private DataStore open() {
        var intake = new VolumeUploads(1 << 20, Duration.ofSeconds(60));
        return DataStore.open(root, LabelSet.of(Map.of(1, "front", 2, "back")), intake, sentence -> {});
    }

    private static ObjectNode info() {
        return JsonNodeFactory.instance.objectNode();
    }

    private JsonNode json(String file) throws Exception {
        return new ObjectMapper().readTree(root.resolve(file).toFile());
    }

    private static List<String> told(DataStore store) {
        return store.images().stream()
                .map(image -> Json.OWN.valueToTree(image).toString())
                .toList();
    }

    private static List<Path> files(Path folder) throws Exception {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void the_tag_of_the_data_sets_own_masks_is_refused() throws Exception {
        draw(".nii.gz");
        DataStore store = open();
        store.save(store.get("a"), "final", Volumes.labels(), info());
        byte[] kept = Files.readAllBytes(root.resolve("labels/before/a.nii.gz"));
        var empty = new LabelMap(Volumes.GRID, new short[Volumes.GRID.voxels()]);
        for (String tag : List.of("before", "Before")) {
            assertThatThrownBy(() -> store.save(store.get("a"), tag, empty, info()))
                    .isInstanceOf(HttpFailure.class)
                    .hasMessageContaining("the tag before is that of the data set's own masks");
        }
        assertThat(root.resolve("labels/before/a.nii.gz")).hasBinaryContent(kept);
    }

    @ParameterizedTest
    @ValueSource(strings = {".nii.gz", ".nii"})
    void an_original_comes_back_when_the_label_in_its_place_is_deleted(String suffix) throws Exception {
        draw(suffix);
        Path mask = root.resolve("labelsTr/a" + suffix);
        Files.writeString(root.resolve("dataset.json"), """
            {"labels": {"0": "background", "1": "front", "2": "back"}, "numTraining": 1,
             "training": [{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a%s"}]}
            """.formatted(suffix));
        JsonNode listed = json("dataset.json");
        byte[] original = Files.readAllBytes(mask);
        DataStore store = open();
        String before = told(store).toString();
        var empty = new LabelMap(Volumes.GRID, new short[Volumes.GRID.voxels()]);
        for (int round = 0; round < 2; round++) {
            store.save(store.get("a"), "final", empty, info());
            assertThat(root.resolve("labels/before/a" + suffix)).hasBinaryContent(original);
            assertThat(Images.readLabels(root.resolve("labels/before/a" + suffix))
                            .voxels())
                    .isEqualTo(Volumes.labels().voxels());
            store.removeLabel("a", "final");
            assertThat(mask).hasBinaryContent(original);
            assertThat(json("dataset.json")).isEqualTo(listed);
            assertThat(told(store)).hasToString(before);
            assertThatThrownBy(() -> store.removeLabel("a", "final")).hasMessageContaining("came with the data set");
        }
        assertThat(told(open())).hasToString(before);
        assertThat(files(root.resolve("labels"))).isEmpty();
    }

    @Test
    void an_image_with_an_original_goes_with_all_its_labels() throws Exception {
        DataStore store = open();
        Path volume = folder.resolve("volume.nii.gz");
        Images.write(Volumes.image(1), volume);
        store.add("one", volume, info());
        Images.write(Volumes.labels(), root.resolve(store.get("one").file().replace("imagesTr", "labelsTr")));
        DataStore next = open();
        next.save(next.get("one"), "final", Volumes.labels(), info());
        assertThat(next.get("one").labels()).containsOnlyKeys("before", "final");
        next.remove("one");
        assertThat(files(root)).containsExactlyInAnyOrder(root.resolve("dataset.json"), root.resolve("datastore.json"));
    }

    @Test
    void a_listed_mask_of_another_format_is_no_label_and_hinders_no_start() throws Exception {
        draw(".nii.gz");
        Images.write(Volumes.image(2), root.resolve("imagesTr/b.nii.gz"));
        Files.delete(root.resolve("labelsTr/a.nii.gz"));
        Files.writeString(root.resolve("labelsTr/a.nrrd"), "NRRD0004");
        Files.writeString(root.resolve("dataset.json"), """
            {"labels": {"front": 1, "back": 2},
             "training": [{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nrrd"}]}
            """);
        DataStore store = open();
        assertThat(store.get("a").labels()).isEmpty();
        store.save(store.get("b"), "final", Volumes.labels(), info());
        assertThat(told(open())).isEqualTo(told(store));
    }
}
