package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in, masks out: the responses equal the segmenter's results, in the input's format and geometry. */
class SegmentRoutesTest {
    @TempDir
    static Path folder;

    static LiveServer server;

    @BeforeAll
    static void start() {
        server = new TestConfig(folder.resolve("work")).serve();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Path file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private static Segmentation segmented(String model, Path file) {
        try (Segmenter segmenter = LiveServer.segmenter(model)) {
            return segmenter.segment(Images.read(file));
        }
    }

    private static void sameLabels(LabelMap expected, Path mask) {
        LabelMap found = Images.readLabels(mask);
        assertThat(found.voxels()).isEqualTo(expected.voxels());
        assertThat(found.grid().sameAs(expected.grid(), 1e-4))
                .as("%s is %s", found.grid(), expected.grid())
                .isTrue();
    }

    @Test
    void a_png_is_answered_with_its_mask_as_png() throws IOException {
        byte[] picture = Scans.picture("png", 150, 110, 1);
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", "cells.png", picture);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("image/png");
        assertThat(answer.headers().firstValue("Content-Disposition")).contains("attachment; filename=\"cells.png\"");
        Segmentation expected = segmented("nuclei", file("cells.png", picture));
        assertThat(expected.labels().voxels()).contains((short) 255);
        sameLabels(expected.labels(), file("mask.png", answer.body()));
        assertThat(Double.parseDouble(
                        answer.headers().firstValue("Attunet-Confidence").orElseThrow()))
                .isEqualTo(expected.confidence().orElseThrow(), within(1e-4));
    }

    @Test
    void objects_are_counted_and_answered_as_their_label_image() throws IOException {
        byte[] picture = Scans.picture("png", 150, 110, 1);
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei?objects=true", "cells.png", picture);
        LabelMap numbers = Images.readLabels(file("objects.png", answer.body()));
        int count =
                Integer.parseInt(answer.headers().firstValue("Attunet-Objects").orElseThrow());
        assertThat(numbers.largest()).isEqualTo(count).isPositive();
        JsonNode objects = Client.json(
                        server.post("/api/segment/nuclei?as=table", "cells.png", picture, "Accept", "application/json"))
                .at("/results/0/objects");
        assertThat(objects.path("count").asInt()).isEqualTo(count);
        assertThat(objects.path("size_unit").asText()).isEqualTo("px²");
        int pixels = 0;
        for (JsonNode object : objects.path("list")) {
            assertThat(object.path("area").asInt())
                    .isEqualTo(object.path("voxels").asInt());
            pixels += object.path("voxels").asInt();
        }
        int covered = 0;
        for (short voxel : numbers.voxels()) {
            covered += voxel == 0 ? 0 : 1;
        }
        assertThat(pixels).isEqualTo(covered);
        refused(server.post("/api/segment/nuclei?objects=false&as=rois", "cells.png", picture), 400, "objects=false");
        byte[] volume = Scans.nifti(Scans.volume(4), ".nii");
        refused(server.post("/api/segment/hippocampus?as=geojson", "a.nii", volume), 422, "2D image");
    }

    @Test
    void a_jpeg_is_answered_as_png_and_a_tiff_as_tiff() throws IOException {
        byte[] jpeg = Scans.picture("jpeg", 96, 96, 2);
        HttpResponse<byte[]> png = server.post("/api/segment/nuclei", "a.jpg", jpeg);
        assertThat(png.headers().firstValue("Content-Type")).contains("image/png");
        sameLabels(segmented("nuclei", file("a.jpg", jpeg)).labels(), file("a_mask.png", png.body()));
        byte[] tiff = Scans.picture("tiff", 96, 96, 3);
        HttpResponse<byte[]> tif = server.post("/api/segment/nuclei", "b.tif", tiff);
        assertThat(tif.headers().firstValue("Content-Type")).contains("image/tiff");
        sameLabels(segmented("nuclei", file("b.tif", tiff)).labels(), file("b_mask.tif", tif.body()));
    }

    @Test
    void a_volume_keeps_its_affine_and_its_compression() throws IOException {
        Image volume = Scans.volume(4);
        for (String suffix : List.of(".nii", ".nii.gz")) {
            byte[] scan = Scans.nifti(volume, suffix);
            HttpResponse<byte[]> answer = server.post("/api/segment/hippocampus", "scan" + suffix, scan);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()[0]).isEqualTo(suffix.equals(".nii") ? (byte) 92 : (byte) 0x1f);
            sameLabels(
                    segmented("hippocampus", file("v" + suffix, scan)).labels(),
                    file("v_mask" + suffix, answer.body()));
        }
    }

