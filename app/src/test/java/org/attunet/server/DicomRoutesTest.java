package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.attunet.io.Images;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DICOM in, DICOM out: series as loose files and archives, answered as segmentations or as NIfTI. */
class DicomRoutesTest {
    @TempDir
    static Path folder;

    static LiveServer server;
    static List<Client.Part> slices;

    @BeforeAll
    static void start() throws IOException {
        server = new TestConfig(folder.resolve("work")).serve("hippocampus");
        slices = new ArrayList<>();
        for (Path file : DicomScans.volume(Files.createDirectory(folder.resolve("slices")), 3)) {
            slices.add(Client.Part.of("../" + DicomScans.PATIENT + slices.size(), Files.readAllBytes(file)));
        }
        Collections.shuffle(slices, new Random(1));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void loose_files_are_one_volume_and_its_mask_is_a_segmentation() {
        HttpResponse<byte[]> answer = server.post("/api/segment/hippocampus", slices);
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/dicom");
        assertThat(answer.headers().firstValue("Content-Disposition"))
                .contains("attachment; filename=\"CT_series4.dcm\"");
        assertThat(new String(answer.body(), 128, 4, StandardCharsets.US_ASCII)).isEqualTo("DICM");
        JsonNode numbers = Client.json(server.post("/api/segment/hippocampus", slices, "Accept", "application/json"));
        assertThat(numbers.at("/results/0/name").asText()).isEqualTo("CT_series4");
        assertThat(numbers.at("/results/0/size").toString()).isEqualTo("[30,40,26]");
        assertThat(server.log()).doesNotContain("Secret", DicomScans.SERIES);
    }

    @Test
    void an_archive_is_unpacked_and_may_be_answered_as_nifti() throws IOException {
        HttpResponse<byte[]> answer = server.post("/api/segment/hippocampus?as=nifti", "study.zip", archive(slices));
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        Path mask = Files.write(folder.resolve("mask.nii.gz"), answer.body());
        assertThat(Images.readLabels(mask).grid().size()).containsExactly(30, 40, 26);
    }

    @Test
    void two_series_of_a_job_are_two_results() throws IOException {
        List<Client.Part> both = new ArrayList<>(slices);
        for (Path file :
                DicomScans.write(Files.createDirectory(folder.resolve("other")), Scans.volume(5), "2.25.333")) {
            both.add(Client.Part.of("x", Files.readAllBytes(file)));
        }
        HttpResponse<byte[]> accepted = server.post("/api/jobs", "both.zip", archive(both));
        assertThat(accepted.statusCode()).as(text(accepted)).isEqualTo(202);
        JsonNode job = server.ended(Client.json(accepted).path("id").asText());
        assertThat(job.path("state").asText()).as(job.toString()).isEqualTo("done");
        assertThat(job.at("/results/1/mask").asText()).isEqualTo("1/mask.dcm");
        HttpResponse<byte[]> mask = server.get(job.at("/results/1/hrefs/mask").asText());
        assertThat(mask.headers().firstValue("Content-Type")).contains("application/dicom");
        assertThat(mask.headers().firstValue("Content-Disposition").orElse("")).contains("CT_series4_2.dcm");
    }

    @Test
    void several_forms_are_answered_as_an_archive() throws IOException {
        HttpResponse<byte[]> answer = server.post("/api/segment/hippocampus?probabilities&as=nifti", slices);
        List<String> names = new ArrayList<>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        assertThat(names).contains("CT_series4.nii.gz", "CT_series4_probabilities.nii.gz", "results.json");
        assertThat(server.post("/api/segment/hippocampus?as=gif", slices).statusCode())
                .isEqualTo(400);
    }

    @Test
    void what_is_no_series_is_refused_and_leaves_nothing() throws IOException, InterruptedException {
        refused(415, "those of no image", "readme.txt", "text of some length".getBytes(StandardCharsets.UTF_8));
        refused(422, "holds no DICOM file", "a.zip", archive(List.of(Client.Part.of("../../x", new byte[100]))));
        byte[] whole = archive(slices);
        byte[] nested = archive(List.of(Client.Part.of("inner.zip", archive(slices))));
        refused(422, "holds no DICOM file", "a.zip", nested);
        assertThat(server.post("/api/jobs", "a.zip", nested).statusCode()).isEqualTo(422);
        refused(422, "damaged", "a.zip", java.util.Arrays.copyOf(whole, whole.length / 2));
        byte[] cut = java.util.Arrays.copyOf(slices.get(0).content(), 300);
        refused(422, "", "a.dcm", cut);
        byte[] zeros = new byte[70 << 20]; // a bomb of 70 kB
        refused(413, "unpacks to more than", "bomb.zip", archive(List.of(Client.Part.of("x", zeros))));
        List<Client.Part> many = Collections.nCopies(4200, Client.Part.of("x", new byte[] {1}));
        assertThat(server.post("/api/segment/hippocampus", many).statusCode()).isEqualTo(413);
        Client.awaitEmpty(folder.resolve("work").resolve("staging"));
    }

    private static void refused(int status, String found, String name, byte[] content) {
        HttpResponse<byte[]> answer = server.post("/api/segment/hippocampus", name, content);
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(status);
        assertThat(text(answer)).contains(found).doesNotContain(folder.toString(), "Secret");
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static byte[] archive(List<Client.Part> parts) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (int k = 0; k < parts.size(); k++) {
                zip.putNextEntry(new ZipEntry("../" + k + "/" + parts.get(k).filename()));
                zip.write(parts.get(k).content());
            }
        }
        return bytes.toByteArray();
    }
}
