package org.attunet.dicom.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.attunet.dicom.data.DicomBytes;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Slices that lie unevenly are brought to where they lie: of a scene whose values are linear in the patient's coordinates, each
 * voxel has the value of its place, for linear interpolation keeps linear functions.
 */
class UnevenSeriesTest {
    private static final int COLUMNS = 12;
    private static final int ROWS = 10;
    private static final double COS = Math.cos(Math.toRadians(18.5));
    private static final double SIN = Math.sin(Math.toRadians(18.5));
    private static final double[] AXIAL = {1, 0, 0, 0, 1, 0};
    private static final double[] TILTED = {1, 0, 0, 0, COS, -SIN};
    private static final float OUTSIDE = -5000;

    @TempDir
    private Path folder;

    private static double scene(double x, double y, double z) {
        return 1000 + 3 * x - 2 * y + 5 * z;
    }

    private void slice(int number, double[] orientation, double... position) {
        ByteBuffer pixels = ByteBuffer.allocate(4 * COLUMNS * ROWS).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < COLUMNS * ROWS; k++) {
            double across = 0.5 * (k % COLUMNS);
            double down = 0.75 * (k / COLUMNS);
            double[] place = position.clone();
            for (int axis = 0; axis < 3; axis++) {
                place[axis] += across * orientation[axis] + down * orientation[3 + axis];
            }
            pixels.putFloat((float) scene(place[0], place[1], place[2]));
        }
        DicomBytes bytes = SeriesFiles.elements("1.2.3.4", orientation, position, number)
                .number(Tag.ROWS, ROWS)
                .number(Tag.COLUMNS, COLUMNS)
                .number(Tag.BITS_ALLOCATED, 32)
                .number(Tag.BITS_STORED, 32)
                .number(Tag.HIGH_BIT, 31)
                .element(
                        Tag.FLOAT_PIXEL_PADDING_VALUE,
                        Vr.FL,
                        ByteBuffer.allocate(4)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putFloat(OUTSIDE)
                                .array())
                .text(Tag.RESCALE_SLOPE, Vr.DS, "1")
                .text(Tag.RESCALE_INTERCEPT, Vr.DS, "0")
                .element(Tag.FLOAT_PIXEL_DATA, Vr.OF, pixels.array());
        try {
            Files.write(folder.resolve(number + ".dcm"), bytes.file("1.2.840.10008.1.2.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Series only() {
        List<Series> found = Series.of(folder, share -> {});
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    /** Counts the voxels within, of which each has the value of its place. */
    private static int within(Image image, float outside) {
        Grid grid = image.grid();
        double[][] affine = grid.affine();
        int within = 0;
        for (int k = 0; k < grid.voxels(); k++) {
            int[] at = {k % grid.size(0), k / grid.size(0) % grid.size(1), k / grid.size(0) / grid.size(1)};
            double[] world = new double[3];
            for (int axis = 0; axis < 3; axis++) {
                world[axis] = affine[axis][3];
                for (int i = 0; i < 3; i++) {
                    world[axis] += affine[axis][i] * at[i];
                }
            }
            float value = image.channel(0)[k];
            if (value != outside) {
                assertThat((double) value).isCloseTo(scene(-world[0], -world[1], world[2]), Offset.offset(1e-2));
                within++;
            }
        }
        return within;
    }

    @Test
    void uneven_gaps_are_resampled_to_that_of_most_slices() {
        double[] places = {0, 2, 4, 6, 7, 9, 12, 14, 17};
        for (int k = 0; k < places.length; k++) {
            slice(k, AXIAL, -20, -30, 40 + places[k]);
        }
        Series series = only();

        Image image = series.image(share -> {});

        assertThat(series.isEven()).isFalse();
        assertThat(image.grid().size()).containsExactly(COLUMNS, ROWS, 18);
        assertThat(within(image, OUTSIDE)).isEqualTo(image.grid().voxels());
        assertThat(series.notes()).anyMatch(note -> note.contains("1.00 to 3.00 mm"));
    }

    /** Backwards and forwards, and about the patient's long axis. */
    static List<double[]> tilts() {
        return List.of(TILTED, new double[] {1, 0, 0, 0, COS, SIN}, new double[] {COS, 0, -SIN, 0, 1, 0});
    }

    @ParameterizedTest
    @MethodSource("tilts")
    void a_tilted_gantry_moves_slices_sideways(double[] orientation) {
        for (int k = 0; k < 6; k++) {
            slice(k, orientation, -20, -30, 40 + 2 * k);
        }
        Series series = only();

        Image image = series.image(share -> {});

        Grid grid = image.grid();
        double[][] affine = grid.affine();
        for (int side = 0; side < 2; side++) { // rows and columns at right angles to slices
            double dot = 0;
            for (int axis = 0; axis < 3; axis++) {
                dot += affine[axis][side] * affine[axis][2];
            }
            assertThat(dot).isCloseTo(0, Offset.offset(1e-9));
        }
        assertThat(grid.spacing(2)).isCloseTo(2 * COS, Offset.offset(1e-6));
        boolean down = orientation[4] != 1;
        assertThat(grid.size(1)).isEqualTo(ROWS + (down ? (int) Math.ceil(10 * SIN / 0.75) : 0));
        assertThat(grid.size(0)).isEqualTo(COLUMNS + (down ? 0 : (int) Math.ceil(10 * SIN / 0.5)));
        assertThat(within(image, OUTSIDE)).isGreaterThanOrEqualTo((COLUMNS - 1) * (ROWS - 1) * 6);
        assertThat(series.notes()).anyMatch(note -> note.contains("tilted by 18.5 degrees"));
    }

    @Test
    void labels_come_back_to_the_pixels_they_were_drawn_on() {
        for (int k = 0; k < 6; k++) {
            slice(k, TILTED, -20, -30, 40 + 2 * k);
        }
        Series series = only();
        short[] drawn = new short[COLUMNS * ROWS];
        drawn[3 * COLUMNS + 4] = 7;
        drawn[3 * COLUMNS + 5] = 7;

        LabelMap mask = series.fromSlices(slice -> slice == 2 ? drawn : null);

        for (int slice = 0; slice < 6; slice++) {
            assertThat(series.toSlice(mask, slice)).isEqualTo(slice == 2 ? drawn : new short[drawn.length]);
        }
    }

    @Test
    void a_missing_slice_is_named_and_interpolated() {
        for (int k : new int[] {0, 1, 2, 4, 5}) {
            slice(k, AXIAL, -20, -30, 40 + 2 * k);
        }
        Series series = only();
        assertThat(series.grid().size(2)).isEqualTo(6);
        assertThat(within(series.image(share -> {}), OUTSIDE)).isEqualTo(6 * COLUMNS * ROWS);
        assertThat(series.notes()).anyMatch(note -> note.startsWith("1 slice is missing after 2.dcm ("));
    }

    @Test
    void wide_gaps_and_slices_not_over_one_another_are_refused() {
        for (int k = 0; k < 4; k++) {
            slice(k, AXIAL, -20, -30, 40 + 2 * k);
        }
        slice(9, AXIAL, -20, -30, 60);
        assertThatThrownBy(() -> only().grid())
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a gap of 14.00 mm")
                .hasMessageContaining("about 6 slices are missing");
        slice(9, AXIAL, -20, -20, 48);
        assertThatThrownBy(() -> only().grid())
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("shifted sideways by 10.00 mm");
    }

    /** Positions written with few digits aren't uneven. */
    @Test
    void rounded_positions_are_even() {
        for (int k = 0; k < 30; k++) {
            slice(k, AXIAL, -20, -30, Math.round(6.25 * k) / 10.0);
        }
        assertThat(only().isEven()).isTrue();
        assertThat(only().notes()).isEmpty();
    }

    /** A head CT with a tilt of 18.5 degrees whose gaps are 1.1, 4 and 7 mm. */
    @Test
    void a_tilted_public_ct_lies_at_right_angles() {
        String files = System.getenv("ATTUNET_DICOM");
        assumeTrue(files != null, "ATTUNET_DICOM is not set: the test on a public tilted CT is skipped");
        Series series = Series.of(Path.of(files, "ct_tilt"), share -> {}).get(0);
        Grid grid = series.grid();
        assertThat(series.notes()).hasSize(2);
        assertThat(grid.size()).containsExactly(512, 611, 37);
        assertThat(grid.spacing(2)).isCloseTo(4.0025, Offset.offset(1e-3));
    }
}
