package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.attunet.image.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** NIfTI's siblings: versions, byte orders and pairs of files, written by the offsets of nifti1.h and nifti2.h. */
class NiftiPairTest {
    @TempDir
    Path folder;

    /** Voxels i - 5 of 4 x 3 x 2, int16, scaled by 2 and 1, with the spacings 1, 2, 3 and the origin 7, 8, 9. */
    private static byte[] header(int version, ByteOrder order, String magic, int offset) {
        boolean one = version == 1;
        ByteBuffer header = ByteBuffer.allocate(one ? 348 : 540).order(order);
        header.putInt(0, header.capacity());
        byte[] text = (one ? magic + "\0" : magic + "\0\r\n\u001a\n").getBytes(StandardCharsets.ISO_8859_1);
        header.put(one ? 344 : 4, text);
        header.putShort(one ? 70 : 12, (short) 4).putShort(one ? 72 : 14, (short) 16);
        double[] affine = {1, 0, 0, 7, 0, 2, 0, 8, 0, 0, 3, 9};
        int[] dim = {3, 4, 3, 2};
        if (one) {
            for (int k = 0; k < 4; k++) {
                header.putShort(40 + 2 * k, (short) dim[k]).putFloat(76 + 4 * k, k == 0 ? 1 : k);
            }
            for (int k = 0; k < 12; k++) {
                header.putFloat(280 + 4 * k, (float) affine[k]);
            }
            header.putFloat(108, offset).putFloat(112, 2).putFloat(116, 1).putShort(254, (short) 1);
        } else {
            for (int k = 0; k < 4; k++) {
                header.putLong(16 + 8 * k, dim[k]).putDouble(104 + 8 * k, k == 0 ? 1 : k);
            }
            for (int k = 0; k < 12; k++) {
                header.putDouble(400 + 8 * k, affine[k]);
            }
            header.putLong(168, offset).putDouble(176, 2).putDouble(184, 1).putInt(348, 1);
        }
        return header.array();
    }

    private static byte[] voxels(ByteOrder order, int gap) {
        ByteBuffer voxels = ByteBuffer.allocate(gap + 48).order(order);
        for (int i = 0; i < 24; i++) {
            voxels.putShort(gap + 2 * i, (short) (i - 5));
        }
        return voxels.array();
    }

    private static void assertRead(Path file) {
        Image image = Images.read(file);
        assertThat(image.grid().size()).containsExactly(4, 3, 2);
        assertThat(image.grid().affine()[1]).containsExactly(0, 2, 0, 8);
        for (int i = 0; i < 24; i++) {
            assertThat(image.channels()[0][i]).isEqualTo(2f * (i - 5) + 1);
        }
        assertThat(Images.readGrid(file)).isEqualTo(image.grid());
        assertThat(Images.readHeader(file).oriented()).isTrue();
    }

