package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory of a process that segments a scan of 512 x 512 x 400 voxels; on request, for it takes minutes. */
@EnabledIfSystemProperty(named = "attunet.large", matches = "true", disabledReason = "give -Dattunet.large=true")
class LargeVolumeTest {
    private static final int[] SIZE = {512, 512, 400};

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"torch", "onnx"})
    void a_scan_of_512_x_512_x_400_voxels_takes_less_than_3_gib_resident(String engine) throws Exception {
        Path image = folder.resolve("scan.nii");
        writeScan(image);
        Path mask = folder.resolve("mask.nii");
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1400m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeVolume.class.getName(),
                        engine,
                        image.toString(),
                        mask.toString(),
                        Long.toString(1L << 30))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int exit = process.waitFor();
        String output = Files.readString(log, StandardCharsets.UTF_8);
        System.out.println(engine + ": " + output);
        assertThat(exit).as(output).isZero();
        assertThat(output).contains("exact tiles");
        Matcher peak = Pattern.compile("VmHWM:\\s+(\\d+) kB").matcher(output);
        assertThat(peak.find()).as(output).isTrue();
        assertThat(Long.parseLong(peak.group(1))).isLessThan(3L << 20);
        assertThat(Images.readLabels(mask).grid().size()).containsExactly(SIZE);
    }

    /** A ball with a texture. */
    private static void writeScan(Path file) throws IOException {
        Grid grid = Grid.of(SIZE, new double[] {0.8, 0.8, 1});
        short[] voxels = new short[grid.voxels()];
        int i = 0;
        for (int z = -200; z < 200; z++) {
            for (int y = -256; y < 256; y++) {
                for (int x = -256; x < 256; x++) {
                    int texture = (x * 7 ^ y * 13 ^ z * 29) & 31;
                    voxels[i++] = (short) (texture + (x * x + y * y + z * z < 150 * 150 ? 128 : 32));
                }
            }
        }
        Images.write(new LabelMap(grid, voxels), file);
    }
}
