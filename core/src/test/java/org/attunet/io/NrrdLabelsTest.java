package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** NRRD label maps against files of teem, the reference implementation, and the format definition. */
class NrrdLabelsTest {
    /** {@code unu make -t ushort -s 3 2 2 …} and {@code unu save -f nrrd -e gzip -en big} of teem 1.12. */
    private static final String TEEM =
            "TlJSRDAwMDQKIyBDb21wbGV0ZSBOUlJEIGZpbGUgZm9ybWF0IHNwZWNpZmljYXRpb24gYXQ6CiMgaHR0cDovL3R"
                    + "lZW0uc291cmNlZm9yZ2UubmV0L25ycmQvZm9ybWF0Lmh0bWwKdHlwZTogdW5zaWduZWQgc2hvcnQKZGltZW5zaW9uOiAzCnNwYWNlOiBsZWZ0LX"
                    + "Bvc3Rlcmlvci1zdXBlcmlvcgpzaXplczogMyAyIDIKc3BhY2UgZGlyZWN0aW9uczogKDAuNSwwLDApICgwLDAsLTIpICgwLDEuNSwwKQpraW5kc"
                    + "zogZG9tYWluIGRvbWFpbiBkb21haW4KZW5kaWFuOiBiaWcKZW5jb2Rpbmc6IGd6aXAKc3BhY2Ugb3JpZ2luOiAoMTAsLTIwLDMwLjUpCgofiwgA"
                    + "AAAAAAADY2BgYGRgYmBm1GEAsUBsJgaG//8BFYnh/RgAAAA=";

    private static final String RAS = """
        NRRD0005
        # a comment
        type: short
        dimension: 3
        space: RAS
        sizes: 2 1 2
        space directions: ( 1, 0,0) (0,2,0)  (0,0,3)
        kinds: domain domain domain
        endian: little
        encoding: raw
        space origin: (-4,5e0,6)
        key:=value: with a colon

        """.replace("\n", "\r\n");

    private static final byte[] FOUR = {0, 0, 1, 0, 2, 0, 0, 1}; // 0, 1, 2, 256 in little endian

    @TempDir
    private Path folder;

    private Path save(String header, byte[] data) throws Exception {
        var bytes = new ByteArrayOutputStream();
        bytes.write(header.getBytes(StandardCharsets.UTF_8));
        bytes.write(data);
        return Files.write(folder.resolve("a.nrrd"), bytes.toByteArray());
    }

    @Test
    void a_file_of_teem_is_read_with_its_voxels_and_affine() throws Exception {
        Path file = Files.write(folder.resolve("teem.nrrd"), Base64.getDecoder().decode(TEEM));
        LabelMap labels = NrrdLabels.read(file);
        assertThat(labels.grid().size()).containsExactly(3, 2, 2);
        // left-posterior-superior there, right-anterior-superior here
        assertThat(labels.grid().affine())
                .isDeepEqualTo(new double[][] {{-0.5, 0, 0, -10}, {0, 0, -1.5, 20}, {0, -2, 0, 30.5}});
        int[] found = new int[12];
        Arrays.setAll(found, labels::label);
        assertThat(found).containsExactly(0, 1, 2, 3, 300, 0, 1, 1, 2, 2, 0, 65535);
        assertThat(NrrdLabels.readGrid(file)).isEqualTo(labels.grid());
    }

    @Test
    void windows_line_ends_are_read_and_keys_and_comments_are_skipped() throws Exception {
        LabelMap labels = NrrdLabels.read(save(RAS, FOUR));
        assertThat(labels.voxels()).containsExactly(new short[] {0, 1, 2, 256});
        assertThat(labels.grid().affine()).isDeepEqualTo(new double[][] {{1, 0, 0, -4}, {0, 2, 0, 5}, {0, 0, 3, 6}});
    }

