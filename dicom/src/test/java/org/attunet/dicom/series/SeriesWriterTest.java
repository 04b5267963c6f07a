package org.attunet.dicom.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A volume that is written as a series is the same volume when it is read. */
class SeriesWriterTest {
    private static final double COS = Math.cos(0.3);
    private static final double SIN = Math.sin(0.3);

    private static final double[][] OBLIQUE = {
        {-0.5 * COS, 0.75 * SIN, 0, 12}, {-0.5 * SIN, -0.75 * COS, 0, -7}, {0, 0, -2, 40}
    };

    @TempDir
    private Path folder;

    private static Image volume(double factor) {
        float[] values = new float[5 * 4 * 3];
        for (int k = 0; k < values.length; k++) {
            values[k] = (float) (factor * (k * k - 1000));
        }
        return Image.of(Grid.ofAffine(new int[] {5, 4, 3}, OBLIQUE), values);
    }

    private Image again() {
        List<Series> found = Series.of(folder, share -> {});
        assertThat(found).hasSize(1);
        assertThat(found.get(0).notes()).isEmpty();
        return found.get(0).image(share -> {});
    }

    @Test
    void whole_numbers_come_back_at_their_places() {
        Image volume = volume(1);
        assertThat(SeriesWriter.write(folder, volume, "CT")).hasSize(3);
        Image read = again();
        assertThat(read.channel(0)).isEqualTo(volume.channel(0));
        for (int axis = 0; axis < 3; axis++) {
            assertThat(read.grid().affine()[axis]).containsExactly(OBLIQUE[axis], Offset.offset(1e-6));
        }
    }

    @Test
    void other_numbers_come_back_within_half_a_step() {
        Image volume = volume(0.037);
        SeriesWriter.write(folder, volume, "MR");
        float[] read = again().channel(0);
        double step = 0.037 * 59 * 59 / 65_535;
        for (int k = 0; k < read.length; k++) {
            assertThat(read[k]).isCloseTo(volume.channel(0)[k], Offset.offset((float) (0.51 * step)));
        }
    }

    @Test
    void what_is_no_volume_of_ct_or_mr_is_refused() {
        assertThatThrownBy(() -> SeriesWriter.write(folder, volume(1), "PT"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("CT or MR");
        Image picture = Image.of(Grid.of(2, 2), new float[4]);
        assertThatThrownBy(() -> SeriesWriter.write(folder, picture, "CT"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a volume of one channel");
        float[] unknown = new float[8];
        Arrays.fill(unknown, Float.NaN);
        assertThatThrownBy(() -> SeriesWriter.write(folder, Image.of(Grid.of(2, 2, 2), unknown), "CT"))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("NaN");
    }
}
