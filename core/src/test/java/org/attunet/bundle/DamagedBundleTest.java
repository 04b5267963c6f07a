package org.attunet.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.attunet.error.AttunetException;
import org.attunet.io.Sha256;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles of ours that were truncated, edited, or made to do harm: each is a sentence that names the file. */
class DamagedBundleTest {
    @TempDir
    private Path folder;

    private Path model;
    private Map<String, byte[]> files;

    private static Map<String, byte[]> whole;

    @BeforeAll
    static void write(@TempDir Path once) throws IOException {
        BundleWriter.write(Samples.full(), once.resolve("model"));
        whole = Zips.files(once.resolve("model"));
    }

    @BeforeEach
    void copy() throws IOException {
        model = Files.createDirectory(folder.resolve("model"));
        files = new LinkedHashMap<>(whole);
        for (Map.Entry<String, byte[]> file : whole.entrySet()) {
            Files.write(model.resolve(file.getKey()), file.getValue());
        }
    }

    private Path zip() throws IOException {
        return Zips.of(folder.resolve("damaged.zip"), files);
    }

    /** The folder with another rdf.yaml. */
    private Path edited(UnaryOperator<String> edit) throws IOException {
        Path rdf = model.resolve("rdf.yaml");
        String before = Files.readString(rdf);
        String after = edit.apply(before);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(rdf, after);
        return model;
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(AttunetException.class).hasMessageContainingAll(parts);
    }

    @Test
    void a_file_with_one_byte_changed_is_named_with_both_hashes() throws IOException {
        byte[] intact = files.get("model.onnx");
        byte[] onnx = intact.clone();
        onnx[5] ^= 1;
        files.put("model.onnx", onnx);
        Bundle bundle = Bundle.open(zip());

        String found = Sha256.hex(onnx);
        String expected = Sha256.hex(intact);
        refused(() -> bundle.onnx(Precision.FP32), "model.onnx", found, expected);
        refused(bundle::verify, "model.onnx", found, expected);
        assertThat(bundle.onnx(Precision.INT8)).isEqualTo(Samples.INT8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"README.md", "cover.png", "model_int8.onnx", "weights.pt", "test_input.npy", "test_output.npy"})
    void verification_sees_a_change_in_any_file(String name) throws IOException {
        byte[] content = files.get(name).clone();
        content[content.length - 1] ^= 1;
        Files.write(model.resolve(name), content);

        refused(() -> Bundle.open(model).verify(), name, "SHA-256");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.onnx", "README.md", "weights.pt", "test_output.npy"})
    void a_missing_file_is_named(String name) throws IOException {
        files.remove(name);

        refused(() -> Bundle.open(zip()), name, "there is no such file");
    }

    @Test
    void a_file_too_many_is_named() throws IOException {
        files.put("extra.bin", new byte[1]);

        refused(() -> Bundle.open(zip()), "extra.bin", "rdf.yaml doesn't name this file");
    }

    @Test
    void what_file_managers_leave_behind_is_no_file_too_many() throws IOException {
        files.put(".DS_Store", new byte[1]);
        files.put("__MACOSX/._model.onnx", new byte[1]);

        assertThat(Bundle.open(zip()).verify()).hasSize(8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 30, 1000, 5000})
    void a_truncated_zip_is_refused(int bytes) throws IOException {
        Path whole = zip();
        Path cut = folder.resolve("cut.zip");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(whole), bytes));