    @Test
    void a_written_header_is_what_the_format_says() throws Exception {
        Grid grid = Grid.ofAffine(new int[] {2, 1, 1}, new double[][] {{-0.5, 0, 0, 7}, {0, 2, 0, 0}, {0, 0, 3, -1}});
        Path file = folder.resolve("out.nrrd");
        NrrdLabels.write(new LabelMap(grid, new short[] {1, 2}), file, 16, false);
        byte[] bytes = Files.readAllBytes(file);
        assertThat(new String(bytes, 0, bytes.length - 4, StandardCharsets.US_ASCII))
                .isEqualTo("""
                    NRRD0004
                    # Complete NRRD file format specification at:
                    # http://teem.sourceforge.net/nrrd/format.html
                    type: unsigned short
                    dimension: 3
                    space: left-posterior-superior
                    sizes: 2 1 1
                    space directions: (0.5,0.0,0.0) (0.0,-2.0,0.0) (0.0,0.0,3.0)
                    kinds: domain domain domain
                    space origin: (-7.0,0.0,-1.0)
                    endian: little
                    encoding: raw

                    """);
        assertThat(Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length)).containsExactly(1, 0, 2, 0);
    }

    @ParameterizedTest
    @CsvSource({"8, true, 255", "8, false, 255", "16, true, 65535", "16, false, 256"})
    void what_is_written_comes_back(int bits, boolean compress, int largest) {
        var random = new Random(bits);
        Grid grid = Grid.ofAffine(new int[] {7, 5, 3}, new double[][] {
            {0.1, -0.7, 0.2, 1e-5}, {0.6, 0.2, 1 / 3.0, -1e6}, {0.3, 0.1, -2, 12.25}
        });
        short[] voxels = new short[105];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) random.nextInt(largest + 1);
        }
        voxels[50] = (short) largest;
        Path file = folder.resolve("a.nrrd");
        NrrdLabels.write(new LabelMap(grid, voxels), file, bits, compress);
        LabelMap read = NrrdLabels.read(file);
        assertThat(read.grid()).isEqualTo(grid);
        assertThat(read.voxels()).isEqualTo(voxels);
    }

    @Test
    void labels_that_do_not_fit_the_bits_and_2d_masks_are_not_written() {
        Path file = folder.resolve("a.nrrd");
        var wide = new LabelMap(Grid.of(1, 1, 1), new short[] {256});
        assertThatThrownBy(() -> NrrdLabels.write(wide, file, 8, true)).hasMessageContaining("the label 256 in 8 bits");
        var flat = new LabelMap(Grid.of(1, 1), new short[] {1});
        assertThatThrownBy(() -> NrrdLabels.write(flat, file, 8, true)).hasMessageContaining("2D");
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NRRD0005|NRRD0009|signature",
                "NRRD0005|NIFTI|signature",
                "type: short|type: float|type is \"float\"",
                "type: short|type: block|type is",
                "type: short|typo: short|lacks the field \"type\"",
                "dimension: 3|dimension: 4|dimension is 4",
                "sizes: 2 1 2|sizes: 2 1|sizes",
                "sizes: 2 1 2|sizes: 2 0 2|sizes",
                "sizes: 2 1 2|sizes: 2 1 -2|sizes",
                "sizes: 2 1 2|sizes: 99999999999 1 2|sizes",
                "sizes: 2 1 2|sizes: 999999999 999999999 2|2^31",
                "sizes: 2 1 2|sizes: 2000 1000 1000|8 bytes of data for the 4000000000",
                "sizes: 2 1 2|sizes: 2 1 1|8 bytes of data for the 4",
                "space: RAS|space: scanner-xyz|space is \"scanner-xyz\"",
                "space: RAS|content: no space|lacks the field \"space\"",
                "( 1, 0,0)|none|space directions",
                "( 1, 0,0)|(1,0)|space directions",
                "( 1, 0,0)|(0,0,0)|spacing is 0.0",
                "( 1, 0,0)|(nan,0,0)|finite",
                "( 1, 0,0)|(1e999,0,0)|finite",
                "( 1, 0,0)|(1,0,0) x|space directions",
                "endian: little|endian: middle|endian",
                "endian: little|sample units: mm|lacks the field \"endian\"",
                "encoding: raw|encoding: bzip2|encoding is \"bzip2\"",
                "encoding: raw|encoding: raw\\nencoding: raw|twice",
                "encoding: raw|encoding: gzip|damaged",
                "kinds: domain domain domain|data file: other.raw|another file",
                "kinds: domain domain domain|datafile: /etc/passwd|another file",
                "kinds: domain domain domain|byte skip: -1|skips",
                "kinds: domain domain domain|no colon here|neither a field",
                "key:=value|Segment0_ID:=x|.seg.nrrd",
            })
    void a_false_or_unsupported_header_is_refused_with_what_was_found(String from, String to, String sentence)
            throws Exception {
        assertThat(RAS).contains(from);
        Path file = save(RAS.replace(from, to.replace("\\n", "\n")), FOUR);
        assertThatThrownBy(() -> NrrdLabels.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(sentence);
    }

    @Test
    void labels_below_0_are_refused() throws Exception {
        Path file = save(RAS, new byte[] {0, 0, -1, -1, 0, 0, 0, 0});
        assertThatThrownBy(() -> NrrdLabels.read(file)).hasMessageContaining("the label -1");
    }

    @Test
    void a_header_without_end_is_read_no_further_than_64_kib() throws Exception {
        Path file = save("NRRD0004\n" + "# nothing\n".repeat(100_000), FOUR);
        assertThatThrownBy(() -> NrrdLabels.read(file)).hasMessageContaining("no end within 65536 bytes");
        Path spaces = save(
                "NRRD0004\ntype: short\ndimension: 3\nspace: RAS\nsizes: 2 1 2\nendian: little\nencoding: raw\n"
                        + "space directions: (" + " ".repeat(60_000) + "\n\n",
                FOUR);
        assertThatThrownBy(() -> NrrdLabels.read(spaces)).hasMessageContaining("space directions");
    }

    @Test
    void compressed_data_after_the_voxels_are_refused() throws Exception {
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write(FOUR);
            out.write(1);
        }
        Path file = save(RAS.replace("raw", "gzip"), gzip.toByteArray());
        assertThatThrownBy(() -> NrrdLabels.read(file)).hasMessageContaining("more data follow");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void every_truncated_or_changed_file_is_read_or_refused_by_name(boolean compress) throws Exception {
        short[] voxels = new short[60];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (i % 5);
        }
        Path file = folder.resolve("a.nrrd");
        NrrdLabels.write(new LabelMap(Grid.of(5, 4, 3), voxels), file, 16, compress);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            assertThat(readable(Arrays.copyOf(whole, length)))
                    .as("cut to " + length)
                    .isFalse();
        }
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            readable(flipped);
        }
    }

    private boolean readable(byte[] bytes) throws Exception {
        Path file = Files.write(folder.resolve("b.nrrd"), bytes);
        try {
            NrrdLabels.read(file);
            return true;
        } catch (AttunetException e) {
            assertThat(e.subject()).isEqualTo(file.toString());
            return false;
        } catch (Throwable e) {
            return fail("another exception than ours", e);
        }
    }
}
