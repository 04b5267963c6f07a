package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Truncated, damaged and wrong files are refused with a failure that names them, never with another exception. */
class DamagedFileTest {
    @TempDir
    Path folder;

    private static byte[] fixture(String name) throws Exception {
        return Files.readAllBytes(FixtureTest.fixture(name));
    }

    private Path save(String name, byte[] bytes) throws Exception {
        return Files.write(folder.resolve(name), bytes);
    }

    /** Whether the file was read; false if it was refused by name. */
    private static boolean read(Path file) {
        try {
            Images.readGrid(file);
            Images.readLabels(file);
        } catch (AttunetException e) {
            assertThat(e.subject()).isEqualTo(file.toString());
        }
        try {
            Images.read(file);
            return true;
        } catch (AttunetException e) {
            assertThat(e.subject()).isEqualTo(file.toString());
            return false;
        } catch (Throwable e) {
            return fail("another exception than ours", e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one_i2.nii",
                "two_big_f8.nii.gz",
                "one_big_scaled.nii.gz",
                "rgb.png",
                "grey16.png",
                "palette.png",
                "rgb.jpg",
                "progressive.jpg",
                "rgb.tif",
                "pages.tif",
                "deflate16.tif",
                "rgb.bmp",
                "palette.bmp"
            })
    void every_truncation_is_refused(String name) throws Exception {
        byte[] whole = fixture(name);
        int step = Math.max(1, whole.length / 60);
        // Up to 15 bytes of padding may follow the last voxel.
        for (int length = 0; length < whole.length - 15; length += step) {
            assertThat(read(save(name, Arrays.copyOf(whole, length))))
                    .as("%d bytes", length)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"two_big_u2.nii.gz", "one_big_scaled.nii.gz", "rgb.png", "palette.png", "bits.png"})
    void every_flipped_bit_of_a_checksummed_file_is_found_or_changes_nothing(String name) throws Exception {
        byte[] bytes = fixture(name);
        Image truth = Images.read(FixtureTest.fixture(name));
        // No checksum covers the time, system and file name of gzip, and a deflate copy may have another source.
        boolean gzip = name.endsWith(".gz");
        int refused = 0;
        for (int i = 0; i < bytes.length; i += 1 + bytes.length / 400) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= (byte) (1 << (i % 8));
            Path file = save(name, damaged);
            if (!read(file)) {
                refused++;
                continue;
            }
            assertThat(gzip).as("byte %d", i).isTrue();
            assertThat(Images.read(file).channels()).as("byte %d", i).isDeepEqualTo(truth.channels());
        }
        assertThat(refused).isGreaterThan(gzip ? bytes.length * 3 / 4 : Math.min(bytes.length, 400) / 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"one_i2.nii", "one_f4.nii", "qform_only.nii", "plane.nii"})
    void every_changed_header_byte_is_refused_or_read(String name) throws Exception {
        byte[] bytes = fixture(name);
        int readable = 0;
        for (int i = 0; i < 352; i++) {
            for (int pattern : new int[] {0xff, 1 << (i % 8)}) {
                byte[] damaged = bytes.clone();
                damaged[i] ^= (byte) pattern;
                readable += read(save(name, damaged)) ? 1 : 0;
            }
        }
        assertThat(readable).isBetween(200, 690);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "two_big_f8.nii.gz",
                "rgb.png",
                "grey16.png",
                "rgb.jpg",
                "progressive.jpg",
                "grey.jpg",
                "rgb.tif",
                "palette.tif",
                "pages.tif",
                "deflate16.tif",
                "lzw.tif",
                "white_is_zero.tif",
                "float_deflate.tif",
                "rgb.bmp",
                "palette.bmp",
                "bits.bmp",
                "four_axes.nii.gz"
            })
    void random_damage_is_refused_or_read(String name) throws Exception {
        byte[] bytes = fixture(name);
        Random random = new Random(name.hashCode());
        for (int round = 0; round < 100; round++) {
            byte[] damaged = bytes.clone();
            int changes = 1 + random.nextInt(4);
            for (int k = 0; k < changes; k++) {
                // Headers are at the start or, in TIFF, at the end; half of the damage goes there.
                int near = Math.min(bytes.length, 120);
                int at = switch (random.nextInt(4)) {
                    case 0 -> random.nextInt(near);
                    case 1 -> bytes.length - 1 - random.nextInt(near);
                    default -> random.nextInt(bytes.length);
                };
                damaged[at] = random.nextBoolean() ? (byte) random.nextInt(256) : (byte) (damaged[at] ^ 0xff);
            }
            read(save(name, damaged));
        }
    }

    @Test
    void a_tiff_whose_pages_form_a_circle_is_refused() throws Exception {
        Images.write(new LabelMap(Grid.of(4, 4), new short[16]), folder.resolve("a.tif"));
        byte[] bytes = Files.readAllBytes(folder.resolve("a.tif"));
        bytes[8 + 2 + 11 * 12] = 8; // the next page is this page
        assertThatThrownBy(() -> Images.read(save("a.tif", bytes)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("its pages form a circle");
    }

    @Test
    void a_picture_that_claims_more_pixels_than_its_bytes_can_hold_is_refused() throws Exception {
        Path file = folder.resolve("a.bmp");
        Images.write(new LabelMap(Grid.of(4, 4), new short[16]), file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[18 + 2] = 0x7f; // the width's third byte
        assertThat(read(save("a.bmp", bytes))).isFalse();
        Images.write(new LabelMap(Grid.of(4, 4), new short[16]), folder.resolve("a.tif"));
        byte[] tiff = Files.readAllBytes(folder.resolve("a.tif"));
        tiff[8 + 2 + 8 + 2] = 0x7f; // the same of the first entry, ImageWidth
        assertThat(read(save("a.tif", tiff))).isFalse();
    }

    @Test
    void files_of_another_kind_are_refused() throws Exception {
        byte[] text = "this is not an image, whatever its name says, and never was".getBytes(StandardCharsets.US_ASCII);
        for (String name : new String[] {"a.nii", "a.nii.gz", "a.png", "a.jpg", "a.tif", "a.bmp"}) {
            assertThat(read(save(name, text))).isFalse();
            assertThat(read(save(name, new byte[0]))).isFalse();
            assertThat(read(folder.resolve("missing-" + name))).isFalse();
            Files.createDirectory(folder.resolve("folder-" + name));
            assertThat(read(folder.resolve("folder-" + name))).isFalse();
        }
        assertThatThrownBy(() -> Images.read(folder.resolve("a.gif")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(".gif");
    }

    @Test
    void a_missing_file_is_reported_as_missing() {
        for (String name : new String[] {"a.nii.gz", "a.png", "a.tif"}) {
            assertThatThrownBy(() -> Images.read(folder.resolve(name)))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("there is no such file");
        }
    }

    @Test
    void a_mask_in_colours_is_refused_with_the_first_coloured_pixel() {
        assertThatThrownBy(() -> Images.readLabels(FixtureTest.fixture("rgb.png")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("the mask has colours, the first at (0, 0)");
    }

    @Test
    void values_that_a_format_can_not_hold_are_refused() {
        LabelMap labels = new LabelMap(Grid.of(2, 2), new short[] {0, 1, 2, 300});
        LabelMap volume = new LabelMap(Grid.of(2, 2, 2), new short[8]);
        assertThatThrownBy(() -> Images.write(labels, folder.resolve("a.jpg"))).hasMessageContaining(".png");
        assertThatThrownBy(() -> Images.write(labels, folder.resolve("a.bmp"))).hasMessageContaining("label 300");
        assertThatThrownBy(() -> Images.write(volume, folder.resolve("a.png"))).hasMessageContaining(".nii.gz");
        assertThatThrownBy(() -> Images.write(labels, folder.resolve("a.gif"))).hasMessageContaining(".gif");
        Image two = new Image(Grid.of(2, 2), new float[2][4]);
        assertThatThrownBy(() -> Images.write(two, folder.resolve("a.png"))).hasMessageContaining("2 channels");
        assertThat(folder).isEmptyDirectory();
    }
}
