package org.attunet.server.monai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.attunet.dicom.web.Credentials;
import org.attunet.dicom.web.DicomWeb;
import org.attunet.dicom.web.WebAddress;
import org.attunet.dicom.web.WebLimits;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.server.DicomScans;
import org.attunet.server.LiveServer;
import org.attunet.server.Pacs;
import org.attunet.server.TestConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MONAI Label's API over the studies of a PACS, as its clients in OHIF and 3D Slicer use it. */
class StudyRoutesTest {
    private static final String SERIES = DicomScans.SERIES;

    @TempDir
    private Path folder;

    private Image scan;
    private Pacs pacs;
    private LiveServer server;
    private MonaiClient client;

    @BeforeEach
    void start() throws Exception {
        scan = Volumes.image(3);
        pacs = new Pacs(DicomScans.write(Files.createDirectory(folder.resolve("slices")), scan, SERIES));
        DicomWeb web = DicomWeb.at(WebAddress.of(pacs.address()), Credentials.of(Pacs.LOGIN, "test"), WebLimits.USUAL);
        server = new TestConfig(folder.resolve("work")).pacs(web).serve("hippocampus");
        client = new MonaiClient(server.address());
    }

    @AfterEach
    void stop() {
        server.close();
        pacs.close();
    }

    @Test
    void a_series_is_listed_fetched_once_and_segmented_in_the_order_of_its_pixels() throws Exception {
        JsonNode all = client.get("/datastore/?output=all").json();
        assertThat(all.at("/objects/" + SERIES + "/image/info/StudyInstanceUID").asText())
                .isEqualTo(DicomScans.STUDY);
        assertThat(all.toString()).doesNotContain("Secret");
        JsonNode next = client.post("/activelearning/first", "{}").json();
        assertThat(next.path("id").asText()).isEqualTo(SERIES);
        MonaiClient.Reply image = client.get("/datastore/image?image=" + SERIES);
        Path volume = Files.write(folder.resolve("image.nii.gz"), image.body());
        assertThat(Images.read(volume).channel(0)).isEqualTo(rounded(scan));
        String params = "{\"result_extension\": \".nrrd\", \"result_dtype\": \"uint8\", \"result_compress\": false}";
        MonaiClient.Reply reply = client.infer("image=" + SERIES + "&output=image", params, Map.of());
        assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
        LabelMap mask = Volumes.read(reply.body(), ".nrrd", folder);
        MonaiClient.Reply uploaded =
                client.infer("output=image", params, Map.of("file", new MonaiClient.Part("a.nii.gz", image.body())));
        assertThat(mask.voxels())
                .isEqualTo(Volumes.read(uploaded.body(), ".nrrd", folder).voxels());
        assertThat(pacs.downloads()).isEqualTo(1);
        assertThat(client.get("/datastore/image?image=9.9.9").status()).isEqualTo(404);
        assertThat(client.get("/datastore/image?image=../x").status()).isEqualTo(404);
        assertThat(server.log()).doesNotContain("Secret", "s3cret");
    }

    private static float[] rounded(Image image) {
        float[] values = image.channel(0).clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.round(values[i]);
        }
        return values;
    }

    @Test
    void a_segmentation_is_answered_as_dicom_and_a_label_stored_until_the_pacs_is_away() throws Exception {
        MonaiClient.Reply seg = client.infer("image=" + SERIES + "&output=dicom_seg", "{\"label_info\": []}", Map.of());
        assertThat(seg.status()).as(seg.toString()).isEqualTo(200);
        assertThat(seg.type()).isEqualTo("application/dicom");
        byte[] label = new byte[Volumes.GRID.voxels()];
        for (int i = 0; i < label.length; i++) {
            label[i] = (byte) Volumes.labels().voxels()[i];
        }
        MonaiClient.Reply saved = client.saveLabel(SERIES, "", "{\"label_info\": []}", "label.bin", label);
        assertThat(saved.status()).as(saved.toString()).isEqualTo(200);
        assertThat(pacs.files("SEG")).hasSize(1);
        MonaiClient.Reply back = client.get("/datastore/label?label=" + SERIES + "&tag=final");
        assertThat(back.status()).as(back.toString()).isEqualTo(200);
        assertThat(Volumes.read(back.body(), ".nii.gz", folder).voxels())
                .isEqualTo(Volumes.labels().voxels());
        assertThat(client.get("/datastore/").json().path("completed").asInt()).isEqualTo(1);
        assertThat(client.post("/activelearning/first", "{}").json().toString()).isEqualTo("{}");
        assertThat(client.delete("/datastore/label?id=" + SERIES + "&tag=final").status())
                .isEqualTo(403);
        pacs.close();
        MonaiClient.Reply away = client.get("/datastore/");
        assertThat(away.status()).isEqualTo(200); // as it was a moment ago
        away = client.get("/datastore/image?image=2.25.9");
        assertThat(away.status()).isEqualTo(502);
        assertThat(away.detail()).contains("the PACS");
    }
}
