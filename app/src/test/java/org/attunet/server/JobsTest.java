package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.predict.Segmenter;
import org.attunet.server.inference.PointModel;
import org.attunet.server.work.Job;
import org.attunet.server.work.ServedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs are accepted, reported, cancelled and kept over a restart. */
@Timeout(value = 5, unit = TimeUnit.MINUTES) // keeps a test that waits from waiting forever
class JobsTest {
    @TempDir
    private Path folder;

    private LiveServer start() {
        return new TestConfig(folder.resolve("work")).serve();
    }

    private static String submit(LiveServer server, String query, byte[] content) {
        HttpResponse<byte[]> answer = server.post("/api/jobs?" + query, "scan.nii.gz", content);
        assertThat(answer.statusCode()).isEqualTo(202);
        JsonNode job = Client.json(answer);
        assertThat(answer.headers().firstValue("Location"))
                .contains("/api/jobs/" + job.path("id").asText());
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        return job.path("id").asText();
    }

    private static byte[] scan(int seed) {
        return Scans.nifti(Scans.volume(seed), ".nii.gz");
    }

    /** A model whose images take until the latch opens, or until they are interrupted. */
    private static ServedModel held(CountDownLatch open) {
        return PointModel.served(() -> {
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                Interruption.check();
            }
        });
    }

    /** An image for that model. */
    private static byte[] point() {
        return Scans.nifti(Image.of(Grid.of(8, 8), new float[64]), ".nii.gz");
    }

    private static List<Client.Part> points(int count) {
        return Collections.nCopies(count, Client.Part.of("s.nii.gz", point()));
    }

    @Test
    void a_job_ends_with_the_mask_and_everything_that_was_asked_for() throws IOException {
        Image volume = Scans.volume(1);
        try (LiveServer server = start()) {
            String id =
                    submit(server, "model=hippocampus&attention=true&probabilities=1&uncertainty&layers=true", scan(1));
            JsonNode job = server.ended(id);
            assertThat(job.path("state").asText()).isEqualTo("done");
            assertThat(job.path("progress").asDouble()).isEqualTo(1);
            JsonNode hrefs = job.path("results").path(0).path("hrefs");
            assertThat(hrefs.fieldNames())
                    .toIterable()
                    .contains(
                            "mask",
                            "mask_probabilities",
                            "mask_attention_Att2",
                            "mask_entropy",
                            "layer_image",
                            "layer_mask",
                            "layer_probability_1",
                            "layer_probability_2",
                            "layer_entropy",
                            "layer_attention_Att2");
            Path mask = folder.resolve("mask.nii.gz");
            Files.write(mask, server.get(hrefs.path("mask").asText()).body());
            try (Segmenter segmenter = LiveServer.segmenter("hippocampus")) {
                assertThat(Images.readLabels(mask).voxels())
                        .isEqualTo(segmenter.segment(volume).labels().voxels());
            }
            hrefs.forEach(
                    href -> assertThat(server.get(href.asText()).statusCode()).isEqualTo(200));
            assertThat(server.get("/api/jobs/" + id + "/files/0/job.json").statusCode())
                    .isEqualTo(404);
            assertThat(server.get("/api/jobs/" + id + "/files/0/..%2F..%2Fjob.json")
                            .statusCode())
                    .isIn(400, 404);
        }
    }

    @Test
    void layers_of_a_picture_stand_upright() throws IOException {
        try (LiveServer server = start()) {
            HttpResponse<byte[]> answer =
                    server.post("/api/jobs?model=nuclei&layers=true", "p.png", Scans.picture("png", 60, 40, 2));
            JsonNode job = server.ended(Client.json(answer).path("id").asText());
            Path file = folder.resolve("layer.nii.gz");
            Files.write(
                    file,
                    server.get(job.at("/results/0/hrefs/layer_image").asText()).body());
            Image layer = Images.read(file);
            assertThat(layer.channels()).hasNumberOfRows(3);
            // Row 0 is the picture's top, the greatest y of the world.
            assertThat(layer.grid().affine()[1][1]).isEqualTo(-1);
            Path mask = folder.resolve("layer_mask.nii.gz");
            Files.write(
                    mask,
                    server.get(job.at("/results/0/hrefs/layer_mask").asText()).body());
            Path png = folder.resolve("mask.png");
            Files.write(
                    png, server.get(job.at("/results/0/hrefs/mask").asText()).body());
            LabelMap expected = Images.readLabels(png);
            assertThat(Images.readLabels(mask).voxels()).isEqualTo(expected.voxels());
        }
    }

    @Test
    void a_bad_image_among_good_ones_is_reported_and_the_others_are_done() {
        try (LiveServer server = start()) {
            byte[] damaged = scan(2);
            damaged[damaged.length / 2] ^= 0x55;
            HttpResponse<byte[]> answer = server.post(
                    "/api/jobs?model=hippocampus",
                    List.of(
                            Client.Part.of("a.nii.gz", scan(1)),
                            Client.Part.of("b.nii.gz", damaged),
                            Client.Part.of("c.nii.gz", scan(3))));
            JsonNode job = server.ended(Client.json(answer).path("id").asText());
            assertThat(job.path("state").asText()).isEqualTo("done");
            assertThat(job.at("/results/0/name").asText()).isEqualTo("a");
            assertThat(job.at("/results/1/error").asText()).startsWith("b: ").contains("; expected ");
            assertThat(job.at("/results/2/labels").isArray()).isTrue();
            String alone = submit(server, "model=hippocampus", damaged);
            assertThat(server.ended(alone).path("state").asText()).isEqualTo("failed");
        }
    }

    @Test
    void jobs_are_cancelled_at_work_and_in_the_queue_and_removed_afterwards() throws IOException {
        List<ServedModel> models = List.of(held(new CountDownLatch(1)));
        try (LiveServer server = new TestConfig(folder.resolve("work")).serve(models)) {
            List<String> ids = new ArrayList<>();
            for (int k = 0; k < 12; k++) {
                ids.add(submit(server, "model=points", point()));
            }
            for (String id : ids) {
                assertThat(server.send(server.request("/api/jobs/" + id).DELETE())
                                .statusCode())
                        .isEqualTo(204);
            }
            List<String> states = new ArrayList<>();
            for (String id : ids) {
                HttpResponse<byte[]> left = server.get("/api/jobs/" + id);
                if (left.statusCode() == 200) { // it had not ended when it was deleted
                    states.add(server.ended(id).path("state").asText());
                    server.send(server.request("/api/jobs/" + id).DELETE());
                }
                assertThat(server.get("/api/jobs/" + id).statusCode()).isEqualTo(404);
            }
            assertThat(states).isNotEmpty().containsOnly("cancelled");
            try (var left = Files.list(folder.resolve("work/jobs"))) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void what_waits_at_the_end_goes_on_at_the_next_start_and_what_is_done_is_still_there() throws IOException {
        List<String> ids = new ArrayList<>();
        try (var server = new TestConfig(folder.resolve("work")).noGrace().serve()) {
            ids.add(submit(server, "model=hippocampus", scan(0)));
            server.ended(ids.get(0));
            for (int k = 1; k < 6; k++) {
                ids.add(submit(server, "model=hippocampus", scan(k)));
            }
        }
        try (LiveServer server = start();
                Segmenter segmenter = LiveServer.segmenter("hippocampus")) {
            for (int k = 0; k < ids.size(); k++) {
                JsonNode job = server.ended(ids.get(k));
                assertThat(job.path("state").asText()).as(job.toString()).isEqualTo("done");
                Path mask = folder.resolve("mask.nii.gz");
                Files.write(
                        mask,
                        server.get(job.at("/results/0/hrefs/mask").asText()).body());
                assertThat(Images.readLabels(mask).voxels())
                        .isEqualTo(segmenter.segment(Scans.volume(k)).labels().voxels());
            }
        }
    }

    @Test
    void a_stop_that_cuts_a_job_short_is_no_crash_and_its_images_go_only_when_it_has_ended() throws IOException {
        Path work = folder.resolve("work");
        for (int stop = 0; stop < 4; stop++) { // three crashes would have ended it
            List<ServedModel> models = List.of(held(new CountDownLatch(1)));
            try (var server = new TestConfig(work).noGrace().serve(models)) {
                if (stop == 0) {
                    assertThat(server.post("/api/jobs?model=points", points(6)).statusCode())
                            .isEqualTo(202);
                }
                String told = server.text("/api/jobs");
                while (!told.contains("running")) {
                    told = server.text("/api/jobs");
                }
            }
        }
        try (var jobs = Files.list(work.resolve("jobs"))) {
            Path job = jobs.findFirst().orElseThrow();
            String kept = Files.readString(job.resolve("job.json"));
            assertThat(kept).contains("\"state\" : \"queued\"", "\"attempts\" : 0");
            try (var input = Files.list(job.resolve("input"))) {
                assertThat(input).hasSize(6);
            }
            try (LiveServer server = new TestConfig(work).serve(List.of(PointModel.served()))) {
                JsonNode ended = server.ended(String.valueOf(job.getFileName()));
                assertThat(ended.path("state").asText()).isEqualTo("done");
                assertThat(ended.path("results")).hasSize(6);
            }
            assertThat(job.resolve("input")).doesNotExist();
        }
    }

    @Test
    void what_was_ended_while_it_ran_is_not_taken_up_by_the_next_process() throws IOException {
        String id;
        try (LiveServer server = start()) {
            id = submit(server, "model=hippocampus", scan(1));
            server.ended(id);
        }
        Path job = folder.resolve("work/jobs/" + id);
        Files.writeString(
                job.resolve("job.json"),
                Files.readString(job.resolve("job.json")).replace("\"done\"", "\"running\""));
        Files.writeString(job.resolve("cancelled"), "");
        try (LiveServer server = start()) {
            assertThat(server.ended(id).path("state").asText()).isEqualTo("cancelled");
        }
    }

    @Test
    void jobs_of_a_model_that_a_start_forgot_wait_for_one_that_has_it() {
        List<ServedModel> models = List.of(held(new CountDownLatch(1))); // so that the stop comes before the end
        String id;
        try (var server = new TestConfig(folder.resolve("work")).noGrace().serve(models)) {
            id = Client.json(server.post("/api/jobs?model=points", points(3)))
                    .path("id")
                    .asText();
        }
        try (var server = new TestConfig(folder.resolve("work")).serve("nuclei")) {
            JsonNode job = Client.json(server.get("/api/jobs/" + id));
            while (job.path("error").isNull()) {
                job = Client.json(server.get("/api/jobs/" + id));
            }
            assertThat(job.path("state").asText()).isEqualTo("queued");
            assertThat(job.path("error").asText()).contains("points");
        }
        try (LiveServer server = new TestConfig(folder.resolve("work")).serve(List.of(PointModel.served()))) {
            assertThat(server.ended(id).path("state").asText()).isEqualTo("done");
        }
    }

    @Test
    void a_second_server_in_the_folder_is_refused_before_it_touches_anything() throws IOException {
        try (LiveServer server = start()) {
            Path upload = Files.createDirectories(folder.resolve("work/staging/upload"));
            assertThatThrownBy(this::start).hasMessageContaining("another server works in it");
            assertThat(upload).exists();
            assertThat(server.ended(submit(server, "model=hippocampus", scan(1)))
                            .path("state")
                            .asText())
                    .isEqualTo("done");
        }
    }

    @Test
    void results_go_when_their_time_is_over() throws Exception {
        try (var server = new TestConfig(folder.resolve("work"))
                .jobs(5, Duration.ofMillis(1))
                .serve()) {
            String id = submit(server, "model=hippocampus", scan(1));
            assertThat(server.ended(id).path("state").asText()).isEqualTo("done");
        }
        // The next start finds that it has expired.
        try (LiveServer server = new TestConfig(folder.resolve("work"))
                .jobs(5, Duration.ofMillis(1))
                .serve()) {
            assertThat(Client.json(server.get("/api/jobs")).path("jobs")).isEmpty();
            try (var left = Files.list(folder.resolve("work/jobs"))) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void a_job_that_ended_three_processes_is_given_up() throws IOException {
        String id;
        try (LiveServer server = start()) {
            id = submit(server, "model=hippocampus", scan(1));
            server.ended(id);
        }
        Path file = folder.resolve("work/jobs/" + id + "/job.json");
        String told = Files.readString(file)
                .replaceAll("\"state\" : \"[a-z]+\"", "\"state\" : \"running\"")
                .replaceAll("\"attempts\" : \\d", "\"attempts\" : 3");
        Files.writeString(file, told);
        try (LiveServer server = start()) {
            JsonNode job = server.ended(id);
            assertThat(job.path("state").asText()).isEqualTo(Job.State.FAILED.word());
            assertThat(job.path("error").asText()).contains("3 times");
        }
    }

    @Test
    void a_damaged_job_is_reported_and_hinders_nothing() throws IOException {
        Files.createDirectories(folder.resolve("work/jobs/broken"));
        Files.writeString(folder.resolve("work/jobs/broken/job.json"), "{\"id\": ");
        try (LiveServer server = start()) {
            assertThat(server.log()).contains("job.json");
            assertThat(server.ended(submit(server, "model=hippocampus", scan(1)))
                            .path("state")
                            .asText())
                    .isEqualTo("done");
        }
    }

    @Test
    void too_many_jobs_are_told_to_come_back() {
        List<ServedModel> models = List.of(held(new CountDownLatch(1))); // so that none ends while the others are sent
        try (var server = new TestConfig(folder.resolve("work"))
                .jobs(2, Duration.ofHours(1))
                .noGrace()
                .serve(models)) {
            List<Integer> statuses = new ArrayList<>();
            for (int k = 0; k < 6; k++) {
                HttpResponse<byte[]> answer = server.post("/api/jobs?model=points", points(1));
                statuses.add(answer.statusCode());
                if (answer.statusCode() == 429) {
                    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                }
            }
            assertThat(statuses).contains(202, 429).containsOnly(202, 429);
        }
    }
}
