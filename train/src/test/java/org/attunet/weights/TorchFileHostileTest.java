package org.attunet.weights;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made by hand, with instructions as CPython's pickletools lists them. */
class TorchFileHostileTest {
    /** A storage of two floats under the key 0, then a dictionary with one view of it. */
    private static final String GOOD = index("K\2", "K\0", "K\2\u0085", "K\1\u0085");

    @TempDir
    Path folder;

    @Test
    void the_file_made_by_hand_is_read_when_nothing_is_wrong() throws IOException {
        assertThat(TorchFile.read(zip(GOOD)).get("w").floats()).containsExactly(1, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "huge shape, 1, 0, 2147483647x2147483647x2147483647, 0x0x0, larger than the file",
        "shape whose product overflows, 1, 0, 2147483647x2147483647x2147483647x2147483647, 1x1x1x1, larger than",
        "huge storage, 2147483647, 0, 2, 1, larger than the file",
        "negative storage, -1, 0, 2, 1, larger than the file",
        "negative size, 2, 0, -1, 1, larger than the file",
        "negative stride, 2, 1, 2, -1, leaves its storage",
        "negative offset, 2, -1, 1, 1, leaves its storage",
        "offset behind the end, 2, 2147483647, 1, 1, leaves its storage",
        "stride behind the end, 2, 0, 2, 2147483647, leaves its storage",
        "more elements than the storage, 2, 0, 3, 0, leaves its storage",
        "other storage size, 1, 0, 1, 1, its index says 4",
        "fewer strides than sizes, 2, 0, 2, , 1 sizes and 0 strides"
    })
    void declared_sizes_are_compared_with_the_file_before_memory_is_taken(
            String what, int count, int offset, String shape, String strides, String message) throws IOException {
        String index = index(number(count), number(offset), tuple(shape), tuple(strides));
        refused(zip(index), message);
    }

    @ParameterizedTest
    @CsvSource({
        "\\200\\2\\215\\377\\377\\377\\377\\377\\377\\377\\177., ends within an instruction",
        "\\200\\2X\\377\\377\\377\\377ab., ends within an instruction",
        "\\200\\2}q\\0h\\0h\\1., value 1 that it has not stored",
        "\\200\\2u., lacks a mark",
        "\\200\\2(u., empty stack",
        "\\200\\2K\\1(0., empty stack",
        "\\200\\2}K\\1K\\1s(t.extra, no dictionary of tensors",
        "\\200\\11., protocol 9",
        "\\200\\2}}R., Dict where a Tuple belongs",
        "\\200\\2}(tR., calls a value",
        "\\200\\2I1, the instruction 0x49",
        "\\200\\2(ios\\nsystem\\n., names os.system",
        "\\200\\4\\214\\10builtins\\214\\4eval\\223., names builtins.eval",
        "\\200\\2cnumpy.core.multiarray\\nscalar\\n., names numpy.core.multiarray.scalar",
        "\\200\\2ccol\\33[31mour\\neval\\n., names col?[31mour.eval",
        "\\200\\2ctorch\\nload\\n., names torch.load",
        "\\200\\2ctorch\\nFloatStorage\\n)R., calls torch.FloatStorage",
        "\\200\\2}Q., not a storage"
    })
    void a_pickle_that_breaks_the_rules_is_refused(String escaped, String message) throws IOException {
        refused(zip(escaped.translateEscapes()), message);
    }

    @Test
    void a_pickle_of_millions_of_containers_is_refused() throws IOException {
        refused(zip("\u0080\2" + "]".repeat(4_100_000) + "."), "more than 4000000 instructions");
    }

    @Test
    void containers_nested_a_million_deep_or_in_themselves_do_no_harm() throws IOException {
        refused(zip("\u0080\2" + "]".repeat(1_000_000) + "a".repeat(999_999) + "."), "no dictionary of tensors");
        String inItself = "\u0080\2}q\0X\5\0\0\0modelh\0s.";
        refused(zip(inItself), "no dictionary of tensors");
    }

    @Test
    void a_compressed_zip_is_refused_without_unpacking() throws IOException {
        Path file = folder.resolve("packed.pt");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(new byte[1 << 20]);
        }
        refused(file, "compressed or encrypted");
    }

    @Test
    void a_zip_without_an_index_or_a_storage_is_refused() throws IOException {
        refused(zip(Map.of("archive/version", "3\n")), "the zip has no data.pkl");
        refused(zip(Map.of("archive/data.pkl", GOOD)), "its entry archive/data/0 has -1 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "/etc/passwd", "archive/data/../../../x"})
    void names_in_a_zip_never_become_paths(String name) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        entries.put(name, "x");
        entries.put("archive/data.pkl", GOOD);
        entries.put("archive/data/0", "\0\0\u0080?\0\0\0\0");
        assertThat(TorchFile.read(zip(entries)).get("w").floats()).containsExactly(1, 0);
        assertThat(folder).isDirectoryNotContaining(path -> !path.endsWith("made.pt"));
    }

    private static void refused(Path file, String message) {
        assertThatThrownBy(() -> TorchFile.read(file))
                .isExactlyInstanceOf(AttunetException.class)
                .hasMessageContaining(file.getFileName().toString())
                .hasMessageContaining(message);
    }

    private static String index(String count, String offset, String shape, String strides) {
        String storage = "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0000X\3\0\0\0cpu" + count + "tQ";
        return "\u0080\2}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n(" + storage + offset + shape + strides
                + "\u0089NtRs.";
    }

    private static String number(int value) {
        return "J" + (char) (value & 255) + (char) (value >> 8 & 255) + (char) (value >> 16 & 255)
                + (char) (value >>> 24);
    }

    private static String tuple(String numbers) {
        StringBuilder pickle = new StringBuilder("(");
        for (String number : numbers == null ? new String[0] : numbers.split("x")) {
            pickle.append(number(Integer.parseInt(number)));
        }
        return pickle.append("t").toString();
    }

    private Path zip(String index) throws IOException {
        return zip(Map.of("archive/data.pkl", index, "archive/data/0", "\0\0\u0080?\0\0\0\0"));
    }

    private Path zip(Map<String, String> entries) throws IOException {
        Path file = folder.resolve("made.pt");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                byte[] content = entry.getValue().getBytes(ISO_8859_1);
                ZipEntry stored = new ZipEntry(entry.getKey());
                CRC32 crc = new CRC32();
                crc.update(content);
                stored.setMethod(ZipEntry.STORED);
                stored.setSize(content.length);
                stored.setCrc(crc.getValue());
                zip.putNextEntry(stored);
                zip.write(content);
            }
        }
        return file;
    }
}