    @Test
    void a_large_mask_that_is_not_compressed_is_whole_for_clients_that_take_compression() throws IOException {
        Image volume = Image.of(Grid.of(110, 110, 100), new float[110 * 110 * 100]);
        byte[] scan = Scans.nifti(volume, ".nii");
        HttpResponse<byte[]> answer =
                server.post("/api/segment/hippocampus", "scan.nii", scan, "Accept-Encoding", "gzip");
        assertThat(answer.statusCode()).as(server.log()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(answer.body()).hasSize(352 + 110 * 110 * 100);
    }

    @Test
    void channels_that_do_not_suit_are_refused_by_their_headers() {
        Image two = new Image(Grid.of(20, 20, 20), new float[2][8000]);
        refused(server.post("/api/segment/hippocampus", "s.nii", Scans.nifti(two, ".nii")), 422, "2 channels");
        byte[] one = Scans.nifti(Image.of(Grid.of(20, 20), new float[400]), ".nii");
        refused(
                server.post(
                        "/api/segment/nuclei",
                        List.of(Client.Part.of("x_0000.nii", one), Client.Part.of("y/x_0000.nii", one))),
                400,
                "two files are the channel _0000");
    }

    @Test
    void files_are_grouped_into_cases_as_for_predict() {
        byte[] channel = Scans.nifti(Image.of(Grid.of(20, 20), new float[400]), ".nii");
        byte[] whole = Scans.nifti(new Image(Grid.of(20, 20), new float[3][400]), ".nii.gz");
        List<Client.Part> parts = List.of(
                Client.Part.of("a_0001.NII", channel),
                Client.Part.of("scan_0000.nii.gz", whole),
                Client.Part.of("a_0000.nii", channel),
                Client.Part.of("scan_0001.nii.gz", whole),
                Client.Part.of("a_0002.nii", channel));
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", parts, "Accept", "application/json");
        assertThat(Client.json(answer).path("results").findValuesAsText("name"))
                .contains("a", "scan_0000", "scan_0001");
        assertThat(Client.json(answer).path("results")).hasSize(3);
        refused(
                server.post("/api/segment/nuclei", List.of(Client.Part.of("u_0001.nii", channel))),
                422,
                "the case has the channels _0001; expected _0000 _0001 _0002");
    }

    @Test
    void what_a_file_is_its_content_reports_not_its_name() throws IOException {
        byte[] picture = Scans.picture("png", 64, 64, 5);
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei", "scan.nii.gz", picture);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("image/png");
    }

    @Test
    void json_reports_volumes_confidence_and_times() throws IOException {
        byte[] scan = Scans.nifti(Scans.volume(6), ".nii.gz");
        HttpResponse<byte[]> answer =
                server.post("/api/segment/hippocampus", "p.nii.gz", scan, "Accept", "application/json");
        JsonNode result = Client.json(answer).path("results").path(0);
        LabelMap labels = segmented("hippocampus", file("p.nii.gz", scan)).labels();
        for (int label = 1; label <= 2; label++) {
            long voxels = 0;
            for (short value : labels.voxels()) {
                voxels += value == label ? 1 : 0;
            }
            JsonNode told = result.path("labels").path(label - 1);
            assertThat(told.path("value").asInt()).isEqualTo(label);
            assertThat(told.path("voxels").asLong()).isEqualTo(voxels);
            // a voxel of 1.1 x 0.9 x 1.2 mm
            assertThat(told.path("volume_ml").asDouble()).isEqualTo(voxels * 1.188e-3, within(1e-6));
        }
        assertThat(result.path("confidence").asDouble()).isBetween(0.0, 1.0);
        assertThat(result.path("seconds").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("read", "segment", "write", "queued");
    }

    @Test
    void an_empty_mask_is_answered_without_confidence_and_with_a_warning() throws IOException {
        byte[] scan = Scans.nifti(Image.of(Grid.of(32, 32, 32), new float[32 * 32 * 32]), ".nii.gz");
        HttpResponse<byte[]> mask = server.post("/api/segment/hippocampus", "p.nii.gz", scan);
        assertThat(mask.headers().firstValue("Attunet-Confidence")).isEmpty();
        assertThat(mask.headers().firstValue("Attunet-Warnings").orElseThrow()).startsWith("[\"empty mask: ");
        JsonNode result = Client.json(
                        server.post("/api/segment/hippocampus", "p.nii.gz", scan, "Accept", "application/json"))
                .path("results")
                .path(0);
        assertThat(result.path("empty").asBoolean()).isTrue();
        assertThat(result.path("confidence").isNull()).isTrue();
        assertThat(result.path("warnings").path(0).asText()).startsWith("empty mask: ");
    }

    @Test
    void a_scan_that_a_model_of_pictures_segments_is_warned_of() {
        HttpResponse<byte[]> mask =
                server.post("/api/segment/nuclei", "scan.nii.gz", Scans.nifti(Scans.volume(3), ".nii.gz"));
        assertThat(mask.statusCode()).isEqualTo(200);
        assertThat(mask.headers().firstValue("Attunet-Warnings").orElseThrow())
                .contains("the image is a volume, but the model", "was trained on pictures");
    }

    @Test
    void a_picture_has_pixels_but_no_millilitres() {
        HttpResponse<byte[]> answer = server.post(
                "/api/segment/nuclei", "p.png", Scans.picture("png", 64, 64, 1), "Accept", "application/json");
        JsonNode result = Client.json(answer).path("results").path(0);
        assertThat(result.path("labels").path(0).path("volume_ml").isNull()).isTrue();
        assertThat(result.has("spacing_mm")).isFalse();
    }

    @Test
    void a_picture_without_a_pixel_size_gets_that_of_the_request() throws IOException {
        byte[] picture = Scans.picture("png", 96, 64, 1);
        JsonNode answer = Client.json(server.post(
                "/api/segment/nuclei?pixel_size=0.5x0.4um", "p.png", picture, "Accept", "application/json"));
        JsonNode result = answer.path("results").path(0);
        assertThat(result.path("spacing_mm").toString()).isEqualTo("[5.0E-4,4.0E-4]");
        JsonNode label = result.path("labels").path(0);
        assertThat(label.path("voxels").asInt()).isPositive();
        assertThat(label.path("area_mm2").asDouble())
                .isCloseTo(label.path("voxels").asInt() * 2e-7, within(1e-12));
        HttpResponse<byte[]> accepted = server.post("/api/jobs?model=nuclei&pixel_size=0.5um", "p.png", picture);
        JsonNode job = server.ended(Client.json(accepted).path("id").asText());
        assertThat(job.path("options").path("pixel_size").asText()).isEqualTo("0.5x0.5um");
        assertThat(job.path("results").path(0).path("spacing_mm").toString()).isEqualTo("[5.0E-4,5.0E-4]");
    }

    @Test
    void a_pixel_size_that_does_not_count_or_suit_is_reported() {
        JsonNode own = Client.json(server.post(
                "/api/segment/hippocampus?pixel_size=2mm",
                "v.nii",
                Scans.nifti(Scans.volume(4), ".nii"),
                "Accept",
                "application/json"));
        assertThat(own.path("results").path(0).path("warnings").toString()).contains("a size of its own");
        byte[] picture = Scans.picture("png", 8, 8, 1);
        refused(server.post("/api/segment/nuclei?pixel_size=0.5", "p.png", picture), 400, "such as 0.5um");
        refused(server.post("/api/jobs?model=nuclei&pixel_size=", "p.png", picture), 400, "such as 0.5um");
        refused(
                server.post("/api/segment/nuclei", List.of(Client.Part.of("p.png", picture), size("2um"))),
                400,
                "pixel_size in the query");
    }

    private static Client.Part size(String text) {
        return new Client.Part("pixel_size", null, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void several_images_are_answered_with_a_zip_of_their_masks() throws IOException {
        List<Client.Part> parts = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            parts.add(Client.Part.of("cells.png", Scans.picture("png", 64 + k, 64, k)));
        }
        HttpResponse<byte[]> answer = server.post("/api/segment/nuclei?attention=true", parts);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/zip");
        List<String> names = new ArrayList<>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName());
                if (entry.getName().equals("2_cells.png")) {
                    sameLabels(
                            segmented("nuclei", file("2.png", parts.get(1).content()))
                                    .labels(),
                            file("2_mask.png", zip.readAllBytes()));
                }
            }
        }
        assertThat(names).contains("1_cells.png", "2_cells.png", "3_cells.png", "results.json");
        assertThat(names)
                .filteredOn(name -> name.startsWith("1_cells_attention_"))
                .isNotEmpty();
    }

