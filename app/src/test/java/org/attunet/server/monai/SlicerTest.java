package org.attunet.server.monai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.attunet.server.monai.MonaiClient.quoted;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.image.LabelMap;
import org.attunet.image.Structure;
import org.attunet.io.Images;
import org.attunet.predict.Segmenter;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The requests of 3D Slicer's module for MONAI Label, one by one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class SlicerTest {
    private static final String INFER =
            "{\"tta\": false, \"result_extension\": \".nrrd\", \"result_dtype\": \"uint8\", \"client_id\":"
                    + " \"user-xyz\"}";

    private Path folder;

    private LiveServer server;
    private MonaiClient client;

    @BeforeAll
    void start(@TempDir Path shared) {
        folder = shared;
        server = new TestConfig(folder.resolve("work")).serve("hippocampus");
        client = new MonaiClient(server.address());
    }

    @AfterAll
    void stop() {
        server.close();
        assertThat(folder.resolve("work/sessions")).doesNotExist();
    }

    private LabelMap expected(byte[] image) throws Exception {
        Path file = Files.write(folder.resolve("expected.nii.gz"), image);
        try (Segmenter segmenter = Segmenter.open(LiveServer.MODELS.resolve("hippocampus.zip"))) {
            LabelMap labels = segmenter.segment(Images.read(file)).labels();
            assertThat(Structure.of(labels, segmenter.model().labels()).get(0).voxels())
                    .isPositive();
            return labels;
        }
    }

    @Test
    void info_reports_models_labels_strategies_and_the_data_store() throws Exception {
        MonaiClient.Reply reply = client.get("/info/");
        assertThat(reply.status()).isEqualTo(200);
        JsonNode info = reply.json();
        assertThat(info.path("labels").toString()).isEqualTo("[\"background\",\"Anterior\",\"Posterior\"]");
        JsonNode model = info.at("/models/hippocampus");
        assertThat(model.path("type").asText()).isEqualTo("segmentation");
        assertThat(model.path("labels").toString()).isEqualTo("{\"Anterior\":1,\"Posterior\":2}");
        assertThat(model.path("dimension").asInt()).isEqualTo(3);
        assertThat(model.path("description").isTextual()).isTrue();
        assertThat(info.path("strategies").has("random")).isTrue();
        assertThat(info.path("trainers")).isEmpty();
        assertThat(info.at("/datastore/total").isInt()).isTrue();
        assertThat(client.get("/auth/").json().path("enabled").asBoolean(true)).isFalse();
        assertThat(client.get("/info").json().path("models")).isEqualTo(info.path("models"));
    }

    @Test
    void from_uploads_over_masks_to_saved_labels_that_train_reads() throws Exception {
        Path work = folder.resolve("loop");
        try (LiveServer own = new TestConfig(work).serve("hippocampus")) {
            var slicer = new MonaiClient(own.address());
            List<String> ids = List.of("MRHead", "Study 7/series 1", "Müller_2");
            for (String id : ids) {
                MonaiClient.Reply reply = slicer.upload(id, Volumes.bytes(Volumes.image(ids.indexOf(id)), folder));
                assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
                assertThat(reply.json().path("image").asText()).isEqualTo(id);
            }
            for (String id : ids) {
                JsonNode sample = slicer.post("/activelearning/first", "{\"client_id\": \"user-xyz\"}")
                        .json();
                assertThat(sample.path("id").asText()).isEqualTo(id);
                assertThat(sample.path("name").asText()).endsWith(".nii.gz");
                byte[] image =
                        slicer.get("/datastore/image?image=" + quoted(id)).body();
                MonaiClient.Reply inferred = slicer.infer("image=" + quoted(id), INFER, Map.of());
                assertThat(inferred.status()).isEqualTo(200);
                assertThat(inferred.params().path("label_names").toString())
                        .isEqualTo("{\"Anterior\":1,\"Posterior\":2}");
                MonaiClient.Part mask = inferred.files().get("image");
                assertThat(mask.filename()).endsWith(".nrrd");
                LabelMap expected = expected(image);
                LabelMap found = Volumes.read(mask.content(), ".nrrd", folder);
                assertThat(found.voxels()).isEqualTo(expected.voxels());
                assertThat(found.grid().sameAs(expected.grid(), 1e-4)).isTrue();
                MonaiClient.Reply saved = slicer.saveLabel(
                        id,
                        "",
                        "{\"label_info\": [{\"name\": \"Anterior\", \"idx\": 2}, {\"name\": \"Posterior\", \"idx\":"
                                + " 3}], \"client_id\": \"user-xyz\"}",
                        "/tmp/slicer/tmpx.nii.gz",
                        Volumes.bytes(Volumes.labels(), ".nii.gz", folder));
                assertThat(saved.status()).as(saved.toString()).isEqualTo(200);
                assertThat(saved.json().path("label").asText()).isEqualTo(id);
            }
            assertThat(slicer.post("/activelearning/random", "{}").json()).isEmpty();
            assertThat(slicer.get("/info/").json().at("/datastore/completed").asInt())
                    .isEqualTo(3);
            DataSet data = DataSets.open(work.resolve("datastore"));
            assertThat(data.cases()).hasSize(3);
            assertThat(data.labels().toString()).isEqualTo("1 Anterior, 2 Posterior");
            for (Case one : data.cases()) {
                assertThat(Images.readLabels(one.mask().firstFile()).voxels())
                        .isEqualTo(Volumes.labels().voxels());
                assertThat(Images.readGrid(one.mask().firstFile())).isEqualTo(Images.readGrid(one.firstFile()));
            }
            try (Stream<Path> left = Files.list(work.resolve("staging"))) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void a_session_holds_an_image_that_the_data_store_does_not_have() throws Exception {
        byte[] image = Volumes.bytes(Volumes.image(11), folder);
        MonaiClient.Reply opened = client.form(
                "PUT",
                "/session/",
                Map.of("client_id", "user-xyz"),
                Map.of("files", new MonaiClient.Part("tmp5.nii.gz", image)));
        assertThat(opened.status()).isEqualTo(200);
        String id = opened.json().path("session_id").asText();
        assertThat(opened.json().at("/session_info/expiry").asInt()).isEqualTo(3600);
        assertThat(client.get("/session/" + id).json().path("name").asText()).isEqualTo(id);
        assertThat(client.get("/session/" + id + "?image=true").body()).isEqualTo(image);
        MonaiClient.Reply inferred = client.infer("image=MRHead&session_id=" + id, INFER, Map.of());
        assertThat(Volumes.read(inferred.files().get("image").content(), ".nrrd", folder)
                        .voxels())
                .isEqualTo(expected(image).voxels());
        assertThat(client.delete("/session/" + id).status()).isEqualTo(200);
        assertThat(client.get("/session/" + id).status()).isEqualTo(404);
        assertThat(client.infer("image=MRHead&session_id=" + id, INFER, Map.of())
                        .detail())
                .contains("no session of that id");
        assertThat(client.get("/session/..%2F..%2Fetc").status()).isGreaterThanOrEqualTo(400);
    }

    @Test
    void a_session_ends_when_it_was_not_used_for_its_time() throws Exception {
        MonaiClient.Reply opened = client.form(
                "PUT",
                "/session/?expiry=1",
                Map.of(),
                Map.of("files", new MonaiClient.Part("a.nii.gz", Volumes.bytes(Volumes.image(12), folder))));
        String id = opened.json().path("session_id").asText();
        Path image = folder.resolve("work/sessions").resolve(id);
        assertThat(image).isDirectory();
        while (client.get("/session/" + id).status() == 200) {
            Thread.sleep(100);
        }
        assertThat(image).doesNotExist();
    }

    @Test
    void outputs_are_a_mask_alone_or_json_alone_in_the_format_that_is_asked_for() throws Exception {
        byte[] image = Volumes.bytes(Volumes.image(5), folder);
        var file = Map.of("file", new MonaiClient.Part("scan.nii.gz", image));
        LabelMap expected = expected(image);
        for (String suffix : List.of(".nii.gz", ".nii", ".nrrd")) {
            MonaiClient.Reply reply = client.infer(
                    "output=image", "{\"result_extension\": \"" + suffix + "\", \"result_compress\": true}", file);
            assertThat(Volumes.read(reply.body(), suffix, folder).voxels()).isEqualTo(expected.voxels());
        }
        MonaiClient.Reply json = client.infer("output=json", "{}", file);
        assertThat(json.type()).startsWith("application/json");
        assertThat(json.json().at("/latencies/total").asDouble()).isPositive();
        MonaiClient.Reply usual = client.infer("", "{}", file);
        assertThat(usual.files().get("image").filename()).isEqualTo("scan.nii.gz");
        assertThat(client.infer("output=dicom_seg", "{}", file).status()).isEqualTo(422);
        assertThat(client.infer("", "{\"result_extension\": \".seg.nrrd\"}", file)
                        .detail())
                .contains("expected .nii.gz, .nii, .nrrd");
        assertThat(client.infer("", "no json", file).status()).isEqualTo(400);
        assertThat(client.infer("", "{}", Map.of()).detail()).contains("names no image");
        assertThat(client.infer("image=nobody", "{}", Map.of()).status()).isEqualTo(404);
        assertThat(client.form("POST", "/infer/nothing?image=a", Map.of(), file).detail())
                .contains("this server has hippocampus");
        var damaged = Map.of("file", new MonaiClient.Part("scan.nii.gz", Arrays.copyOf(image, 500)));
        assertThat(client.infer("", "{}", damaged).status()).isEqualTo(422);
    }

    @Test
    void of_a_form_the_part_named_file_is_the_image() throws Exception {
        byte[] image = Volumes.bytes(Volumes.image(5), folder);
        var parts = new LinkedHashMap<String, MonaiClient.Part>();
        parts.put("attachment", new MonaiClient.Part("notes.txt", "no image".getBytes(StandardCharsets.US_ASCII)));
        assertThat(client.infer("", "{}", parts).detail()).contains("names no image");
        parts.put("file", new MonaiClient.Part("scan.nii.gz", image));
        MonaiClient.Reply reply = client.infer("output=image", "{}", parts);
        assertThat(reply.status()).isEqualTo(200);
        assertThat(Volumes.read(reply.body(), ".nii.gz", folder).voxels())
                .isEqualTo(expected(image).voxels());
    }

    @Test
    void what_is_not_offered_says_so_and_no_training_seems_to_run() throws Exception {
        for (String path : List.of("/train/?check_if_running=true", "/train/", "/scoring/", "/batch/infer/")) {
            MonaiClient.Reply reply = client.get(path);
            assertThat(reply.status()).as(path).isEqualTo(404);
            assertThat(reply.detail()).contains("this server offers none");
        }
        assertThat(client.post("/train/hippocampus", "{}").detail()).contains("attunet train");
        assertThat(client.delete("/train/").status()).isEqualTo(501);
        assertThat(client.post("/activelearning/epistemic", "{}").detail()).contains("[first, random]");
    }

    @Test
    void the_log_is_shown_as_text_and_as_a_page_without_scripts() throws Exception {
        client.get("/info/");
        String text = new String(client.get("/logs/?lines=2&text=true").body(), StandardCharsets.UTF_8);
        assertThat(text.strip().lines()).hasSize(2);
        for (String line : text.strip().split("\n")) {
            assertThat(new ObjectMapper().readTree(line).has("time")).isTrue();
        }
        MonaiClient.Reply page = client.get("/logs/?lines=100");
        assertThat(page.type()).startsWith("text/html");
        assertThat(new String(page.body(), StandardCharsets.UTF_8))
                .contains("<pre>")
                .doesNotContain("<script");
        assertThat(client.get("/logs/?lines=x").status()).isEqualTo(422);
    }
}