    private void write(String name, byte[] content) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(content);
        }
        boolean compressed = name.toLowerCase(Locale.ROOT).endsWith(".gz");
        Files.write(folder.resolve(name), compressed ? packed.toByteArray() : content);
    }

    private void pair(String hdr, String img) throws IOException {
        write(hdr, header(1, ByteOrder.LITTLE_ENDIAN, "ni1", 0));
        write(img, voxels(ByteOrder.LITTLE_ENDIAN, 0));
    }

    @ParameterizedTest
    @CsvSource({"1, false", "1, true", "2, false", "2, true"})
    void single_files_and_pairs_of_both_versions_and_byte_orders_are_read(int version, boolean big) throws IOException {
        ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        int offset = version == 1 ? 352 : 544;
        byte[] single = ByteBuffer.allocate(offset + 48)
                .put(header(version, order, "n+" + version, offset))
                .position(offset)
                .put(voxels(order, 0))
                .array();
        for (String gz : List.of("", ".gz")) {
            write("a.nii" + gz, single);
            assertRead(folder.resolve("a.nii" + gz));
            write("b.hdr" + gz, header(version, order, "ni" + version, 16));
            write("b.img" + gz, voxels(order, 16));
            assertRead(folder.resolve("b.hdr" + gz));
            assertRead(folder.resolve("b.img" + gz));
            assertThat(Images.stem(folder.resolve("b.img" + gz))).isEqualTo("b");
            Files.delete(folder.resolve("b.hdr" + gz));
            Files.delete(folder.resolve("b.img" + gz));
        }
    }

    @ParameterizedTest
    @CsvSource({"a.HDR, a.IMG", "a.hdr, a.img.gz", "a.HDR.GZ, a.IMG.GZ", "a.hdr.gz, a.img", "a.hdr, a.IMG"})
    void either_file_names_the_pair_whatever_its_letters_and_compression(String hdr, String img) throws IOException {
        pair(hdr, img);
        assertRead(folder.resolve(hdr));
        assertRead(folder.resolve(img));
        assertThat(Images.files(folder.resolve(img))).containsExactly(folder.resolve(hdr), folder.resolve(img));
    }

    @Test
    void a_pair_in_a_folder_is_one_case() throws IOException {
        pair("x.hdr", "x.img");
        pair("y.hdr.gz", "y.img.gz");
        assertThat(ImageCase.in(folder, 1)).extracting(ImageCase::id).containsExactly("x", "y");
        Files.delete(folder.resolve("x.hdr"));
        Files.delete(folder.resolve("y.hdr.gz"));
        assertThatThrownBy(() -> ImageCase.in(folder, 1))
                .hasMessageContaining("2 files that are half of a .hdr/.img pair");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x.hdr", "x.img"})
    void a_missing_half_is_named(String missing) throws IOException {
        pair("x.hdr", "x.img");
        Files.delete(folder.resolve(missing));
        Path there = folder.resolve(missing.equals("x.hdr") ? "x.img" : "x.hdr");
        assertThatThrownBy(() -> Images.read(there)).hasMessageContaining("without " + missing);
        Files.delete(there);
        assertThatThrownBy(() -> Images.read(there)).hasMessageContaining("there is no such file");
    }

    @Test
    void sizes_are_bounded_by_the_file_of_the_voxels() throws IOException {
        pair("x.hdr", "x.img");
        Path hdr = folder.resolve("x.hdr");
        byte[] header = Files.readAllBytes(hdr);
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putShort(46, (short) 32000);
        Files.write(hdr, header);
        assertThatThrownBy(() -> Images.read(hdr)).hasMessageContaining("its .img has 48 bytes");
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(46, (short) 2)
                .putFloat(108, 4e10f);
        Files.write(hdr, header);
        assertThatThrownBy(() -> Images.read(hdr)).hasMessageContaining("its .img has 48 bytes");
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putFloat(108, -4);
        Files.write(hdr, header);
        assertThatThrownBy(() -> Images.read(hdr)).hasMessageContaining("vox_offset is -4.0");
        Files.write(folder.resolve("x.img"), new byte[0]);
        assertThatThrownBy(() -> Images.read(hdr)).hasMessageContaining("vox_offset is -4.0");
    }

    @Test
    void analyze_and_single_files_under_a_pairs_name_are_refused_and_none_is_written() throws IOException {
        pair("x.hdr", "x.img");
        Path hdr = folder.resolve("x.hdr");
        write("x.hdr", header(1, ByteOrder.LITTLE_ENDIAN, "\0\0\0", 0));
        assertThatThrownBy(() -> Images.read(hdr))
                .hasMessageContaining("ANALYZE 7.5")
                .hasMessageContaining("left and right");
        write("x.hdr", header(1, ByteOrder.LITTLE_ENDIAN, "n+1", 352));
        assertThatThrownBy(() -> Images.read(hdr)).hasMessageContaining("header and voxels are in one file");
        pair("x.hdr", "x.img");
        Image image = Images.read(hdr);
        assertThatThrownBy(() -> Images.write(image, folder.resolve("y.hdr")))
                .hasMessageContaining("ends with \".hdr\"");
    }
}
