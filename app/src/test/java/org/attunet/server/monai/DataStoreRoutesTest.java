package org.attunet.server.monai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.attunet.server.monai.MonaiClient.quoted;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.attunet.dataset.DataSets;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.Orientation;
import org.attunet.io.Images;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /datastore/} over HTTP: what it accepts, what it refuses with which sentence, and the files on disk. */
@SuppressWarnings("NullAway.Init")
class DataStoreRoutesTest {
    private static final String SLICER =
            "{\"label_info\": [{\"name\": \"Posterior\", \"idx\": 2}," + " {\"name\": \"Anterior\", \"idx\": 4}]}";

    @TempDir
    private Path folder;

    private Path work;
    private LiveServer server;
    private MonaiClient client;

    @BeforeEach
    void start() throws Exception {
        work = folder.resolve("outer/work");
        restart();
        assertThat(client.upload("one", Volumes.bytes(Volumes.image(1), folder)).status())
                .isEqualTo(200);
    }

    private void restart() {
        if (server != null) {
            server.close();
        }
        server = new TestConfig(work).serve("hippocampus");
        client = new MonaiClient(server.address());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private MonaiClient.Reply save(byte[] label) throws Exception {
        return client.saveLabel("one", "&tag=final", "{}", "label.nii.gz", label);
    }

    private void assertRefused(MonaiClient.Reply reply, int status, String sentence) throws Exception {
        assertThat(reply.status()).as(reply.detail()).isEqualTo(status);
        assertThat(reply.detail()).contains(sentence).doesNotContain(work.toString());
        assertThat(reply.json().path("error").asText()).isEqualTo(reply.detail());
        assertThat(client.get("/datastore/").json().path("completed").asInt()).isZero();
        try (Stream<Path> left = Files.list(work.resolve("staging"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void labels_come_as_nifti_or_nrrd_whatever_their_name_says() throws Exception {
        for (String suffix : List.of(".nii.gz", ".nii", ".nrrd")) {
            assertThat(save(Volumes.bytes(Volumes.labels(), suffix, folder)).status())
                    .isEqualTo(200);
            MonaiClient.Reply back = client.get("/datastore/label?label=one&tag=final");
            assertThat(Volumes.read(back.body(), ".nii.gz", folder).voxels())
                    .isEqualTo(Volumes.labels().voxels());
        }
    }

    @Test
    void a_label_with_its_axes_in_another_order_and_direction_is_turned_to_its_image() throws Exception {
        int[] axes = {2, 0, 1};
        Orientation turn = Orientation.of(Volumes.GRID, axes, new boolean[] {true, false, true});
        byte[] turned = Volumes.bytes(turn.apply(Volumes.labels()), ".nrrd", folder);
        assertThat(save(turned).status()).isEqualTo(200);
        MonaiClient.Reply back = client.get("/datastore/label?label=one&tag=final");
        assertThat(Volumes.read(back.body(), ".nii.gz", folder).voxels())
                .isEqualTo(Volumes.labels().voxels());
    }

    @Test
    void segments_of_slicer_in_another_order_get_their_labels_values() throws Exception {
        byte[] label = Volumes.bytes(Volumes.labels(), ".nii.gz", folder); // 1 is Posterior here, 2 Anterior
        assertThat(client.saveLabel("one", "", SLICER, "a.nii.gz", label).status())
                .isEqualTo(200);
        short[] swapped = Volumes.labels().voxels();
        for (int i = 0; i < swapped.length; i++) {
            swapped[i] = (short) (swapped[i] == 0 ? 0 : 3 - swapped[i]);
        }
        byte[] back = client.get("/datastore/label?label=one").body();
        assertThat(Volumes.read(back, ".nii.gz", folder).voxels()).isEqualTo(swapped);
    }

    @Test
    void segments_that_are_no_labels_are_refused_unless_they_are_empty() throws Exception {
        byte[] label = Volumes.bytes(Volumes.labels(), ".nii.gz", folder);
        assertRefused(
                client.saveLabel("one", "", SLICER.replace("Anterior", "Segment_1"), "a.nii.gz", label),
                422,
                "segment 2 is called \"Segment_1\"");
        String one = "{\"label_info\": [{\"name\": \"Posterior\", \"idx\": 2}]}";
        assertRefused(client.saveLabel("one", "", one, "a.nii.gz", label), 422, "a voxel is of segment 2 of 1");
        String more = SLICER.replace("]", ", {\"name\": \"Segment_3\", \"idx\": 5}]");
        assertThat(client.saveLabel("one", "", more, "a.nii.gz", label).status())
                .isEqualTo(200);
    }

    @Test
    void damaged_labels_and_those_of_other_images_are_refused_with_a_sentence() throws Exception {
        byte[] whole = Volumes.bytes(Volumes.labels(), ".nii.gz", folder);
        assertRefused(save(Arrays.copyOf(whole, whole.length - 9)), 422, "label: ");
        byte[] nrrd = Volumes.bytes(Volumes.labels(), ".nrrd", folder);
        assertRefused(save(Arrays.copyOf(nrrd, nrrd.length - 9)), 422, "too early");
        assertRefused(save("NRRD0004\n\n".getBytes(StandardCharsets.US_ASCII)), 422, "lacks the field");
        assertRefused(save(new byte[0]), 415, "0 bytes");
        assertRefused(save("no image at all".getBytes(StandardCharsets.US_ASCII)), 415, "no label map");
        assertRefused(save(picture()), 415, "NIfTI (.nii, .nii.gz) or NRRD (.nrrd)");
        var other = new LabelMap(Grid.of(24, 20, 15), new short[24 * 20 * 15]);
        assertRefused(save(Volumes.bytes(other, ".nii.gz", folder)), 422, "24 x 20 x 15");
        assertRefused(save(Volumes.bytes(other, ".nrrd", folder)), 422, "24 x 20 x 15");
        double[][] affine = Volumes.GRID.affine();
        for (int row = 0; row < 3; row++) {
            affine[row][0] = -affine[row][0];
        }
        var mirrored = new LabelMap(
                Grid.ofAffine(Volumes.GRID.size(), affine), Volumes.labels().voxels());
        assertRefused(save(Volumes.bytes(mirrored, ".nii.gz", folder)), 422, "x axis points elsewhere");
        LabelMap undeclared = Volumes.labels();
        undeclared.voxels()[77] = 3;
        assertRefused(save(Volumes.bytes(undeclared, ".nii.gz", folder)), 422, "the label 3");
        assertRefused(client.saveLabel("nobody", "", "{}", "a.nii.gz", whole), 404, "no image of that id");
        assertRefused(client.saveLabel("one", "&tag=..%2Fx", "{}", "a.nii.gz", whole), 422, "the tag");
        assertRefused(client.saveLabel("one", "", "[]", "a.nii.gz", whole), 400, "no JSON object");
        String large = "{\"a\": \"" + "x".repeat(100_000) + "\"}";
        assertRefused(client.saveLabel("one", "", large, "a.nii.gz", whole), 413, "expected at most 65536");
        assertRefused(client.form("PUT", "/datastore/label?image=one", Map.of(), Map.of()), 422, "\"label\"");
    }

    private static byte[] picture() throws Exception {
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(24, 20, BufferedImage.TYPE_BYTE_GRAY), "png", bytes);
        return bytes.toByteArray();
    }

    @Test
    void images_that_are_no_whole_volume_of_one_channel_are_refused() throws Exception {
        byte[] whole = Volumes.bytes(Volumes.image(2), folder);
        assertRefused(client.upload("two", Arrays.copyOf(whole, whole.length - 99)), 422, "tmp1a2b3c: ");
        assertRefused(client.upload("two", picture()), 415, "it is a picture");
        float[] values = new float[Volumes.GRID.voxels()];
        var two = new Image(Volumes.GRID, new float[][] {values, values});
        assertRefused(client.upload("two", Volumes.bytes(two, folder)), 422, "it has 2 channels");
        var flat = Image.of(Grid.of(24, 20), new float[480]);
        assertRefused(client.upload("two", Volumes.bytes(flat, folder)), 422, "a 2D image");
        assertRefused(client.upload("x".repeat(1001), whole), 413, "1001 characters");
        assertRefused(client.upload("one", whole), 409, "another image has this id");
        assertThat(client.get("/datastore/").json().path("total").asInt()).isEqualTo(1);
    }

    @Test
    void ids_with_the_letters_of_paths_stay_ids() throws Exception {
        List<String> ids = List.of("../../etc/passwd", "a/b", "..\\..\\x", "日本語 ö", "%2e%2e%2f", "a?b=c&d#e", "con");
        byte[] image = Volumes.bytes(Volumes.image(2), folder);
        byte[] label = Volumes.bytes(Volumes.labels(), ".nrrd", folder);
        for (String id : ids) {
            assertThat(client.upload(id, image).json().path("image").asText()).isEqualTo(id);
            assertThat(client.saveLabel(id, "&tag=", "{}", id + ".nrrd", label).status())
                    .isEqualTo(200);
            assertThat(client.get("/datastore/image?image=" + quoted(id)).body())
                    .isEqualTo(image);
            String name = client.get("/datastore/label/info?tag=final&label=" + quoted(id))
                    .json()
                    .path("name")
                    .asText();
            assertThat(name).matches("[\\p{L}\\p{N}._ -]+\\.nii\\.gz");
        }
        assertThat(client.upload("x".repeat(10_000), image).status()).isBetween(400, 431);
        try (Stream<Path> outside = Files.list(folder.resolve("outer"))) {
            assertThat(outside).containsExactly(work);
        }
        try (Stream<Path> stored = Files.walk(work.resolve("datastore")).filter(Files::isRegularFile)) {
            assertThat(stored.map(file -> String.valueOf(file.getFileName())))
                    .allMatch(name -> name.matches("[0-9a-f]{32}\\.nii\\.gz|data(store|set)\\.json|\\.server\\.lock"));
        }
    }

    @Test
    void eight_clients_that_save_at_a_time_leave_a_data_set_that_a_restart_finds_whole() throws Exception {
        byte[] label = Volumes.bytes(Volumes.labels(), ".nrrd", folder);
        byte[] image = Volumes.bytes(Volumes.image(2), folder);
        var threads = Executors.newFixedThreadPool(8);
        List<Future<Integer>> all = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            String id = "client " + t;
            all.add(threads.submit(() -> client.upload(id, image).status()
                    + client.saveLabel(id, "", "{}", "a.nrrd", label).status()
                    + client.saveLabel("one", "", "{}", "a.nrrd", label).status()));
        }
        for (Future<Integer> one : all) {
            assertThat(one.get()).isEqualTo(600);
        }
        threads.shutdown();
        JsonNode before = client.get("/datastore/?output=all").json().path("objects");
        restart();
        assertThat(client.get("/datastore/?output=all").json().path("objects")).isEqualTo(before);
        assertThat(before).hasSize(9);
        assertThat(DataSets.open(work.resolve("datastore")).cases()).hasSize(9);
    }

    @Test
    void what_the_store_holds_is_reported_in_three_ways_and_without_the_servers_paths() throws Exception {
        save(Volumes.bytes(Volumes.labels(), ".nii.gz", folder));
        client.saveLabel(
                "one",
                "&tag=original",
                "{\"params\": {\"label_names\": {\"Anterior\": 1}}}",
                "a.nii.gz",
                Volumes.bytes(Volumes.labels(), ".nii.gz", folder));
        assertThat(client.get("/datastore").json().toString())
                .isEqualTo("{\"total\":1,\"completed\":1,\"label_tags\":{\"final\":1,\"original\":1}}");
        MonaiClient.Reply all = client.get("/datastore/?output=all");
        JsonNode one = all.json().at("/objects/one");
        assertThat(one.at("/image/ext").asText()).isEqualTo(".nii.gz");
        assertThat(one.at("/image/info/client_id").asText()).isEqualTo("user-xyz");
        // where 3D Slicer looks for the names of an original label
        assertThat(one.at("/labels/original/info/params/label_names/Anterior").asInt())
                .isEqualTo(1);
        assertThat(new String(all.body(), StandardCharsets.UTF_8)).doesNotContain(work.toString());
        JsonNode train = client.get("/datastore/?output=train").json();
        assertThat(train).hasSize(1);
        assertThat(work.resolve("datastore").resolve(train.at("/0/label").asText()))
                .isRegularFile();
        assertThat(client.get("/datastore/image/info?image=one")
                        .json()
                        .path("name")
                        .asText())
                .isEqualTo("one.nii.gz");
        assertThat(client.get("/datastore/?output=x").status()).isEqualTo(422);
        assertThat(client.get("/datastore/image").detail()).contains("the parameter image is missing");
        assertThat(client.get("/datastore/label?label=one&tag=none").status()).isEqualTo(404);
    }

    @Test
    void what_clients_gave_they_may_delete() throws Exception {
        save(Volumes.bytes(Volumes.labels(), ".nii.gz", folder));
        assertThat(client.delete("/datastore/label?id=one&tag=final").status()).isEqualTo(200);
        assertThat(client.delete("/datastore/label?id=one&tag=final").status()).isEqualTo(404);
        save(Volumes.bytes(Volumes.labels(), ".nii.gz", folder));
        assertThat(client.delete("/datastore/?id=one").status()).isEqualTo(200);
        assertThat(client.get("/datastore/").json().path("total").asInt()).isZero();
        try (Stream<Path> stored = Files.walk(work.resolve("datastore")).filter(Images::isImage)) {
            assertThat(stored).isEmpty();
        }
        assertThat(client.delete("/datastore/?id=one").status()).isEqualTo(404);
    }

    @Test
    void a_label_of_another_series_of_the_same_size_is_refused() throws Exception {
        byte[] bare = new byte[Volumes.GRID.voxels()];
        for (double mm : new double[] {0.5, 1.0, 30, 1e30}) {
            double[][] affine = Volumes.GRID.affine();
            affine[2][3] += mm;
            LabelMap moved = new LabelMap(
                    Grid.ofAffine(Volumes.GRID.size(), affine), Volumes.labels().voxels());
            for (String suffix : List.of(".nii.gz", ".nrrd")) {
                byte[] label = Volumes.bytes(moved, suffix, folder);
                if (mm == 0.5) { // half of the diagonal of a voxel of 1 mm is 0.87 mm
                    assertThat(save(label).status()).isEqualTo(200);
                    client.delete("/datastore/label?id=one&tag=final");
                } else {
                    assertRefused(
                            save(label), 422, "mm from the image's; expected at most half a voxel's diagonal, 0.87");
                }
            }
        }
        double[][] turned = Volumes.GRID.affine();
        turned[0][1] += 0.1; // 1.9 mm at the end of 20 rows
        var other = new LabelMap(
                Grid.ofAffine(Volumes.GRID.size(), turned), Volumes.labels().voxels());
        assertRefused(save(Volumes.bytes(other, ".nii.gz", folder)), 422, "a corner of it lies 1.90 mm");
        assertThat(client.saveLabel("one", "", "{}", "label.bin", bare).status())
                .as("bare voxels have no place")
                .isEqualTo(200);
    }

    @Test
    void a_second_server_on_the_same_data_does_not_start() {
        TestConfig config = new TestConfig(folder.resolve("other")).data(work.resolve("datastore"));
        assertThatThrownBy(() -> config.serve("hippocampus"))
                .hasMessageContaining("another server works in it; expected a folder of its own");
        stop();
        config.serve("hippocampus").close();
    }

    @Test
    void the_next_image_is_reported_without_what_its_uploader_could_have_others_open() throws Exception {
        client.delete("/datastore/?id=one");
        String params = "{\"path\": \"/etc/passwd\", \"checksum\": \"SHA256:0\", \"RetrieveURL\": \"javascript:x\","
                + " \"StudyInstanceUID\": \"1.2.3\", \"SeriesInstanceUID\": \"javascript:x\", \"id\": \"x\"}";
        client.form(
                "PUT",
                "/datastore/?image=two",
                Map.of("params", params),
                Map.of("file", new MonaiClient.Part("a.nii.gz", Volumes.bytes(Volumes.image(2), folder))));
        JsonNode next = client.post("/activelearning/first", "{}").json();
        assertThat(next.toString())
                .matches("\\{\"ts\":\\d+,\"StudyInstanceUID\":\"1.2.3\",\"name\":\"two.nii.gz\",\"id\":\"two\"}");
    }

    @Test
    void a_body_longer_than_parameters_may_be_is_refused() throws Exception {
        assertRefused(
                client.post("/activelearning/first", "{}" + " ".repeat(1 << 16)), 413, "expected at most 65536 bytes");
        String body = "a=" + "x".repeat(1 << 17);
        assertRefused(client.fields("/infer/hippocampus?image=one", body), 413, "expected at most 65536 bytes");
        assertRefused(client.fields("/infer/hippocampus?image=one", "params=%7"), 400, "breaks off within a %");
        assertRefused(
                client.fields("/infer/hippocampus?image=one", "a=b&params=%7B%22result_extension%22%3A+%22.x%22%7D&c"),
                422,
                "result_extension");
    }
}
