package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Written files are read back. */
class RoundTripTest {
    @TempDir
    Path folder;

    private static Image image(Grid grid, int channels) {
        float[][] values = new float[channels][grid.voxels()];
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < values[c].length; i++) {
                values[c][i] = (i * 37 + c * 11) % 251;
            }
        }
        return new Image(grid, values);
    }

    private static LabelMap labels(Grid grid, int largest) {
        short[] voxels = new short[grid.voxels()];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (i == 0 ? largest : i % (largest + 1));
        }
        return new LabelMap(grid, voxels);
    }

    /** What the format keeps of a grid of 1 mm. */
    private static Grid grid(String name, int... size) {
        return Images.isNifti(Path.of(name)) ? Grid.of(size) : Grid.ofPixels(size);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.png", "a.bmp", "a.tif", "a.TIFF", "a.nii", "a.nii.gz", "A.NII.GZ"})
    void values_of_a_plane_come_back(String name) {
        for (int channels : new int[] {1, 3}) {
            Image image = image(grid(name, 7, 5), channels);
            Images.write(image, folder.resolve(name));
            Image back = Images.read(folder.resolve(name));
            assertThat(back.grid()).isEqualTo(image.grid());
            assertThat(back.channels()).isDeepEqualTo(image.channels());
            assertThat(Images.readGrid(folder.resolve(name))).isEqualTo(image.grid());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.png", "a.bmp", "a.tif", "a.nii", "a.nii.gz"})
    void labels_of_a_plane_come_back(String name) {
        for (int largest : name.endsWith("bmp") ? new int[] {0, 255} : new int[] {0, 1, 255, 256, 65535}) {
            LabelMap labels = labels(grid(name, 7, 5), largest);
            Images.write(labels, folder.resolve(name));
            assertThat(Images.readLabels(folder.resolve(name)).voxels()).isEqualTo(labels.voxels());
            assertThat(Images.readLabels(folder.resolve(name)).grid()).isEqualTo(labels.grid());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.tif", "a.nii", "a.nii.gz"})
    void volumes_come_back(String name) {
        Grid grid = grid(name, 5, 4, 3);
        LabelMap labels = labels(grid, 300);
        Images.write(labels, folder.resolve(name));
        assertThat(Images.readLabels(folder.resolve(name)).voxels()).isEqualTo(labels.voxels());
        for (int channels : new int[] {1, 3}) {
            Image image = image(grid, channels);
            image.channel(0)[3] = -1234.5f;
            Images.write(image, folder.resolve(name));
            Image back = Images.read(folder.resolve(name));
            assertThat(back.grid()).isEqualTo(grid);
            assertThat(back.channels()).isDeepEqualTo(image.channels());
            assertThat(Images.readGrid(folder.resolve(name))).isEqualTo(grid);
        }
    }

    @Test
    void a_flat_picture_survives_jpeg_within_two_levels() {
        float[] values = new float[16 * 16];
        java.util.Arrays.fill(values, 100);
        Images.write(Image.of(Grid.of(16, 16), values), folder.resolve("a.jpg"));
        for (float v : Images.read(folder.resolve("a.jpg")).channel(0)) {
            assertThat(v).isEqualTo(100, within(2f));
        }
    }

    /** The bits of the float -1234.5 are 0xc49a5000, which is 3298447360 without a sign and -996519936 with one. */
    @Test
    void tiff_samples_have_the_sign_of_their_sample_format() throws Exception {
        Path file = folder.resolve("a.tif");
        Images.write(Image.of(Grid.of(2, 1), new float[] {-1234.5f, 0}), file);
        assertThat(withSampleFormat(file, 1)).containsExactly(3298447360f, 0);
        assertThat(withSampleFormat(file, 2)).containsExactly(Float.floatToRawIntBits(-1234.5f), 0);
        Images.write(new LabelMap(Grid.of(2, 1), new short[] {200, 100}), file);
        assertThat(withSampleFormat(file, 2)).containsExactly(200 - 256, 100);
        assertThat(withSampleFormat(file, 1)).containsExactly(200, 100);
        Images.write(new LabelMap(Grid.of(2, 1), new short[] {(short) 40000, 100}), file);
        assertThat(withSampleFormat(file, 2)).containsExactly(40000 - 65536, 100);
        assertThat(withSampleFormat(file, 1)).containsExactly(40000, 100);
    }

    private static float[] withSampleFormat(Path file, int format) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        bytes[8 + 2 + 10 * 12 + 8] = (byte) format;
        Files.write(file, bytes);
        return Images.read(file).channel(0);
    }

    @Test
    void tiff_uses_no_more_bits_than_its_values_need() throws Exception {
        Path file = folder.resolve("a.tif");
        long header = 8 + 2 + 11 * 12 + 4;
        for (float[] valueAndBytes : new float[][] {{255, 1}, {256, 2}, {65535, 2}, {65536, 4}, {-1, 4}, {0.5f, 4}}) {
            Images.write(Image.of(Grid.of(2, 1), new float[] {valueAndBytes[0], 7}), file);
            assertThat(Files.size(file)).isEqualTo(header + 2 * (long) valueAndBytes[1]);
            assertThat(Images.read(file).channel(0)).containsExactly(valueAndBytes[0], 7);
        }
    }

    @Test
    void equal_volumes_are_equal_compressed_files() throws Exception {
        Images.write(labels(Grid.of(9, 9, 9), 3), folder.resolve("a.nii.gz"));
        Images.write(labels(Grid.of(9, 9, 9), 3), folder.resolve("b.nii.gz"));
        assertThat(Files.mismatch(folder.resolve("a.nii.gz"), folder.resolve("b.nii.gz")))
                .isEqualTo(-1);
    }

    @Test
    void colours_are_voxels_of_24_bits_rounded_and_clamped() throws IOException {
        Image image = new Image(Grid.of(2, 2), new float[][] {{0, 255, 300, -4}, {1.4f, 1.6f, 2, 3}, {9, 8, 7, 6}});
        Path file = folder.resolve("colours.nii");
        Images.writeColours(image, file);
        byte[] bytes = Files.readAllBytes(file);
        assertThat(bytes[70]).isEqualTo((byte) 128); // nifti1.h: DT_RGB24
        assertThat(java.util.Arrays.copyOfRange(bytes, 352, 364))
                .containsExactly(0, 1, 9, 255, 2, 8, 255, 2, 7, 0, 3, 6);
        assertThat(Images.readHeader(file).channels()).isEqualTo(3);
        assertThat(Images.read(file).channels())
                .isDeepEqualTo(new float[][] {{0, 255, 255, 0}, {1, 2, 2, 3}, {9, 8, 7, 6}});
    }
}
