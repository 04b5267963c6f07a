package org.attunet.server.monai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.attunet.dataset.DataSets;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A served copy of a few cases of the Medical Segmentation Decathlon. */
class DecathlonStoreTest {
    private static final List<String> CASES = List.of("hippocampus_001", "hippocampus_003", "hippocampus_004");

    @TempDir
    private Path folder;

    @Test
    void its_images_are_inferred_and_a_correction_changes_its_own_mask_alone() throws Exception {
        String given = System.getenv("ATTUNET_DATA");
        assumeTrue(given != null, "skipped: ATTUNET_DATA does not name a folder with the real data sets");
        Path original = Path.of(given, "Task04_Hippocampus");
        Path data = copy(original);
        TestConfig config = new TestConfig(folder.resolve("work")).data(data);
        try (LiveServer server = config.serve("hippocampus")) {
            var client = new MonaiClient(server.address());
            assertThat(client.get("/datastore/").json().toString())
                    .isEqualTo("{\"total\":3,\"completed\":2,\"label_tags\":{\"final\":2}}");
            assertThat(client.post("/activelearning/first", "{}")
                            .json()
                            .path("id")
                            .asText())
                    .isEqualTo("hippocampus_004");
            byte[] mask = client.infer("image=hippocampus_004", "{\"result_extension\": \".nrrd\"}", Map.of())
                    .files()
                    .get("image")
                    .content();
            assertThat(dice(Volumes.read(mask, ".nrrd", folder), original.resolve("labelsTr/hippocampus_004.nii.gz")))
                    .isGreaterThan(0.8);
            assertThat(client.saveLabel("hippocampus_004", "", "{}", "a.nrrd", mask)
                            .status())
                    .isEqualTo(200);
        }
        ObjectNode after = (ObjectNode)
                new ObjectMapper().readTree(data.resolve("dataset.json").toFile());
        JsonNode before =
                new ObjectMapper().readTree(original.resolve("dataset.json").toFile());
        assertThat(after).isEqualTo(before); // it lists hippocampus_004 already
        assertThat(DataSets.open(data).cases()).hasSize(3);
        for (String name : CASES.subList(0, 2)) {
            assertThat(data.resolve("labelsTr/" + name + ".nii.gz"))
                    .hasSameBinaryContentAs(original.resolve("labelsTr/" + name + ".nii.gz"));
        }
    }

    /** The images of all cases, the masks of all but the last, and the whole list. */
    private Path copy(Path original) throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        for (String part : List.of("imagesTr", "labelsTr")) {
            Files.createDirectories(data.resolve(part));
            for (String name : part.equals("imagesTr") ? CASES : CASES.subList(0, 2)) {
                String file = part + "/" + name + ".nii.gz";
                Files.copy(original.resolve(file), data.resolve(file));
            }
        }
        Files.copy(original.resolve("dataset.json"), data.resolve("dataset.json"));
        return data;
    }

    private static double dice(LabelMap found, Path truth) {
        LabelMap expected = Images.readLabels(truth);
        int both = 0;
        int sum = 0;
        for (int i = 0; i < found.voxels().length; i++) {
            both += found.label(i) > 0 && expected.label(i) == found.label(i) ? 1 : 0;
            sum += (found.label(i) > 0 ? 1 : 0) + (expected.label(i) > 0 ? 1 : 0);
        }
        return 2.0 * both / sum;
    }
}
