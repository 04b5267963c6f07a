package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures are read as viewers show them; the right values are those of Pillow's ImageOps.exif_transpose. */
class ExifOrientationTest {
    @TempDir
    Path folder;

    private static final LabelMap STORED = new LabelMap(Grid.of(3, 2), new short[] {1, 2, 3, 4, 5, 6});

    /** EXIF data with one field, the orientation. */
    private static byte[] exif(int code, ByteOrder order) {
        ByteBuffer b = ByteBuffer.allocate(26).order(order);
        byte mark = (byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
        b.put(mark).put(mark).putShort((short) 42).putInt(8).putShort((short) 1);
        b.putShort((short) 274).putShort((short) 3).putInt(1).putShort((short) code);
        return b.array();
    }

    private Path png(byte[] exif) throws Exception {
        Path file = folder.resolve("a.png");
        Images.write(STORED, file);
        byte[] plain = Files.readAllBytes(file);
        ByteBuffer chunk = ByteBuffer.allocate(12 + exif.length);
        chunk.putInt(exif.length)
                .put("eXIf".getBytes(StandardCharsets.US_ASCII))
                .put(exif);
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, 4 + exif.length);
        chunk.putInt((int) crc.getValue());
        return Files.write(file, insert(plain, 33, chunk.array())); // behind the header
    }

