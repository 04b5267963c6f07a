package org.attunet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers are PyTorch's own: {@code src/test/resources/weights/make.py} writes the files from them. */
class TorchFileReadTest {
    private static final Path FILES = Path.of("src/test/resources/weights");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"dtypes.pt", "dtypes_protocol4.pt", "dtypes_legacy.pt", "dtypes_big_endian.pt"})
    void every_number_format_has_the_values_that_pytorch_saved(String file) {
        StateDict dict = TorchFile.read(FILES.resolve(file));
        assertThat(dict.get("f32").floats()).containsExactly(1.5f, -2.25f, 3e-20f);
        assertThat(dict.get("f64").floats()).containsExactly(0.1f, Float.NEGATIVE_INFINITY);
        assertThat(dict.get("f64").bytes().getDouble(8)).isEqualTo(-1e300);
        assertThat(dict.get("f16").floats())
                .containsExactly(1f, (float) -0.333251953125, 65504f, 0x1p-24f, Float.POSITIVE_INFINITY);
        assertThat(dict.get("bf16").floats()).containsExactly(1f, -3.140625f, (float) 9.969209968386869e+37);
        assertThat(dict.get("i64").longs()).containsExactly(1L << 40, -3);
        assertThat(dict.get("i32").longs()).containsExactly(1L << 30, -3);
        assertThat(dict.get("i16").longs()).containsExactly(300, -3);
        assertThat(dict.get("i8").longs()).containsExactly(100, -3);
        assertThat(dict.get("u8").longs()).containsExactly(200, 3);
        assertThat(dict.get("bool").longs()).containsExactly(1, 0);
        assertThat(dict.names()).startsWith("f32", "f64", "f16").endsWith("inner", "channels_last");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dtypes.pt", "dtypes_protocol4.pt", "dtypes_legacy.pt", "dtypes_big_endian.pt"})
    void views_are_laid_out_row_major(String file) {
        StateDict dict = TorchFile.read(FILES.resolve(file));
        assertThat(dict.get("scalar").shape()).isEmpty();
        assertThat(dict.get("scalar").longs()).containsExactly(7);
        assertThat(dict.get("empty").shape()).containsExactly(0, 3);
        assertThat(dict.get("empty").floats()).isEmpty();
        assertThat(dict.get("tied_again")).isEqualTo(dict.get("tied"));
        assertThat(dict.get("tied").floats()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(dict.get("offset").floats()).containsExactly(2, 3, 4);
        assertThat(dict.get("every_second").floats()).containsExactly(0, 2, 4);
        assertThat(dict.get("transposed").shape()).containsExactly(4, 2, 3);
        assertThat(dict.get("transposed").floats()).startsWith(0, 4, 8, 12, 16, 20, 1, 5, 9, 13);
        assertThat(dict.get("inner").floats()).containsExactly(5, 6, 9, 10, 17, 18, 21, 22);
        assertThat(dict.get("channels_last").floats())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state_dict", "model", "model_state_dict", "net"})
    void a_checkpoint_gives_its_weights_without_the_prefix(String key) {
        StateDict weights = TorchFile.read(FILES.resolve("checkpoint_" + key + ".pt"));
        assertThat(weights).isEqualTo(TorchFile.read(FILES.resolve("tiny.pt")));
        assertThat(weights.names())
                .containsExactly(
                        "conv.weight",
                        "conv.bias",
                        "norm.weight",
                        "norm.bias",
                        "norm.running_mean",
                        "norm.running_var",
                        "norm.num_batches_tracked");
        assertThat(weights.parameters()).isEqualTo(2 * 9 + 2 + 2 + 2);
        double sum = 0;
        for (float value : weights.get("conv.weight").floats()) {
            sum += value;
        }
        assertThat(sum).isEqualTo(-0.5664189490489662);
    }

    @Test
    void parameters_are_read_as_tensors() {
        StateDict tiny = TorchFile.read(FILES.resolve("tiny.pt"));
        StateDict parameters = TorchFile.read(FILES.resolve("parameters.pt"));
        assertThat(parameters.size()).isEqualTo(4);
        assertThat(parameters.get("norm.bias")).isEqualTo(tiny.get("norm.bias"));
    }

    @ParameterizedTest
    @CsvSource({
        "os_system.pt, posix.system, do not load this file",
        "os_system_legacy.pt, posix.system, do not load this file",
        "whole_module.pt, __main__.Tiny, torch.save(model.state_dict()",
        "torchscript.pt, TorchScript archive of the class __torch__.Tiny, torch.jit.load",
        "complex.pt, ComplexFloatStorage, .float()",
        "expanded.pt, 'weight of shape (1000, 1000) would be larger than the file', copy or download"
    })
    void what_is_no_plain_weights_is_refused_by_name(String file, String found, String remedy) {
        assertThatThrownBy(() -> TorchFile.read(FILES.resolve(file)))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(file)
                .hasMessageContaining(found)
                .hasMessageContaining(remedy);
    }

    @Test
    void a_name_is_refused_as_the_file_spells_it() throws IOException {
        Path file = Files.write(
                folder.resolve("evil.pth"),
                "\u0080\u0002cos\nsystem\n(X\u0002\0\0\0lstR.".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> TorchFile.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("names os.system,")
                .hasMessageContaining("nothing was executed");
    }

    @Test
    void a_truncated_file_is_refused_with_its_length() throws IOException {
        byte[] whole = Files.readAllBytes(FILES.resolve("tiny.pt"));
        Path file = Files.write(folder.resolve("cut.pth"), Arrays.copyOf(whole, 1500));
        assertThatThrownBy(() -> TorchFile.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("cut.pth")
                .hasMessageContaining("cut off at 1500 bytes");
    }

    @Test
    void a_flipped_bit_in_a_storage_is_found_by_its_checksum() throws IOException {
        byte[] bytes = Files.readAllBytes(FILES.resolve("tiny.pt"));
        Weight weight = TorchFile.read(FILES.resolve("tiny.pt")).get("conv.weight");
        int at = indexOf(bytes, weight.bytes().getLong(0));
        bytes[at + 3] ^= 0x10;
        Path file = Files.write(folder.resolve("flipped.pth"), bytes);
        assertThatThrownBy(() -> TorchFile.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("tiny/data/0 has CRC-32");
    }

    private static int indexOf(byte[] bytes, long pattern) {
        var buffer = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < bytes.length - 8; at++) {
            if (buffer.getLong(at) == pattern) {
                return at;
            }
        }
        throw new AssertionError("the pattern is not in the file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny.pt", "dtypes.pt", "checkpoint_model.pt", "dtypes_big_endian.pt"})
    void any_flipped_bit_is_refused_or_changes_nothing(String name) throws IOException {
        StateDict intact = TorchFile.read(FILES.resolve(name));
        byte[] bytes = Files.readAllBytes(FILES.resolve(name));
        Path file = folder.resolve("mutant.pt");
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            int at = random.nextInt(bytes.length);
            byte before = bytes[at];
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, bytes);
            bytes[at] = before;
            try {
                assertThat(TorchFile.read(file)).isEqualTo(intact);
            } catch (AttunetException e) {
                assertThat(e).hasMessageContaining("mutant.pt");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dtypes_legacy.pt", "os_system_legacy.pt"})
    void damage_in_the_old_format_never_ends_in_another_exception(String name) throws IOException {
        byte[] bytes = Files.readAllBytes(FILES.resolve(name));
        Path file = folder.resolve("mutant.pt");
        Random random = new Random(2);
        for (int i = 0; i < 1500; i++) {
            byte[] mutant = Arrays.copyOf(bytes, i % 3 == 0 ? random.nextInt(bytes.length) : bytes.length);
            for (int n = random.nextInt(3); n >= 0 && mutant.length > 0; n--) {
                mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, mutant);
            try {
                TorchFile.read(file);
            } catch (AttunetException e) {
                assertThat(e).hasMessageContaining("mutant.pt");
            }
        }
    }

    @Test
    void other_files_are_refused() throws IOException {
        Path text = Files.writeString(folder.resolve("readme.pt"), "not weights");
        assertThatThrownBy(() -> TorchFile.read(text))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("begins neither as a zip nor as a pickle");
        Path empty = Files.createFile(folder.resolve("empty.pt"));
        assertThatThrownBy(() -> TorchFile.read(empty)).hasMessageContaining("the file is empty");
        assertThatThrownBy(() -> TorchFile.read(folder.resolve("absent.pt")))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("there is no such file");
        assertThatThrownBy(() -> TorchFile.read(folder)).isInstanceOf(AttunetException.class);
    }
}
