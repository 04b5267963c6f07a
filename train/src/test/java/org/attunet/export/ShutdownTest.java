package org.attunet.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.torch.TorchNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Java machine that ends while models are still opened and used, as a server's does that answers what it has taken. */
class ShutdownTest {
    private static final int CODE = 3;
    private static final NetworkConfig NETWORK = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8));

    @TempDir
    private Path folder;

    @Test
    void the_end_of_the_machine_lets_threads_finish_that_open_models_and_compute() throws Exception {
        Path model = folder.resolve("model.onnx");
        try (TorchNetwork network = TorchNetwork.create(NETWORK, 1)) {
            Files.write(model, OnnxExport.of(network));
        }
        Path said = folder.resolve("said.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:ErrorFile=" + folder.resolve("crash.txt"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Ending.class.getName(),
                        model.toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(said)).isEqualTo(CODE);
            assertThat(said).content().contains("computed after the shutdown began");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Opens and runs the model again and again, also while the shutdown waits for that. */
    static final class Ending {
        public static void main(String[] args) throws Exception {
            byte[] model = Files.readAllBytes(Path.of(args[0]));
            var before = new CountDownLatch(5);
            var after = new CountDownLatch(20);
            var thread = new Thread(() -> {
                for (int k = 0; k < 25; k++) {
                    try (var engine = OnnxEngine.open(
                            model, "model", NETWORK, OnnxOptions.defaults().withThreads(1))) {
                        engine.run(new float[32 * 32], 1, new int[] {32, 32}, false);
                    }
                    (before.getCount() > 0 ? before : after).countDown();
                }
            });
            thread.setDaemon(true);
            thread.start();
            before.await();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    if (after.await(1, TimeUnit.MINUTES)) {
                        System.out.println("computed after the shutdown began");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            System.exit(CODE);
        }
    }
}
