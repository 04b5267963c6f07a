package org.attunet.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsWriteTest {
    private static final Path FILES = Path.of("src/test/resources/weights");

    private static final int NO_PYTORCH = 77;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "weights/dtypes.pt, copy.pt",
        "weights/dtypes.pt, copy.safetensors",
        "weights/dtypes_safetensors.safetensors, copy.pt",
        "networks/seed_attunet/state_dict.pt, copy.pt",
        "networks/official_multi_att_dsv_3d/state_dict.pt, copy.safetensors"
    })
    void weights_come_back_bit_for_bit_and_in_order(String source, String target) {
        StateDict weights = StateDict.read(Path.of("src/test/resources").resolve(source));
        weights.write(folder.resolve(target));
        StateDict back = StateDict.read(folder.resolve(target));
        assertThat(back).isEqualTo(weights);
        assertThat(back.names()).containsExactlyElementsOf(weights.names());
    }

    @ParameterizedTest
    @ValueSource(strings = {"copy.pt", "copy.safetensors"})
    void the_same_weights_give_the_same_bytes(String name) throws IOException {
        StateDict weights = TorchFile.read(FILES.resolve("dtypes.pt"));
        weights.write(folder.resolve(name));
        byte[] first = Files.readAllBytes(folder.resolve(name));
        weights.write(folder.resolve(name));
        assertThat(Files.readAllBytes(folder.resolve(name))).isEqualTo(first);
    }

    @Test
    void storages_are_stored_and_aligned_to_64_bytes_as_pytorch_writes_them() throws IOException {
        Path file = folder.resolve("copy.pt");
        StateDict weights = TorchFile.read(FILES.resolve("tiny.pt"));
        weights.write(file);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName))
                    .startsWith("archive/data.pkl", "archive/byteorder", "archive/data/0")
                    .endsWith("archive/data/6", "archive/version");
            int at = 0;
            for (var entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                at += 30 + bytes.getShort(at + 26) + bytes.getShort(at + 28);
                assertThat(at % 64).isZero();
                at += (int) entry.getSize();
            }
        }
    }

    @Test
    void pytorch_loads_a_written_file_with_the_values_of_its_own() throws Exception {
        Path copy = folder.resolve("copy.pt");
        StateDict.read(FILES.resolve("dtypes.pt")).write(copy);
        String script = """
            import sys
            try:
                import torch
            except ImportError:
                sys.exit(77)
            own, copy = torch.load(sys.argv[1]), torch.load(sys.argv[2], weights_only=True)
            assert list(own) == list(copy)
            assert all(own[k].dtype == copy[k].dtype and torch.equal(own[k], copy[k]) for k in own)
            """;
        Path log = folder.resolve("log.txt");
        int status;
        try {
            status = new ProcessBuilder(
                            "python3", "-c", script, FILES.resolve("dtypes.pt").toString(), copy.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
        } catch (IOException e) {
            status = NO_PYTORCH;
        }
        assumeTrue(status != NO_PYTORCH, "skipped: python3 with torch is missing");
        assertThat(status).as(Files.readString(log)).isZero();
    }

    @Test
    void safetensors_of_the_reference_writer_have_the_values_of_the_pytorch_file() {
        StateDict torch = TorchFile.read(FILES.resolve("dtypes.pt"));
        StateDict safe = Safetensors.read(FILES.resolve("dtypes_safetensors.safetensors"));
        assertThat(safe).isEqualTo(torch);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} x| no valid JSON",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}| covers 4 bytes of data, the file has 8",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}| gap or an overlap at byte 0",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'U8','shape':[8],'data_offsets':"
                        + "[0,8]}}| gap or an overlap",
                "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}| shape (3) a place of 8 bytes",
                "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}}| a place of 0 bytes",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[8,0]}}| negative",
                "{'a':{'dtype':'F32','shape':[1e1],'data_offsets':[0,8]}}| whole numbers",
                "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}}| no valid JSON",
                "{'a':{'dtype':'F8_E5M2','shape':[8],'data_offsets':[0,8]}}| has the dtype F8_E5M2",
                "{'a':{'shape':[2],'data_offsets':[0,8]}}| no dtype",
                "{'a':[1]}| no object",
                "[1]| no JSON object",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'a':{}}| no valid JSON",
                "{'a':{'dtype':'F32','shape':[[[[[[[[[[2| whole numbers"
            })
    void a_header_that_breaks_the_rules_is_refused(String header, String message) throws IOException {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        Path file = Files.write(folder.resolve("made.safetensors"), bytes.array());
        if (message == null) {
            assertThat(Safetensors.read(file).get("a").floats()).containsExactly(0, 0);
        } else {
            assertThatThrownBy(() -> Safetensors.read(file))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("made.safetensors")
                    .hasMessageContaining(message);
        }
    }

    @Test
    void a_header_longer_than_the_file_is_refused_before_memory_is_taken() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(0, Long.MAX_VALUE);
        Path file = Files.write(folder.resolve("bomb.safetensors"), bytes.array());
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("9223372036854775807");
    }

    @Test
    void damaged_safetensors_never_end_in_another_exception() throws IOException {
        byte[] bytes = Files.readAllBytes(FILES.resolve("dtypes_safetensors.safetensors"));
        Path file = folder.resolve("mutant.safetensors");
        Random random = new Random(3);
        for (int i = 0; i < 1000; i++) {
            byte[] mutant = Arrays.copyOf(bytes, i % 3 == 0 ? random.nextInt(bytes.length) : bytes.length);
            for (int n = random.nextInt(3); n >= 0 && mutant.length > 0; n--) {
                mutant[random.nextInt(Math.min(mutant.length, 1400))] = (byte) random.nextInt(256);
            }
            Files.write(file, mutant);
            try {
                StateDict.read(file);
            } catch (AttunetException e) {
                assertThat(e).hasMessageContaining("mutant.safetensors");
            }
        }
    }

    @Test
    void a_weight_needs_as_many_elements_as_its_shape() {
        assertThatThrownBy(() -> Weight.of(new float[5], 2, 3)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> Weight.ofLongs(new long[1], 1L << 40, 1L << 40))
                .isInstanceOf(ConfigException.class);
        assertThat(Weight.ofLongs(new long[] {5}).shape()).isEmpty();
        assertThatThrownBy(() -> new StateDict(Map.of()).get("Conv.weight")).isInstanceOf(AttunetException.class);
    }
}