    private static byte[] insert(byte[] plain, int at, byte[] part) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(plain, 0, at);
        out.writeBytes(part);
        out.write(plain, at, plain.length - at);
        return out.toByteArray();
    }

    private Path jpeg(Image image, byte[] exif) throws Exception {
        Path file = folder.resolve("a.jpg");
        Images.write(image, file);
        ByteBuffer segment = ByteBuffer.allocate(10 + exif.length);
        segment.putShort((short) 0xffe1).putShort((short) (8 + exif.length));
        segment.put(new byte[] {'E', 'x', 'i', 'f', 0, 0}).put(exif);
        return Files.write(file, insert(Files.readAllBytes(file), 2, segment.array()));
    }

    @ParameterizedTest
    @CsvSource({
        "1,3,2,1 2 3 4 5 6",
        "2,3,2,3 2 1 6 5 4",
        "3,3,2,6 5 4 3 2 1",
        "4,3,2,4 5 6 1 2 3",
        "5,2,3,1 4 2 5 3 6",
        "6,2,3,4 1 5 2 6 3",
        "7,2,3,6 3 5 2 4 1",
        "8,2,3,3 6 2 5 1 4",
        "9,3,2,1 2 3 4 5 6"
    })
    void masks_and_images_are_turned_as_viewers_turn_them(int code, int width, int height, String expected)
            throws Exception {
        short[] upright = new short[6];
        String[] values = expected.split(" ");
        for (int i = 0; i < 6; i++) {
            upright[i] = Short.parseShort(values[i]);
        }
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            Path png = png(exif(code, order));
            assertThat(Images.readLabels(png).voxels()).isEqualTo(upright);
            assertThat(Images.readGrid(png)).isEqualTo(Images.read(png).grid());
            assertThat(Images.readGrid(png).size()).containsExactly(width, height);
            TestTiff tiff = new TestTiff(order);
            tiff.page(3, 2, 1, 8, TestTiff.bytes(1, 2, 3, 4, 5, 6)).put(274, code);
            Path file = tiff.write(folder.resolve("a.tif"));
            assertThat(Images.readLabels(file).voxels()).isEqualTo(upright);
            assertThat(Images.readGrid(file).size()).containsExactly(width, height);
        }
    }

    @Test
    void a_jpeg_and_the_mask_written_for_it_have_the_size_that_is_shown() throws Exception {
        float[] stripes = new float[32 * 16];
        Arrays.fill(stripes, 0, 32 * 8, 200); // the upper half is bright
        Path file = jpeg(Image.of(Grid.of(32, 16), stripes), exif(6, ByteOrder.BIG_ENDIAN));
        Image image = Images.read(file);
        assertThat(image.grid().size()).containsExactly(16, 32);
        assertThat(Images.readGrid(file)).isEqualTo(image.grid());
        // Turned by 90 degrees to the right, what was above is at the right.
        assertThat(image.channel(0)[0]).isLessThan(60);
        assertThat(image.channel(0)[15]).isGreaterThan(140);
        Path mask = folder.resolve("mask.png");
        Images.write(new LabelMap(image.grid(), new short[512]), mask);
        assertThat(Images.readGrid(mask).size()).containsExactly(16, 32);
    }

    @Test
    void damaged_exif_data_are_ignored_as_viewers_ignore_them() throws Exception {
        byte[] whole = exif(6, ByteOrder.LITTLE_ENDIAN);
        for (int length = 0; length < 20; length++) {
            assertThat(Images.readGrid(png(Arrays.copyOf(whole, length))).size())
                    .containsExactly(3, 2);
        }
        byte[] far = whole.clone();
        far[4] = 127;
        assertThat(Images.readGrid(png(far)).size()).containsExactly(3, 2);
    }

    @Test
    void jpegs_of_other_kinds_and_moving_pictures_are_named() throws Exception {
        Path file = jpeg(Image.of(Grid.of(32, 16), new float[512]), exif(1, ByteOrder.LITTLE_ENDIAN));
        byte[] bytes = Files.readAllBytes(file);
        int frame = 0;
        while ((bytes[frame] & 0xff) != 0xff || (bytes[frame + 1] & 0xff) != 0xc0) {
            frame++;
        }
        for (var kind : java.util.Map.of(9, "CMYK", 4, "12 bits", 1, "lossless").entrySet()) {
            byte[] other = bytes.clone();
            other[frame + kind.getKey()] = (byte) (kind.getKey() == 9 ? 4 : kind.getKey() == 4 ? 12 : 0xc3);
            Files.write(file, other);
            assertThatThrownBy(() -> Images.read(file)).hasMessageContaining(kind.getValue());
        }
        ByteBuffer chunk = ByteBuffer.allocate(20).putInt(8).put("acTL".getBytes(StandardCharsets.US_ASCII));
        chunk.putInt(7).putInt(0);
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, 12);
        chunk.putInt((int) crc.getValue());
        Path moving = folder.resolve("b.png");
        Images.write(STORED, moving);
        Files.write(moving, insert(Files.readAllBytes(moving), 33, chunk.array()));
        assertThatThrownBy(() -> Images.read(moving)).hasMessageContaining("an animation of 7 frames");
    }

    @Test
    void a_colour_profile_changes_no_value() throws Exception {
        float[][] colours = new float[3][16 * 16];
        for (int i = 0; i < 256; i++) {
            colours[0][i] = i;
            colours[1][i] = 255 - i;
            colours[2][i] = 90;
        }
        Path plain = folder.resolve("plain.jpg");
        Images.write(new Image(Grid.of(16, 16), colours), plain);
        // A profile of a space with other primaries, whose conversion to sRGB would change every colour.
        byte[] profile = java.awt.color.ICC_Profile.getInstance(java.awt.color.ColorSpace.CS_LINEAR_RGB)
                .getData();
        ByteBuffer segment = ByteBuffer.allocate(18 + profile.length);
        segment.putShort((short) 0xffe2).putShort((short) (16 + profile.length));
        segment.put("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 1);
        segment.put(profile);
        byte[] bytes = Files.readAllBytes(plain);
        int behindJfif = 4 + (bytes[4] << 8 | bytes[5]);
        Path profiled = Files.write(folder.resolve("b.jpg"), insert(bytes, behindJfif, segment.array()));
        assertThat(Images.read(profiled).channels())
                .isDeepEqualTo(Images.read(plain).channels());
    }
}
