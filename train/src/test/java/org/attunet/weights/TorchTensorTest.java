package org.attunet.weights;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways in which PyTorch's pickles rebuild a tensor, made by hand as {@code torch.save} of PyTorch 2 writes them. */
class TorchTensorTest {
    private static final String V2 = "ctorch._utils\n_rebuild_tensor_v2\n";
    private static final String V3 = "ctorch._utils\n_rebuild_tensor_v3\n";
    private static final String HOOKS = "\u0089ccollections\nOrderedDict\n)R"; // requires_grad, backward_hooks
    private static final String SHAPE = "K\0K\2\u0085K\1\u0085"; // offset, size, stride
    private static final String NEGATIVE = "}X\3\0\0\0neg\u0088s";

    @TempDir
    Path folder;

    private static String storage(String type, int elements) {
        return "(X\7\0\0\0storagectorch\n" + type + "\nX\1\0\0\0000X\3\0\0\0cpuK" + (char) elements + "tQ";
    }

    /** The arguments of a rebuilding, with more behind the usual six. */
    private static String arguments(String storage, String more) {
        return "(" + storage + SHAPE + HOOKS + more + "t";
    }

    private static String plain(String more) {
        return arguments(storage("FloatStorage", 2), more);
    }

    /** Reads the tensor that a pickle leaves on the stack; its storage has the given bytes. */
    private Weight read(String tensor, String bytes) throws IOException {
        Path file = folder.resolve("made.pt");
        Map<String, String> entries = Map.of("a/data.pkl", "\u0080\2}X\1\0\0\0w" + tensor + "s.", "a/data/0", bytes);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                byte[] content = entry.getValue().getBytes(ISO_8859_1);
                CRC32 crc = new CRC32();
                crc.update(content);
                ZipEntry stored = new ZipEntry(entry.getKey());
                stored.setMethod(ZipEntry.STORED);
                stored.setSize(content.length);
                stored.setCrc(crc.getValue());
                zip.putNextEntry(stored);
                zip.write(content);
            }
        }
        return TorchFile.read(file).get("w");
    }

    /** Two floats: 1 and -2. */
    private static final String FLOATS = "\0\0\u0080?\0\0\0\u00c0";

    @Test
    void a_lazy_negation_changes_every_sign() throws IOException {
        assertThat(read(V2 + plain("") + "R", FLOATS).floats()).containsExactly(1, -2);
        assertThat(read(V2 + plain("N") + "R", FLOATS).floats()).containsExactly(1, -2);
        assertThat(read(V2 + plain(NEGATIVE) + "R", FLOATS).floats()).containsExactly(-1, 2);
        String parameter = "ctorch._utils\n_rebuild_parameter\n(" + V2 + plain(NEGATIVE) + "R" + HOOKS + "tR";
        assertThat(read(parameter, FLOATS).floats()).containsExactly(-1, 2);
        String zeros = "\0\0\0\0\0\0\0\u0080"; // 0 and -0
        assertThat(read(V2 + plain(NEGATIVE) + "R", zeros).floats()).containsExactly(-0f, 0f);
    }

    @ParameterizedTest
    @CsvSource({"HalfStorage, \\0<\\0\\300", "BFloat16Storage, \\200?\\0\\300"})
    void a_lazy_negation_holds_for_short_formats_too(String type, String escaped) throws IOException {
        String tensor = V2 + arguments(storage(type, 2), NEGATIVE) + "R";
        assertThat(read(tensor, escaped.translateEscapes()).floats()).containsExactly(-1, 2);
    }

    @Test
    void a_lazy_conjugation_changes_no_real_number() throws IOException {
        assertThat(read(V2 + plain("}X\4\0\0\0conj\u0088s") + "R", FLOATS).floats())
                .containsExactly(1, -2);
    }

    @Test
    void other_metadata_and_negated_whole_numbers_are_refused() {
        refused(V2 + plain("}X\4\0\0\0zero\u0088s") + "R", FLOATS, "a tensor has the metadata zero: true");
        refused(V2 + plain("}X\3\0\0\0neg\u0089s") + "R", FLOATS, "a tensor has the metadata neg: false");
        refused(
                V2 + arguments(storage("IntStorage", 2), NEGATIVE) + "R",
                "\1\0\0\0\2\0\0\0",
                "w is a lazy negation of whole numbers");
    }

    @Test
    void a_tensor_with_a_format_of_its_own_is_read_from_an_untyped_storage() throws IOException {
        String untyped = storage("UntypedStorage", 8).replace("ctorch\n", "ctorch.storage\n");
        assertThat(read(V3 + arguments(untyped, "ctorch\nfloat32\n") + "R", FLOATS)
                        .floats())
                .containsExactly(1, -2);
        assertThat(read(V3 + arguments(untyped, "ctorch\nfloat32\n" + NEGATIVE) + "R", FLOATS)
                        .floats())
                .containsExactly(-1, 2);
        refused(
                V3 + arguments(untyped, "ctorch\nfloat8_e4m3fn\n") + "R",
                FLOATS,
                "the weight w has the number format torch.float8_e4m3fn");
        refused(
                V2 + arguments(storage("ComplexFloatStorage", 1), "") + "R",
                FLOATS,
                "the weight w has the number format ComplexFloatStorage");
    }

    @Test
    void attributes_of_a_tensor_or_parameter_are_left_out() throws IOException {
        String state = "}X\1\0\0\0aK\1s";
        String parameter =
                "ctorch._utils\n_rebuild_parameter_with_state\n(" + V2 + plain("") + "R" + HOOKS + state + "tR";
        assertThat(read(parameter, FLOATS).floats()).containsExactly(1, -2);
        String tensor = "ctorch._tensor\n_rebuild_from_type_v2\n(" + V2 + "ctorch\nTensor\n" + plain(NEGATIVE) + state;
        assertThat(read(tensor + "tR", FLOATS).floats()).containsExactly(-1, 2);
        String nested = "ctorch._tensor\n_rebuild_from_type_v2\n";
        refused(nested + "(" + nested + "ctorch\nTensor\n" + plain("") + state + "tR", FLOATS, "a tensor twice");
        refused(
                nested + "(" + V2 + "ctorch\nSize\n" + plain("") + state + "tR",
                FLOATS,
                "rebuilds a torch.Size as a tensor");
    }

    @ParameterizedTest
    @CsvSource({
        "_rebuild_qtensor, quantised tensors, dequantize()",
        "_rebuild_sparse_tensor, sparse tensors, to_dense()",
        "_rebuild_nested_tensor, nested tensors, plain tensor",
        "_rebuild_meta_tensor_no_storage, which have no values, load the weights",
        "_rebuild_wrapper_subclass, a subclass without storage, full_tensor()",
        "_rebuild_device_tensor_from_numpy, another device, cpu()"
    })
    void tensors_that_are_not_dense_are_refused_with_the_way_to_save_them(String name, String found, String remedy) {
        refused("ctorch._utils\n" + name + "\n)R", FLOATS, found, name, remedy);
    }

    private void refused(String tensor, String bytes, String... messages) {
        assertThatThrownBy(() -> read(tensor, bytes))
                .isExactlyInstanceOf(AttunetException.class)
                .message()
                .contains(messages);
    }
}
