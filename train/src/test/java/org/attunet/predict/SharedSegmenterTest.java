package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.attunet.bundle.ModelDescription;
import org.attunet.export.OnnxExport;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.torch.TorchNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Many threads at one segmenter on ONNX Runtime. */
class SharedSegmenterTest {
    private static final int THREADS = 8;
    private static final int PREDICTIONS = 1000;
    private static final int SIDE = 32;
    private static final int ROUNDS = 4;
    private static final long MOST_GROWTH = 40L << 20;

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "resident memory is read from /proc")
    void a_thousand_predictions_from_8_threads_equal_those_of_one_and_leave_memory_flat() throws Exception {
        NetworkConfig network = NetworkConfig.attUNet(2, 1, 3).withWidths(List.of(4, 8));
        byte[] onnx;
        try (TorchNetwork weights = TorchNetwork.create(network, 3)) {
            onnx = OnnxExport.of(weights);
        }
        var model = ModelDescription.of(
                "shared",
                network,
                Preprocessing.of(1, new Normalisation.ZScore()),
                LabelSet.of(Map.of(1, "one", 2, "two")),
                SIDE,
                SIDE);
        var options = SegmenterOptions.defaults().withProbabilities(true);
        var engine = OnnxEngine.open(
                onnx, "shared.onnx", network, OnnxOptions.defaults().withThreads(1));
        try (Segmenter segmenter = Segmenter.of(engine, model, options)) {
            List<Image> images = images();
            List<Segmentation> expected =
                    images.stream().map(segmenter::segment).toList();
            predictions(segmenter, images, expected);
            long buffers = direct();
            long growth = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && growth >= MOST_GROWTH; round++) { // what leaks, grows in each
                long before = resident();
                predictions(segmenter, images, expected);
                growth = resident() - before;
            }
            // More threads than before may have been inside at once, each with its input and three outputs.
            assertThat(direct() - buffers).isLessThanOrEqualTo(THREADS * 4L * 4 * SIDE * SIDE);
            // A result of each prediction would be 48 MiB, a session's map more.
            assertThat(growth).as("resident growth outside the heap").isLessThan(MOST_GROWTH);
        }
    }

    private static void predictions(Segmenter segmenter, List<Image> images, List<Segmentation> expected)
            throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Boolean>> same = new ArrayList<>();
            for (int number = 0; number < PREDICTIONS; number++) {
                int image = number % images.size();
                same.add(threads.submit(() -> equal(segmenter.segment(images.get(image)), expected.get(image))));
            }
            for (Future<Boolean> one : same) {
                assertThat(one.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
        System.gc(); // so that what is left is what is held
    }

    private static boolean equal(Segmentation a, Segmentation b) {
        return Arrays.equals(a.labels().voxels(), b.labels().voxels())
                && Arrays.deepEquals(
                        Objects.requireNonNull(a.probabilities()).channels(),
                        Objects.requireNonNull(b.probabilities()).channels());
    }

    private static List<Image> images() {
        List<Image> images = new ArrayList<>();
        Random random = new Random(1);
        for (int k = 0; k < 16; k++) {
            float[] values = new float[SIDE * SIDE];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextFloat();
            }
            images.add(Image.of(Grid.of(SIDE, SIDE), values));
        }
        return images;
    }

    private static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    /** Resident memory without Java's heap, which grows and shrinks for its own reasons. */
    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.US_ASCII)) {
            if (line.startsWith("VmRSS:")) {
                long all = Long.parseLong(line.replaceAll("\\D", "")) << 10;
                return all - Runtime.getRuntime().totalMemory();
            }
        }
        throw new IOException("no VmRSS");
    }
}
