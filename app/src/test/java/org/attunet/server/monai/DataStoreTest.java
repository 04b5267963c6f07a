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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.error.AttunetException;
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

/** The data store on disk: new stores, existing data sets, restarts, damage, concurrency. */
class DataStoreTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "anterior", 2, "posterior"));
    private static final VolumeUploads UPLOADS = new VolumeUploads(1 << 20, Duration.ofSeconds(60));

    @TempDir
    private Path folder;

    private final List<String> reports = new ArrayList<>();
    private Path root = Path.of("");
    private Path volume = Path.of("");

    @BeforeEach
    void draw() {
        root = folder.resolve("data");
        volume = folder.resolve("volume.nii.gz");
        Images.write(Volumes.image(1), volume);
    }

    private DataStore open() {
        return DataStore.open(root, LABELS, UPLOADS, reports::add);
    }

    private static ObjectNode info() {
        return JsonNodeFactory.instance.objectNode().put("client_id", "user-xyz");
    }

    private JsonNode json(String file) throws Exception {
        return new ObjectMapper().readTree(root.resolve(file).toFile());
    }

    private static List<String> told(DataStore store) {
        return store.images().stream()
                .map(image -> Json.OWN.valueToTree(image).toString())
                .toList();
    }

    private static List<String> files(Path folder) throws Exception {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** A data set in the Medical Segmentation Decathlon's layout: a and b with masks, c without, d in imagesTs. */
    private void decathlon(String... imagesTr) throws Exception {
        for (String name : imagesTr) {
            Images.write(
                    Volumes.image(name.hashCode()), root.resolve("imagesTr").resolve(name));
        }
        Images.write(Volumes.image(4), root.resolve("imagesTs/d.nii.gz"));
        Images.write(Volumes.labels(), root.resolve("labelsTr/a.nii.gz"));
        Images.write(Volumes.labels(), root.resolve("labelsTr/b.nii.gz"));
    }

    @Test
    void a_new_store_becomes_a_data_set_with_its_first_label() throws Exception {
        DataStore store = open();
        store.add("one", volume, info());
        store.add("two", volume, info());
        assertThatThrownBy(() -> DataSets.open(root)).isInstanceOf(AttunetException.class);
        store.save(store.get("two"), "final", Volumes.labels(), info());
        DataSet data = DataSets.open(root);
        assertThat(data.cases()).hasSize(1);
        assertThat(data.labels()).isEqualTo(LABELS);
        assertThat(json("dataset.json").path("numTraining").asInt()).isEqualTo(1);
        assertThat(store.get("two")
                        .labels()
                        .get("final")
                        .info()
                        .path("client_id")
                        .asText())
                .isEqualTo("user-xyz");
        store.removeLabel("two", "final");
        assertThat(json("dataset.json").path("training")).isEmpty();
        assertThat(files(root.resolve("labelsTr"))).isEmpty();
        store.remove("two");
        assertThat(store.images()).hasSize(1);
    }

    @Test
    void a_new_store_of_a_model_of_regions_declares_them() {
        LabelSet nested = LabelSet.regions(
                List.of(new LabelSet.Region(1, "whole", Set.of(1, 2)), new LabelSet.Region(2, "core", Set.of(2))));
        LabelSet labels =
                MonaiLabelRoutes.declared(List.of(nested, LabelSet.of(Map.of(2, "spleen", 3, "liver", 4, "whole"))));
        DataStore store = DataStore.open(root, labels, UPLOADS, reports::add);
        store.add("one", volume, info());
        store.save(store.get("one"), "final", Volumes.labels(), info());
        assertThat(DataSets.open(root).labels())
                .isEqualTo(LabelSet.regions(List.of(
                        new LabelSet.Region(1, "whole", Set.of(1, 2)),
                        new LabelSet.Region(2, "core", Set.of(2)),
                        new LabelSet.Region(3, "liver", Set.of(3)))));
        assertThat(MonaiLabelRoutes.declared(List.of(LABELS, LabelSet.of(Map.of(2, "liver", 5, "spleen")))))
                .isEqualTo(LabelSet.of(Map.of(1, "anterior", 2, "posterior", 5, "spleen")));
    }

    @Test
    void drafts_lie_beside_the_data_set_and_train_nothing() throws Exception {
        DataStore store = open();
        store.add("one", volume, info());
        store.save(store.get("one"), "original", Volumes.labels(), info());
        assertThat(files(root.resolve("labels/original"))).hasSize(1);
        assertThat(root.resolve("dataset.json")).doesNotExist();
        assertThat(store.get("one").labels()).containsOnlyKeys("original");
        for (String tag : List.of("", "..", "../final", "a/b", ".hidden", "x".repeat(65), "ä")) {
            assertThatThrownBy(() -> store.save(store.get("one"), tag, Volumes.labels(), info()))
                    .isInstanceOf(HttpFailure.class)
                    .hasMessageContaining("tag");
        }
    }

    @Test
    void a_restart_finds_everything() {
        DataStore store = open();
        store.add("an id / with ümlauts", volume, info());
        store.add("two", volume, info());
        store.save(store.get("two"), "final", Volumes.labels(), info());
        store.save(store.get("two"), "v2", Volumes.labels(), info());
        assertThat(told(open())).isEqualTo(told(store));
        assertThat(reports).contains("the data store has 2 images, 1 with labels");
    }

    @Test
    void ids_never_reach_a_path() throws Exception {
        DataStore store = open();
        List<String> ids = List.of(
                "../../etc/passwd",
                "/etc/passwd",
                "a/b",
                "a\\b",
                "..",
                "C:\\x",
                "a\0b",
                "日本語",
                "\n",
                "x".repeat(1000),
                "con");
        for (String id : ids) {
            if (id.isBlank()) {
                assertThatThrownBy(() -> store.add(id, volume, info())).isInstanceOf(HttpFailure.class);
                continue;
            }
            store.add(id, volume, info());
            store.save(store.get(id), "final", Volumes.labels(), info());
        }
        assertThatThrownBy(() -> store.add("x".repeat(10_000), volume, info()))
                .hasMessageContaining("10000 characters; expected at most 1000");
        assertThat(files(root.resolve("imagesTr")))
                .hasSize(10)
                .allMatch(name -> name.matches("[0-9a-f]{32}\\.nii\\.gz"));
        assertThat(files(root.resolve("labelsTr"))).isEqualTo(files(root.resolve("imagesTr")));
        assertThat(files(folder)).hasSize(10 + 10 + 3); // with the volume, datastore.json and dataset.json
        assertThat(open().images()).hasSize(10);
    }

    @Test
    void the_same_image_may_come_again_and_another_needs_another_id() {
        DataStore store = open();
        store.add("one", volume, info());
        store.save(store.get("one"), "final", Volumes.labels(), info());
        StoredImage before = store.get("one");
        store.add("one", volume, info());
        Path uncompressed = folder.resolve("same.nii");
        Images.write(Images.read(volume), uncompressed);
        store.add("one", uncompressed, info());
        assertThat(store.get("one")).isEqualTo(before);
        Path other = folder.resolve("other.nii.gz");
        Images.write(Volumes.image(2), other);
        assertThatThrownBy(() -> store.add("one", other, info())).hasMessageContaining("another image has this id");
    }

    @Test
    void of_a_decathlon_data_set_nothing_is_lost() throws Exception {
        decathlon("a.nii.gz", "b.nii.gz", "c.nii.gz");
        Files.writeString(root.resolve("dataset.json"), """
            {"name": "Ours", "licence": "CC-BY", "modality": {"0": "MRI"}, "extra": {"x": [1, 2.50]},
             "labels": {"0": "background", "1": "front", "2": "back"}, "numTraining": 1, "numTest": 1,
             "training": [{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz", "note": "kept"}],
             "test": ["./imagesTs/d.nii.gz"]}
            """);
        JsonNode before = json("dataset.json");
        byte[] original = Files.readAllBytes(root.resolve("labelsTr/a.nii.gz"));
        DataStore store = open();
        assertThat(store.images()).extracting(StoredImage::id).containsExactly("a", "b", "c", "d");
        assertThat(store.labels().names()).containsExactly("front", "back");
        assertThat(json("dataset.json")).as("opening changes nothing").isEqualTo(before);
        assertThat(root.resolve("datastore.json")).doesNotExist();
        short[] empty = new short[Volumes.GRID.voxels()];
        store.save(store.get("a"), "final", new LabelMap(Volumes.GRID, empty), info());
        store.save(store.get("c"), "final", Volumes.labels(), info());
        assertThat(Files.readAllBytes(root.resolve("labels/before/a.nii.gz"))).isEqualTo(original);
        assertThat(Images.readLabels(root.resolve("labelsTr/a.nii.gz")).voxels())
                .isEqualTo(empty);
        ObjectNode after = (ObjectNode) json("dataset.json");
        assertThat(after.path("training").toString())
                .isEqualTo("[{\"image\":\"./imagesTr/a.nii.gz\",\"label\":\"./labelsTr/a.nii.gz\",\"note\":\"kept\"},"
                        + "{\"image\":\"./imagesTr/c.nii.gz\",\"label\":\"./labelsTr/c.nii.gz\"}]");
        assertThat(after.path("numTraining").asInt()).isEqualTo(2);
        after.set("training", before.path("training"));
        after.put("numTraining", 1);
        assertThat(after).isEqualTo(before);
        assertThat(DataSets.open(root).cases()).hasSize(2); // b, which its maker did not list, stays out
        assertThatThrownBy(() -> store.remove("b")).hasMessageContaining("came with the data set");
        assertThatThrownBy(() -> store.removeLabel("b", "final")).hasMessageContaining("came with the data set");
    }

    @Test
    void a_data_set_of_nnunet_2_goes_by_its_cases_and_keeps_all_of_them() throws Exception {
        decathlon("a_0000.nii.gz", "b_0000.nii.gz", "c_0000.nii.gz");
        Files.writeString(root.resolve("dataset.json"), """
            {"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1, "back": 2},
             "numTraining": 2, "file_ending": ".nii.gz"}
            """);
        DataStore store = open();
        assertThat(store.images()).extracting(StoredImage::id).containsExactly("a", "b", "c", "d");
        assertThat(store.images())
                .filteredOn(image -> image.labels().containsKey("final"))
                .hasSize(2);
        store.save(store.get("c"), "final", Volumes.labels(), info());
        store.add("new", volume, info());
        store.save(store.get("new"), "final", Volumes.labels(), info());
        assertThat(root.resolve("labelsTr/c.nii.gz")).exists();
        DataSet data = DataSets.open(root);
        assertThat(data.cases()).hasSize(4);
        assertThat(data.labels().toString()).isEqualTo("1 front, 2 back");
        assertThat(open().images()).extracting(StoredImage::id).containsExactlyInAnyOrder("a", "b", "c", "d", "new");
    }

    @Test
    void data_sets_of_several_channel_files_or_another_layout_are_refused() throws Exception {
        Images.write(Volumes.image(1), root.resolve("imagesTr/a_0000.nii.gz"));
        Images.write(Volumes.image(2), root.resolve("imagesTr/a_0001.nii.gz"));
        assertThatThrownBy(this::open).hasMessageContaining("several channel files");
        root = folder.resolve("other");
        Files.createDirectories(root.resolve("images"));
        assertThatThrownBy(this::open).hasMessageContaining("images/ and no imagesTr/");
        assertThat(files(root)).isEmpty();
    }

    @Test
    void images_of_four_digit_names_with_masks_of_the_same_names_are_no_channels() throws Exception {
        for (String id : List.of("scan_0000", "scan_0001")) {
            Files.createDirectories(root.resolve("labelsTr"));
            Images.write(Volumes.image(1), root.resolve("imagesTr/" + id + ".nii.gz"));
            Images.write(Volumes.labels(), root.resolve("labelsTr/" + id + ".nii.gz"));
        }
        assertThat(open().images()).extracting(StoredImage::id).containsExactly("scan_0000", "scan_0001");
    }

    @Test
    void an_image_put_there_by_hand_gets_another_id_where_a_client_has_taken_its_name() throws Exception {
        DataStore store = open();
        store.add("scan", volume, info());
        Files.copy(volume, root.resolve("imagesTr/scan.nii.gz"));
        assertThat(open().images()).extracting(StoredImage::id).containsExactly("scan", "imagesTr/scan.nii.gz");
        Images.write(Volumes.image(2), root.resolve("imagesTr/twice.nii"));
        Images.write(Volumes.image(2), root.resolve("imagesTr/twice.nii.gz"));
        assertThatThrownBy(this::open).hasMessageContaining("another image is called twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{\"images\": 1}",
                "{\"images\": [{\"id\": \"a\", \"file\": \"../../secret.nii.gz\"}]}",
                "{\"images\": [{\"id\": \"a\", \"file\": \"\"}]}",
                "{\"images\": [{\"id\": \"a\", \"file\": \"imagesTr/a.nii.gz\", \"labels\": {\"x\": {\"file\":"
                        + " \"/etc/x.nii\"}}}]}",
                "{\"images\": [{\"id\": \"\", \"file\": \"imagesTr/a.nii.gz\"}]}",
            })
    void a_damaged_index_is_reported_at_the_start_and_left_as_it_is(String content) throws Exception {
        Files.createDirectories(root);
        Path index = Files.writeString(root.resolve("datastore.json"), content);
        assertThatThrownBy(this::open).isInstanceOf(AttunetException.class).hasMessageStartingWith(index.toString());
        assertThat(index).hasContent(content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "{\"training\": {}}",
                "{\"labels\": {\"a\": [1, 2]}}",
                "{\"labels\": {\"a\": 1, \"b\": 1}}",
                "{\"labels\": {\"a\": -1}}",
                "{\"labels\": {\"a\": \"b\"}}",
            })
    void a_damaged_description_is_reported_at_the_start_and_left_as_it_is(String content) throws Exception {
        Files.createDirectories(root);
        Path file = Files.writeString(root.resolve("dataset.json"), content);
        assertThatThrownBy(this::open).isInstanceOf(AttunetException.class).hasMessageStartingWith(file.toString());
        assertThat(file).hasContent(content);
    }

    @Test
    void what_a_killed_process_leaves_is_put_right_by_the_next() throws Exception {
        DataStore store = open();
        store.add("whole", volume, info());
        store.save(store.get("whole"), "final", Volumes.labels(), info());
        store.add("entry without file", volume, info());
        Files.delete(root.resolve(store.get("entry without file").file()));
        store.save(store.get("whole"), "draft", Volumes.labels(), info());
        Files.delete(root.resolve(store.get("whole").labels().get("draft").file()));
        Files.delete(root.resolve("dataset.json")); // killed between the mask and the list
        Files.copy(volume, root.resolve("imagesTr/.0123456789abcdef0123456789abcdef.nii.gz"));
        Files.copy(volume, root.resolve("imagesTr/..0123456789abcdef0123456789abcdef.nii.gz.7-1.part"));
        Files.copy(volume, root.resolve("imagesTr/by hand.nii.gz"));
        DataStore next = open();
        assertThat(next.images()).extracting(StoredImage::id).containsExactly("whole", "by hand");
        assertThat(next.get("whole").labels()).containsOnlyKeys("final");
        assertThat(files(root.resolve("imagesTr"))).hasSize(2);
        assertThat(DataSets.open(root).cases()).hasSize(1);
        assertThat(reports).contains("1 images of the data store's index have no file and are left out");
    }

    @Test
    void where_a_file_cannot_appear_the_index_is_as_before() throws Exception {
        DataStore store = open();
        store.add("one", volume, info());
        store.save(store.get("one"), "v1", Volumes.labels(), info());
        JsonNode index = json("datastore.json");
        Path target = root.resolve(store.get("one").labels().get("v1").file());
        Files.delete(target);
        Files.createDirectories(target.resolve("in the way"));
        assertThatThrownBy(() -> store.save(store.get("one"), "v1", Volumes.labels(), info()))
                .isInstanceOf(AttunetException.class);
        assertThat(json("datastore.json")).isEqualTo(index);
        assertThat(store.get("one").labels().get("v1").info())
                .hasToString(index.at("/images/0/labels/v1/info").toString());
    }

    @Test
    void eight_threads_that_save_leave_a_whole_store() throws Exception {
        DataStore store = open();
        var threads = Executors.newFixedThreadPool(8);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            String id = "id " + t;
            all.add(threads.submit(() -> {
                store.add(id, volume, info());
                store.save(store.get(id), "final", Volumes.labels(), info());
                store.add("shared", volume, info());
                store.save(store.get("shared"), "final", Volumes.labels(), info());
                store.save(store.get(id), "draft", Volumes.labels(), info());
                store.removeLabel(id, "draft");
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
        assertThat(store.images())
                .hasSize(9)
                .allMatch(image -> image.labels().keySet().equals(Set.of("final")));
        assertThat(told(open())).isEqualTo(told(store));
        assertThat(DataSets.open(root).cases()).hasSize(9);
        assertThat(files(root)).hasSize(9 + 9 + 2);
    }

    @Test
    void a_label_of_an_image_that_was_replaced_meanwhile_is_409() {
        DataStore store = open();
        store.add("one", volume, info());
        StoredImage held = store.get("one");
        store.remove("one");
        assertConflict(store, held);
        store.add("one", volume, info());
        assertConflict(store, held);
        assertThat(store.get("one").labels()).isEmpty();
    }

    private static void assertConflict(DataStore store, StoredImage held) {
        assertThatThrownBy(() -> store.save(held, "final", Volumes.labels(), info()))
                .isInstanceOfSatisfying(
                        HttpFailure.class, e -> assertThat(e.status()).isEqualTo(409));
    }

    @Test
    void images_are_compared_in_a_turn() {
        var busy = new VolumeUploads(1 << 20, Duration.ofMillis(10), new Semaphore(0));
        DataStore store = DataStore.open(root, LABELS, busy, reports::add);
        store.add("one", volume, info());
        assertThatThrownBy(() -> store.add("one", volume, info()))
                .isInstanceOfSatisfying(
                        HttpFailure.class, e -> assertThat(e.status()).isEqualTo(503));
    }
}
