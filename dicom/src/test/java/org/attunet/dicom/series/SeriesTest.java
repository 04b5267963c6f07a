package org.attunet.dicom.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.zip.CRC32;
import org.assertj.core.data.Offset;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Volumes lie where dcm2niix v1.0.20220720 puts them, voxel for voxel. */
class SeriesTest {
    private static final double[] AXIAL = {1, 0, 0, 0, 1, 0};
    private static final double[] FIRST = {-20, -30, 40};
    private static final double COS = Math.cos(0.3);
    private static final double SIN = Math.sin(0.3);

    @TempDir
    private Path folder;

    /**
     * A series and what dcm2niix made of it.
     *
     * @param affine its rows, one after the other
     * @param values of the first two slices at the first voxel of NIfTI
     */
    private record Converted(double[] orientation, double[] first, double[] step, double[] affine, float[] values) {}

    static List<Converted> series() {
        double[] sagittal = {0, 1, 0, 0, 0, -1};
        double[] coronal = {1, 0, 0, 0, 0, -1};
        double[] oblique = {COS, SIN, 0, 0, 0, -1};
        float[] up = {-960, -760};
        float[] down = {-160, -360};
        return List.of(
                new Converted(AXIAL, FIRST, new double[] {0, 0, 2}, affine("-0.5 0 0 20  0 0.75 0 28.5  0 0 2 40"), up),
                new Converted(
                        AXIAL, FIRST, new double[] {0, 0, -2}, affine("-0.5 0 0 20  0 0.75 0 28.5  0 0 2 32"), down),
                new Converted(
                        new double[] {-1, 0, 0, 0, 1, 0},
                        new double[] {20, -30, 40},
                        new double[] {0, 0, 2},
                        affine("0.5 0 0 -20  0 0.75 0 28.5  0 0 -2 48"),
                        down),
                new Converted(
                        sagittal, FIRST, new double[] {3, 0, 0}, affine("0 0 3 8  -0.5 0 0 30  0 0.75 0 38.5"), down),
                new Converted(
                        sagittal, FIRST, new double[] {-3, 0, 0}, affine("0 0 3 20  -0.5 0 0 30  0 0.75 0 38.5"), up),
                new Converted(
                        coronal, FIRST, new double[] {0, 3, 0}, affine("-0.5 0 0 20  0 0 -3 30  0 0.75 0 38.5"), up),
                new Converted(
                        oblique,
                        FIRST,
                        new double[] {-1.5 * SIN, 1.5 * COS, 0},
                        affine("-0.47767 0 0.44328 20  -0.14776 0 -1.433 30  0 0.75 0 38.5"),
                        up));
    }

    @ParameterizedTest
    @MethodSource("series")
    void slices_of_any_direction_become_the_volume_of_dcm2niix(Converted expected) {
        SeriesFiles.even(folder, expected.orientation, expected.first, expected.step, 5);

        Image image = Series.of(folder, share -> {}).get(0).image(share -> {});

        assertThat(image.grid().size()).containsExactly(SeriesFiles.COLUMNS, SeriesFiles.ROWS, 5);
        assertThat(flat(image.grid().affine())).containsExactly(expected.affine, Offset.offset(1e-4));
        assertThat(image.channel(0)[0]).isEqualTo(expected.values[0]);
        assertThat(image.channel(0)[SeriesFiles.COLUMNS * SeriesFiles.ROWS]).isEqualTo(expected.values[1]);
        assertThat(image.channel(0)[1] - image.channel(0)[0]).isEqualTo(2);
        assertThat(image.channel(0)[SeriesFiles.COLUMNS] - image.channel(0)[0]).isEqualTo(-20);
    }

    @Test
    void public_series_are_those_of_dcm2niix() {
        String files = System.getenv("ATTUNET_DICOM");
        assumeTrue(files != null, "ATTUNET_DICOM is not set: the test on public DICOM series is skipped");
        Path dcmqi = Path.of(files, "dcmqi", "segmentations");
        check(dcmqi.resolve("ct-3slice"), 115841325L, "-0.8105 0 0 235.2  0 0.8105 0 -187.3895  0 0 1 -128.69");
        String small = "-0.7 0 0 -46.4649  0 0.7 0 -30.9188  0 0 2.5 -177.75";
        check(dcmqi.resolve("23x38x3/image"), 3883893835L, small);
        check(dcmqi.resolve("23x38x3/multiframe"), 3883893835L, small);
        check(Path.of(files, "rtstruct", "mock_data"), 3087543405L, "-0.4883 0 0 125  0 0.4883 0 -124.5116  0 0 5 60");
    }

    private static void check(Path folder, long crc, String affine) {
        List<Series> found = Series.of(folder, share -> {});
        assertThat(found).hasSize(1);
        Image image = found.get(0).image(share -> {});
        ByteBuffer bytes = ByteBuffer.allocate(4 * image.grid().voxels()).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(image.channel(0));
        CRC32 sum = new CRC32();
        sum.update(bytes.array());
        assertThat(sum.getValue()).isEqualTo(crc);
        assertThat(flat(image.grid().affine())).containsExactly(affine(affine), Offset.offset(1e-4));
    }

    @Test
    void series_of_several_directions_become_several_volumes() {
        SeriesFiles.even(folder, AXIAL, FIRST, new double[] {0, 0, 2}, 3);
        SeriesFiles.slice(folder, "localizer.dcm", "1.2.3.4", new double[] {0, 1, 0, 0, 0, -1}, FIRST, 0);
        SeriesFiles.slice(folder, "other.dcm", "1.2.3.5", AXIAL, FIRST, 0);
        assertThat(Series.of(folder, share -> {})).extracting(Series::size).containsExactlyInAnyOrder(3, 1, 1);
    }

    private static double[] affine(String numbers) {
        return java.util.Arrays.stream(numbers.split(" +"))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    private static double[] flat(double[][] rows) {
        return java.util.Arrays.stream(rows)
                .limit(3)
                .flatMapToDouble(java.util.Arrays::stream)
                .toArray();
    }

    @Test
    void an_interrupted_reading_is_cancelled_not_damaged() {
        SeriesFiles.even(folder, new double[] {1, 0, 0, 0, 1, 0}, new double[3], new double[] {0, 0, 2}, 3);
        Series series = Series.of(folder, share -> {}).get(0);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(series::channels).isInstanceOf(CancellationException.class);
            assertThatThrownBy(() -> series.image(share -> {})).isInstanceOf(CancellationException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
