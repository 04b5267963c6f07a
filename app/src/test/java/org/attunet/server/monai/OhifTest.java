package org.attunet.server.monai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.io.NrrdLabels;
import org.attunet.predict.Segmenter;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The requests of OHIF's extension for MONAI Label, and the way it parses responses. */
class OhifTest {
    /** OHIF names images by their series. */
    private static final String SERIES = "1.2.826.0.1.3680043.8.498.1234567890";

    private static final String PARAMS = "{\"result_extension\": \".nrrd\", \"result_dtype\": \"uint16\","
            + " \"result_compress\": false, \"restore_label_idx\": false}";

    @TempDir
    private Path folder;

    @Test
    void its_cutting_of_an_answer_finds_the_mask_and_the_centres() throws Exception {
        try (LiveServer server = new TestConfig(folder.resolve("work")).serve("hippocampus")) {
            var client = new MonaiClient(server.address());
            byte[] image = Volumes.bytes(Volumes.image(3), folder);
            client.upload(SERIES, image);
            MonaiClient.Reply reply = client.infer("image=" + SERIES + "&output=all", PARAMS, Map.of());
            Matcher boundary = Pattern.compile("boundary=([^;]+)").matcher(reply.type());
            assertThat(boundary.find()).isTrue();
            // OHIF decodes all of it as UTF-8, splits the text, and takes each character's code for a byte
            String[] parts = new String(reply.body(), StandardCharsets.UTF_8).split("--" + boundary.group(1));
            String json = first(parts, "Content-Type: application/json");
            JsonNode centroids = new ObjectMapper()
                    .readTree(json.substring(json.indexOf('{'), json.lastIndexOf('}') + 1))
                    .path("centroids");
            String binary =
                    first(parts, "Content-Type: application/octet-stream").split("\r\n\r\n", -1)[1];
            byte[] nrrd = binary.substring(0, binary.lastIndexOf("\r\n")).getBytes(StandardCharsets.ISO_8859_1);
            LabelMap found = NrrdLabels.read(Files.write(folder.resolve("ohif.nrrd"), nrrd));
            assertThat(new String(nrrd, StandardCharsets.ISO_8859_1)).contains("type: unsigned short", "encoding: raw");
            LabelMap expected;
            try (Segmenter segmenter = Segmenter.open(LiveServer.MODELS.resolve("hippocampus.zip"))) {
                expected = segmenter
                        .segment(Images.read(Files.write(folder.resolve("a.nii.gz"), image)))
                        .labels();
            }
            assertThat(found.voxels()).isEqualTo(expected.voxels()).contains((short) 1);
            assertThat(centroids.path("Anterior").path(0).asInt()).isEqualTo(1);
            assertCentre(centroids.path("Anterior"), expected, 1);
        }
    }

    private static String first(String[] parts, String header) {
        for (String part : parts) {
            if (part.contains(header)) {
                return part;
            }
        }
        throw new AssertionError("no part with " + header);
    }

    private static void assertCentre(JsonNode told, LabelMap labels, int label) {
        double[] sums = new double[3];
        int voxels = 0;
        for (int z = 0; z < 16; z++) {
            for (int y = 0; y < 20; y++) {
                for (int x = 0; x < 24; x++) {
                    if (labels.label(x + 24 * (y + 20 * z)) == label) {
                        sums[0] += x;
                        sums[1] += y;
                        sums[2] += z;
                        voxels++;
                    }
                }
            }
        }
        for (int axis = 0; axis < 3; axis++) {
            assertThat(told.path(axis + 1).asInt()).isEqualTo((int) (sums[axis] / voxels));
        }
    }

    @Test
    void a_label_of_bare_voxels_is_saved_in_the_order_of_the_image() throws Exception {
        Path work = folder.resolve("work");
        try (LiveServer server = new TestConfig(work).serve("hippocampus")) {
            var client = new MonaiClient(server.address());
            client.upload(SERIES, Volumes.bytes(Volumes.image(3), folder));
            ByteBuffer wide = ByteBuffer.allocate(2 * Volumes.GRID.voxels()).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer narrow = ByteBuffer.allocate(Volumes.GRID.voxels());
            for (short value : Volumes.labels().voxels()) {
                wide.putShort(value);
                narrow.put((byte) value);
            }
            for (byte[] bytes : new byte[][] {wide.array(), narrow.array()}) {
                MonaiClient.Reply saved = client.saveLabel(SERIES, "", "{\"label_info\": []}", "label.bin", bytes);
                assertThat(saved.status()).as(saved.toString()).isEqualTo(200);
                byte[] back = client.get("/datastore/label?label=" + SERIES + "&tag=final")
                        .body();
                LabelMap label = Volumes.read(back, ".nii.gz", folder);
                assertThat(label.voxels()).isEqualTo(Volumes.labels().voxels());
                assertThat(label.grid().sameAs(Volumes.GRID, 1e-4)).isTrue();
            }
            MonaiClient.Reply refused = client.saveLabel(SERIES, "", "{}", "label.bin", new byte[99]);
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.detail()).contains("99 bytes for the image's 7680 voxels");
        }
    }
}
