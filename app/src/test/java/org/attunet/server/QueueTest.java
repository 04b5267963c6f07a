package org.attunet.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.attunet.error.Interruption;
import org.attunet.io.Images;
import org.attunet.predict.Segmenter;
import org.attunet.server.work.BusyException;
import org.attunet.server.work.WorkQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The queue is bounded, first come, first served; no task is lost or run twice. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class QueueTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    /** A task that blocks until it is released. */
    private static final class Gate {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        int pass() throws InterruptedException {
            entered.countDown();
            open.await();
            return 1;
        }
    }

    private static Thread asking(WorkQueue queue, Gate gate, ConcurrentLinkedQueue<Object> outcomes) {
        var thread = new Thread(() -> {
            try {
                outcomes.add(queue.request(gate::pass, LONG, () -> {}));
            } catch (Exception e) {
                outcomes.add(e);
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void who_finds_the_queue_full_is_refused_and_places_come_back() throws Exception {
        try (var queue = new WorkQueue(1, 2, LONG)) {
            var gate = new Gate();
            var outcomes = new ConcurrentLinkedQueue<Object>();
            List<Thread> threads = new ArrayList<>();
            for (int k = 0; k < 3; k++) {
                threads.add(asking(queue, gate, outcomes));
            }
            gate.entered.await();
            while (queue.queued() < 2) {
                Thread.onSpinWait();
            }
            assertThatThrownBy(() -> queue.request(() -> 1, LONG, () -> {}))
                    .isInstanceOfSatisfying(
                            BusyException.class,
                            e -> assertThat(e.retryAfterSeconds()).isPositive());
            gate.open.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(outcomes).containsExactly(1, 1, 1);
            assertThat(queue.request(() -> 7, LONG, () -> {})).isEqualTo(7);
        }
    }

    @Test
    void who_waits_too_long_leaves_the_queue_and_its_work_is_never_begun() throws Exception {
        try (var queue = new WorkQueue(1, 1, LONG)) {
            var gate = new Gate();
            var outcomes = new ConcurrentLinkedQueue<Object>();
            Thread first = asking(queue, gate, outcomes);
            gate.entered.await();
            var begun = new AtomicInteger();
            for (int k = 0; k < 5; k++) { // each finds the one place free again
                assertThatThrownBy(() -> queue.request(begun::incrementAndGet, Duration.ofMillis(1), () -> {}))
                        .isInstanceOf(TimeoutException.class);
            }
            gate.open.countDown();
            first.join();
            assertThat(queue.request(() -> 2, LONG, () -> {})).isEqualTo(2);
            assertThat(begun).hasValue(0);
        }
    }

    @Test
    void a_work_that_nobody_waits_for_ends_where_it_reports_progress() throws Exception {
        try (var queue = new WorkQueue(1, 1, LONG)) {
            var ended = new CountDownLatch(1);
            assertThatThrownBy(() -> queue.request(
                            () -> {
                                try {
                                    while (true) {
                                        Interruption.check();
                                        Thread.onSpinWait();
                                    }
                                } catch (CancellationException e) {
                                    ended.countDown();
                                    throw e;
                                }
                            },
                            Duration.ofMillis(50),
                            () -> {}))
                    .isInstanceOf(TimeoutException.class);
            ended.await();
            assertThat(queue.request(() -> 3, LONG, () -> {})).isEqualTo(3);
        }
    }

    @Test
    void each_of_many_requests_gets_its_own_mask_or_429_and_none_is_lost() throws Exception {
        int clients = 16;
        int each = 12;
        var wrong = new ConcurrentLinkedQueue<String>();
        var done = new AtomicInteger();
        var refused = new AtomicInteger();
        List<short[]> expected = new ArrayList<>();
        List<byte[]> scans = new ArrayList<>();
        try (Segmenter segmenter = LiveServer.segmenter("hippocampus")) {
            for (int k = 0; k < 4; k++) {
                scans.add(Scans.nifti(Scans.volume(k), ".nii.gz"));
                expected.add(segmenter.segment(Scans.volume(k)).labels().voxels());
            }
        }
        try (var server = new TestConfig(folder.resolve("work")).queue(1, 3).serve()) {
            List<Thread> threads = new ArrayList<>();
            for (int c = 0; c < clients; c++) {
                int client = c;
                threads.add(new Thread(() -> {
                    for (int k = 0; k < each; k++) {
                        int which = (client + k) % 4;
                        HttpResponse<byte[]> answer =
                                server.post("/api/segment/hippocampus", "s.nii.gz", scans.get(which));
                        if (answer.statusCode() == 429) {
                            refused.incrementAndGet();
                            if (answer.headers().firstValue("Retry-After").isEmpty()) {
                                wrong.add("429 without Retry-After");
                            }
                        } else if (answer.statusCode() == 200) {
                            done.incrementAndGet();
                            check(answer.body(), expected.get(which), client + "-" + k, wrong);
                        } else {
                            wrong.add("status " + answer.statusCode());
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong).isEmpty();
            assertThat(done.get() + refused.get()).isEqualTo(clients * each);
            assertThat(refused).hasPositiveValue();
            // Each segmentation was computed for one response.
            String metrics = new String(server.get("/metrics").body(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(metrics).contains("attunet_model_seconds_count{model=\"hippocampus\"} " + done.get());
            assertThat(metrics).contains("attunet_rejected_total{reason=\"queue_full\"} " + (double) refused.get());
        }
    }

    private void check(byte[] mask, short[] expected, String name, ConcurrentLinkedQueue<String> wrong) {
        try {
            Path file = Files.write(folder.resolve(name + ".nii.gz"), mask);
            if (!java.util.Arrays.equals(Images.readLabels(file).voxels(), expected)) {
                wrong.add("another image's mask: " + name);
            }
        } catch (java.io.IOException e) {
            wrong.add(e.toString());
        }
    }

    @Test
    void a_request_that_takes_longer_than_the_limit_is_told_to_become_a_job() {
        try (var server = new TestConfig(folder.resolve("work"))
                .timeout(Duration.ofMillis(1))
                .serve()) {
            HttpResponse<byte[]> answer =
                    server.post("/api/segment/hippocampus", "s.nii.gz", Scans.nifti(Scans.volume(1), ".nii.gz"));
            assertThat(answer.statusCode()).isEqualTo(503);
            JsonNode error = Client.json(answer).path("error");
            assertThat(error.asText()).contains("/api/jobs");
            HttpResponse<byte[]> job =
                    server.post("/api/jobs?model=hippocampus", "s.nii.gz", Scans.nifti(Scans.volume(1), ".nii.gz"));
            assertThat(server.ended(Client.json(job).path("id").asText())
                            .path("state")
                            .asText())
                    .isEqualTo("done");
        }
    }
}