    @Test
    void who_prefers_not_to_wait_gets_a_job() {
        HttpResponse<byte[]> answer =
                server.post("/api/segment/nuclei", "p.png", Scans.picture("png", 64, 64, 1), "Prefer", "respond-async");
        assertThat(answer.statusCode()).isEqualTo(202);
        String location = answer.headers().firstValue("Location").orElseThrow();
        assertThat(server.ended(location.substring("/api/jobs/".length()))
                        .path("state")
                        .asText())
                .isEqualTo("done");
    }

    @Test
    void what_is_wrong_is_reported_in_a_sentence() {
        refused(server.post("/api/segment/liver", "p.png", Scans.picture("png", 8, 8, 1)), 404, "nuclei, hippocampus");
        refused(server.post("/api/segment/hippocampus", "p.png", Scans.picture("png", 8, 8, 1)), 422, "3D volume");
        refused(server.post("/api/segment/nuclei", "p.txt", "hello".getBytes(StandardCharsets.UTF_8)), 415, "NIfTI");
        refused(server.post("/api/segment/nuclei", List.of()), 400, "no file");
        refused(
                server.post("/api/segment/nuclei?tta=perhaps", "p.png", Scans.picture("png", 8, 8, 1)),
                400,
                "true or false");
        refused(server.get("/api/nothing"), 404, "/openapi.yaml");
        refused(server.get("/api/segment/nuclei"), 405, "expected POST");
    }

    private static void refused(HttpResponse<byte[]> answer, int status, String words) {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(body).isEqualTo(status);
        assertThat(Client.json(answer).path("error").asText()).contains(words);
        assertThat(Client.json(answer).path("request_id").asText())
                .isEqualTo(answer.headers().firstValue("X-Request-Id").orElseThrow());
        assertThat(body).doesNotContain(folder.toString());
    }

    @Test
    void nothing_of_a_request_stays_on_disk() throws Exception {
        server.post("/api/segment/nuclei", "p.png", Scans.picture("png", 64, 64, 1));
        server.post("/api/segment/nuclei", "p.txt", new byte[100_000]);
        Client.awaitEmpty(folder.resolve("work/staging"));
    }
}