        refused(() -> Bundle.open(cut), "cut.zip", "truncated");
    }

    @Test
    void a_zip_without_its_last_byte_is_refused() throws IOException {
        byte[] whole = Files.readAllBytes(zip());
        Path cut = folder.resolve("cut.zip");
        Files.write(cut, Arrays.copyOf(whole, whole.length - 1));

        refused(() -> Bundle.open(cut), "cut.zip");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../evil.txt", "a/../../evil.txt", "/etc/evil", "..\\evil", "C:/evil", "a\nb", "..", "x/.."})
    void entries_that_lead_elsewhere_are_refused_and_nothing_is_written(String name) throws IOException {
        files.put(name, "evil".getBytes(StandardCharsets.UTF_8));
        Path zip = zip();
        var before = tree();

        refused(() -> Bundle.open(zip), "damaged.zip", "leads out of the bundle");
        assertThat(tree()).isEqualTo(before);
    }

    private Map<String, Long> tree() throws IOException {
        Map<String, Long> tree = new LinkedHashMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted().toList()) {
                tree.put(path.toString(), Files.isDirectory(path) ? -1 : Files.size(path));
            }
        }
        return tree;
    }

    @Test
    void two_entries_of_one_name_are_refused() throws IOException {
        files.put("model.onnY", "another model".getBytes(StandardCharsets.UTF_8));
        Path zip = zip();
        String bytes = Files.readString(zip, StandardCharsets.ISO_8859_1);
        Files.writeString(zip, bytes.replace("model.onnY", "model.onnx"), StandardCharsets.ISO_8859_1);

        refused(() -> Bundle.open(zip), "damaged.zip", "two entries are called \"model.onnx\"");
    }

    @Test
    void more_files_than_any_bundle_has_are_refused() throws IOException {
        for (int i = 0; i < 1000; i++) {
            files.put("f" + i, new byte[0]);
        }

        refused(() -> Bundle.open(zip()), "more than 1000 files");
    }

    /** Ten million zeros in ten thousand bytes. */
    @Test
    void a_description_that_inflates_beyond_reason_is_not_inflated() throws IOException {
        files.put("rdf.yaml", new byte[10_000_000]);

        refused(() -> Bundle.open(zip()), "rdf.yaml", "10000000 bytes", "at most 4194304 bytes");
    }

    @Test
    void an_entry_longer_than_its_archive_says_is_refused() throws IOException {
        Path zip = zip();
        byte[] bytes = Files.readAllBytes(zip);
        int sizeField = central(bytes, "rdf.yaml") + 24;
        bytes[sizeField] = 100;
        bytes[sizeField + 1] = 0;
        Files.write(zip, bytes);

        refused(() -> Bundle.open(zip), "rdf.yaml", "it is longer than its archive says");
    }

    @Test
    void a_changed_description_in_a_zip_is_seen_by_its_checksum() throws IOException {
        Path zip = zip();
        byte[] bytes = Files.readAllBytes(zip);
        bytes[central(bytes, "rdf.yaml") + 16] ^= 1;
        Files.write(zip, bytes);

        refused(() -> Bundle.open(zip), "rdf.yaml", "checksum");
    }

    /** Where the central directory tells of an entry. */
    private static int central(byte[] zip, String name) {
        String text = new String(zip, StandardCharsets.ISO_8859_1);
        int at = text.lastIndexOf(name) - 46;
        assertThat(text.startsWith("PK\1\2", at)).isTrue();
        return at;
    }

    @ParameterizedTest
    @MethodSource("edits")
    void an_edited_description_is_refused(String from, String to, String expected) throws IOException {
        Path place = edited(text -> text.replaceFirst(from, to));

        refused(() -> Bundle.open(place), "rdf.yaml", expected);
    }

    static Stream<Object[]> edits() {
        return Stream.of(
                new Object[] {"format_version: \"0.5.7\"", "format_version: \"0.6.0\"", "format 0.6.0"},
                new Object[] {"attunet:\n    version: 2", "attunet:\n    version: 3", "in version 3"},
                new Object[] {"attunet:\n    version: 2\n", "attunet:\n", "attunet's part in version"},
                new Object[] {"    temperature: 1.5", "    temperature: -1.5", "a number above 0"},
                new Object[] {"    temperature: 1.5", "    heat: 1.5", "unknown field config.attunet.heat"},
                new Object[] {"    temperature: 1.5\n", "", "config.attunet.temperature is missing"},
                new Object[] {"      mode: \"exact\"", "      mode: \"magic\"", "exact or gaussian"},
                new Object[] {"        outputs: 3", "        outputs: 4", "outputs"},
                new Object[] {"        channels: 1", "        channels: \"one\"", "network"},
                new Object[] {"        dimension: 3", "        depth: 3", "unknown field network.depth"},
                new Object[] {"source: \"model.onnx\"", "source: \"other.onnx\"", "weights.onnx"},
                new Object[] {"      model.onnx: \"[0-9a-f]+\"", "      model.onnx: \"ff\"", "64 hexadecimal digits"},
                new Object[] {
                    "      model.onnx: \"[0-9a-f]+\"", "      model.onnx: \"" + "0".repeat(64) + "\"", "weights.onnx"
                },
                new Object[] {"        train: 200", "        train: -200", "cases"},
                new Object[] {"        train: 200", "        train: many", "config.attunet.card"},
                new Object[] {"name: ", "name: twice\nname: ", "it is not YAML"},
                new Object[] {"type: \"model\"", "type: [model", "it is not YAML"});
    }

    @Test
    void a_model_under_the_hash_of_another_is_refused() throws IOException {
        Files.writeString(model.resolve("model_int8.onnx"), "8tni");

        refused(() -> Bundle.open(model).onnx(Precision.INT8), "model_int8.onnx", "SHA-256");
    }

    @ParameterizedTest
    @CsvSource({"'[', 5000", "'{a: ', 5000", "'- ', 5000", "'&a [*a, ', 3000", "'? ', 3000"})
    void nesting_beyond_reason_is_refused(String part, int times) throws IOException {
        Files.writeString(model.resolve("rdf.yaml"), part.repeat(times));

        refused(() -> Bundle.open(model), "rdf.yaml");
    }

    @Test
    void what_is_no_bundle_is_reported() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path text = Files.writeString(folder.resolve("text.zip"), "no zip");
        Path other = Zips.of(folder.resolve("other.zip"), Map.of("a.txt", new byte[3]));

        refused(() -> Bundle.open(empty), "there is no rdf.yaml");
        refused(() -> Bundle.open(text), "text.zip", "not a zip file");
        refused(() -> Bundle.open(other), "other.zip", "there is no rdf.yaml");
        refused(() -> Bundle.open(folder.resolve("nothing")), "there is nothing");
    }

    @Test
    void a_test_tensor_of_another_shape_is_refused() throws IOException {
        Files.write(
                model.resolve("test_input.npy"),
                Samples.photograph().test().input().toBytes());

        refused(() -> Bundle.open(model).test(), "test_input.npy", "SHA-256");
    }
}
