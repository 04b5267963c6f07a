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

/** Ends a JVM while threads still open and run models, as a server does that answers its pending requests. */
class ShutdownTest {
    private static final int CODE = 3;
    private static final NetworkConfig NETWORK = NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(4, 8));

    @TempDir
    private Path folder;

    @Test
    void threads_can_open_and_run_models_while_the_jvm_shuts_down() throws Exception {
        Path model = folder.resolve("model.onnx");
        try (TorchNetwork network = TorchNetwork.create(NETWORK, 1)) {
            Files.write(model, OnnxExport.of(network));
        }
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:ErrorFile=" + folder.resolve("crash.txt"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Ending.class.getName(),
                        model.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(CODE);
            assertThat(output).content().contains("computed after the shutdown began");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Opens and runs the model repeatedly, also while the shutdown waits for it. */
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
