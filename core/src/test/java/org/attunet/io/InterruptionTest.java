package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading and preparing end when the thread is interrupted. */
class InterruptionTest {
    private static final Grid GRID = Grid.of(20, 20, 5);

    @TempDir
    Path folder;

    private static void interrupted(Runnable work) {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(work::run).isInstanceOf(CancellationException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".nii", ".nii.gz", ".png", ".jpg", ".tif", ".bmp"})
    void images(String suffix) {
        Grid grid = suffix.startsWith(".nii") ? GRID : Grid.of(20, 20);
        Path file = folder.resolve("image" + suffix);
        Images.write(Image.of(grid, new float[grid.voxels()]), file);
        interrupted(() -> Images.read(file));
        interrupted(() -> Images.readGrid(file));
        assertThat(Images.read(file).grid().voxels()).isEqualTo(grid.voxels());
    }

    @Test
    void label_maps() {
        Path file = folder.resolve("labels.nrrd");
        NrrdLabels.write(new LabelMap(GRID, new short[GRID.voxels()]), file, 8, true);
        interrupted(() -> NrrdLabels.read(file));
    }

    @Test
    void preparing() {
        Preprocessing twoMillimetres =
                Preprocessing.of(1, new Normalisation.ZScore()).withTargetSpacing(new double[] {2, 2, 2});
        interrupted(() -> twoMillimetres.prepare(Image.of(GRID, new float[GRID.voxels()])));
    }

    @Test
    void a_compressed_file_has_a_small_gap_before_its_voxels() throws Exception {
        Path plain = folder.resolve("plain.nii");
        Images.write(Image.of(GRID, new float[GRID.voxels()]), plain);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(plain)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        Path file = folder.resolve("gap.nii.gz");
        bytes.putFloat(108, 1e8f);
        WholeFile.write(file, out -> Gzip.write(out, gzip -> gzip.write(bytes.array())));
        assertThatThrownBy(() -> Images.readGrid(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("vox_offset is 1.0E8")
                .hasMessageContaining("from 348 to 67109212");
    }
}
