package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.function.Consumer;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LengthUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** NIfTI headers: offsets below are those of nifti1.h. */
class NiftiGeometryTest {
    private static final int DIM = 40;
    private static final int PIXDIM = 76;
    private static final int UNITS = 123;
    private static final int QFORM_CODE = 252;
    private static final int SFORM_CODE = 254;
    private static final int QUATERN_B = 256;
    private static final int SROW_X = 280;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("a.nii");
    }

    private void save(Grid grid) {
        Images.write(new LabelMap(grid, new short[grid.voxels()]), file);
    }

    private void edit(Consumer<ByteBuffer> change) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        change.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        Files.write(file, bytes);
    }

    /** A random rotation, by two random reflections, times spacings from 0.01 to 100; left-handed half the time. */
    private static double[][] affine(Random random) {
        double[][] r = {{1, 0, 0}, {0, 1, 0}, {0, 0, random.nextBoolean() ? 1 : -1}};
        for (int k = 0; k < 2; k++) {
            double[] v = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
            double norm = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
            double[][] product = new double[3][3];
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) {
                    for (int m = 0; m < 3; m++) {
                        product[i][j] += ((i == m ? 1 : 0) - 2 * v[i] * v[m] / norm) * r[m][j];
                    }
                }
            }
            r = product;
        }
        double[][] affine = new double[3][4];
        for (int j = 0; j < 3; j++) {
            double spacing = Math.pow(10, random.nextDouble() * 4 - 2);
            for (int i = 0; i < 3; i++) {
                affine[i][j] = r[i][j] * spacing;
                affine[i][3] = random.nextGaussian() * 100;
            }
        }
        return affine;
    }

    @Test
    void any_affine_comes_back_from_sform_and_from_qform_to_a_millionth() throws Exception {
        Random random = new Random(5);
        for (int round = 0; round < 60; round++) {
            double[][] affine = affine(random);
            save(Grid.ofAffine(new int[] {2, 3, 2}, affine));
            requireClose(affine);
            edit(b -> {
                assertThat(b.getShort(QFORM_CODE)).isEqualTo((short) 1);
                b.putShort(SFORM_CODE, (short) 0);
            });
            requireClose(affine);
        }
    }

    @Test
    void half_turns_come_back_from_the_qform() throws Exception {
        for (int[] signs : new int[][] {{1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}, {-1, 1, 1}, {1, 1, 1}, {-1, -1, -1}}) {
            double[][] affine = {{signs[0] * 2.0, 0, 0, 5}, {0, signs[1] * 3.0, 0, -6}, {0, 0, signs[2] * 0.5, 7}};
            save(Grid.ofAffine(new int[] {2, 3, 2}, affine));
            edit(b -> b.putShort(SFORM_CODE, (short) 0));
            requireClose(affine);
        }
    }

    private void requireClose(double[][] affine) {
        Grid back = Images.readGrid(file);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 4; j++) {
                double scale = j < 3 ? back.spacing(j) : Math.max(1, Math.abs(affine[i][3]));
                assertThat(back.affine()[i][j]).isEqualTo(affine[i][j], within(1e-6 * scale));
            }
        }
    }

    @Test
    void a_sheared_affine_has_no_qform() throws Exception {
        double[][] affine = {{1, 0.3, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}};
        save(Grid.ofAffine(new int[] {2, 3, 2}, affine));
        edit(b -> assertThat(b.getShort(QFORM_CODE)).isZero());
        requireClose(affine);
    }

    @Test
    void micrometres_and_metres_become_millimetres() throws Exception {
        save(Grid.of(new int[] {2, 3, 2}, new double[] {4, 5, 6}));
        edit(b -> b.put(UNITS, (byte) 3));
        assertThat(Images.readGrid(file).spacing()).containsExactly(new double[] {0.004, 0.005, 0.006}, within(1e-9));
        edit(b -> b.put(UNITS, (byte) 1));
        assertThat(Images.readGrid(file).spacing()).containsExactly(4000, 5000, 6000);
    }

    /** The image has what SimpleITK and nibabel write: the sform or the qform alone, or neither, and any unit. */
    @ParameterizedTest
    @CsvSource({"1, 2, 0", "3, 1, 1", "3, 0, 1", "1, 0, 1", "3, 0, 0", "0, 1, 1", "2, 1, 0"})
    void a_mask_has_its_images_numbers_and_unit(int unit, int sform, int qform) throws Exception {
        float[] affine = {-0.65f, 0, 0.1f, 12.3f, 0, 0.325f, 0, -7.7f, 0.05f, 0, 2.1f, 1e-3f};
        float[] pixdim = {(float) Math.hypot(affine[0], affine[8]), 0.325f, (float) Math.hypot(0.1f, 2.1f)};
        save(Grid.of(3, 4, 5));
        edit(b -> {
            b.put(UNITS, (byte) unit).putShort(SFORM_CODE, (short) sform).putShort(QFORM_CODE, (short) qform);
            for (int i = 0; i < 12; i++) {
                b.putFloat(SROW_X + 4 * i, affine[i]);
            }
            float[] quaternion = {0.1f, -0.2f, 0.3f, 12.3f, -7.7f, 1e-3f};
            for (int i = 0; i < 6; i++) {
                b.putFloat(QUATERN_B + 4 * i, quaternion[i]);
            }
            for (int i = 0; i < 3; i++) {
                b.putFloat(PIXDIM + 4 + 4 * i, pixdim[i]);
            }
        });
        ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        save(Images.readGrid(file));
        edit(mask -> {
            assertThat(mask.get(UNITS)).isEqualTo((byte) unit);
            for (int i = 1; i < 4; i++) {
                assertThat(mask.getFloat(PIXDIM + 4 * i)).isEqualTo(image.getFloat(PIXDIM + 4 * i));
            }
            for (int i = 0; i < 12 && sform > 0; i++) {
                assertThat(mask.getFloat(SROW_X + 4 * i)).isEqualTo(affine[i]);
            }
            for (int i = 0; i < 6 && sform == 0 && qform > 0; i++) {
                assertThat(mask.getFloat(QUATERN_B + 4 * i)).isEqualTo(image.getFloat(QUATERN_B + 4 * i));
            }
            assertThat(mask.getShort(SFORM_CODE) + mask.getShort(QFORM_CODE) > 0)
                    .isEqualTo(sform + qform > 0);
        });
    }

    @Test
    void the_mask_of_a_picture_claims_no_unit() throws Exception {
        save(Grid.ofPixels(3, 4));
        edit(b -> assertThat(b.get(UNITS)).isZero());
        assertThat(Images.readGrid(file).unit()).isEqualTo(LengthUnit.UNSPECIFIED);
    }

    @Test
    void sizes_above_32767_are_written_as_nifti_2() throws Exception {
        Grid grid = Grid.of(40_000, 2);
        short[] labels = new short[80_000];
        labels[79_999] = 7;
        Images.write(new LabelMap(grid, labels), file);
        edit(b -> assertThat(b.getInt(0)).isEqualTo(540));
        assertThat(Images.readLabels(file).voxels()).isEqualTo(labels);
        assertThat(Images.readGrid(file)).isEqualTo(grid);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, spacing is 0 on axis x, set pixdim[1]",
        "2, NaN, spacing is NaN on axis y, set pixdim[2]",
        "3, 0, spacing is 0 on axis z, set pixdim[3]",
        "3, -2, spacing is -2.0 on axis z, set pixdim[3]",
        "3, Infinity, spacing is Infinity on axis z, set pixdim[3]"
    })
    void spacing_that_is_no_positive_number_is_refused(int index, float value, String found, String remedy)
            throws Exception {
        save(Grid.of(3, 3, 3));
        for (int sform = 1; sform >= 0; sform--) {
            short code = (short) sform;
            edit(b -> b.putFloat(PIXDIM + 4 * index, value).putShort(SFORM_CODE, code));
            assertThatThrownBy(() -> Images.read(file))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("a.nii")
                    .hasMessageContaining(found)
                    .hasMessageContaining("expected a positive number")
                    .hasMessageContaining(remedy);
        }
    }

    @Test
    void an_affine_that_maps_to_no_volume_is_refused() throws Exception {
        save(Grid.of(3, 3, 3));
        edit(b -> b.putFloat(SROW_X + 32 + 8, 0));
        refused("spacing is 0 on axis z by the sform");
        edit(b -> b.putFloat(SROW_X + 8, 1));
        refused("its sform is singular");
        edit(b -> b.putFloat(SROW_X, Float.NaN));
        refused("its sform holds a number that is not finite");
        edit(b -> b.putShort(SFORM_CODE, (short) 0).putFloat(QUATERN_B, 1.5f));
        refused("its qform is no rotation");
        edit(b -> b.putFloat(QUATERN_B, Float.POSITIVE_INFINITY));
        refused("its qform holds a number that is not finite");
    }

    @Test
    void sizes_that_no_file_can_hold_are_refused() throws Exception {
        save(Grid.of(3, 3, 3));
        edit(b -> b.putShort(DIM + 2, (short) 30000));
        refused("expected 270352 bytes as its header says");
        edit(b -> b.putShort(DIM + 4, (short) 30000).putShort(DIM + 6, (short) 30000));
        refused("at most 2^31 voxels");
        edit(b -> b.putShort(DIM + 4, (short) -3));
        refused("dim[2] is -3");
        edit(b -> b.putShort(DIM, (short) 9));
        refused("dim[0] is 9");
    }

    @Test
    void a_compressed_file_that_claims_more_than_it_can_hold_is_refused() throws Exception {
        save(Grid.of(3, 3, 3));
        edit(b -> b.putShort(DIM + 2, (short) 30000).putShort(DIM + 4, (short) 20000));
        byte[] bytes = Files.readAllBytes(file);
        file = folder.resolve("a.nii.gz");
        try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(bytes);
        }
        refused("compressed bytes for the 1800000352 that its header claims");
    }

    @Test
    void values_that_are_not_finite_are_counted_and_the_first_is_named() {
        float[] values = new float[24];
        values[7] = Float.NaN;
        values[20] = Float.NEGATIVE_INFINITY;
        Images.write(Image.of(Grid.of(4, 3, 2), values), file);
        refused("2 voxels are NaN or infinite, the first at (3, 1, 0)");
    }

    @ParameterizedTest
    @CsvSource({"0.5, a voxel has the value 0.5", "-1, a voxel has the label -1", "65536, a voxel has the label 65536"})
    void a_value_that_is_no_label_is_named(float value, String found) {
        Images.write(Image.of(Grid.of(2, 1, 1), new float[] {3, value}), file);
        assertThatThrownBy(() -> Images.readLabels(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(found);
    }

    @Test
    void a_mask_of_several_channels_is_refused() {
        Images.write(new Image(Grid.of(2, 2, 2), new float[3][8]), file);
        assertThatThrownBy(() -> Images.readLabels(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("3 numbers per voxel");
    }

    private void refused(String found) {
        assertThatThrownBy(() -> Images.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(found);
    }
}
