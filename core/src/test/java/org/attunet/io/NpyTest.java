package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
    @TempDir
    Path folder;

    @Test
    void arrays_of_any_rank_come_back() {
        Path file = folder.resolve("a.npy");
        for (int[] shape : new int[][] {{}, {0}, {5}, {2, 3}, {2, 1, 3, 4}, {20_000}}) {
            float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
            for (int i = 0; i < values.length; i++) {
                values[i] = i * 0.37f - 1;
            }
            WholeFile.write(file, new Npy(shape, values).toBytes());
            Npy back = Npy.read(file);
            assertThat(back.shape()).isEqualTo(shape);
            assertThat(back.values()).isEqualTo(values);
        }
    }

    @Test
    void the_bytes_are_those_of_numpy() throws Exception {
        Path file = folder.resolve("a.npy");
        WholeFile.write(file, new Npy(new int[] {}, new float[] {3.25f}).toBytes());
        assertThat(Files.readAllBytes(file)).isEqualTo(Files.readAllBytes(FixtureTest.fixture("scalar.npy")));
    }

    @Test
    void a_shape_that_disagrees_with_the_length_is_refused_before_memory_is_taken() throws Exception {
        Path file = folder.resolve("a.npy");
        for (String shape : new String[] {"(2, 4)", "(2000000000, 1000000000)", "(99999999999,)", "(-1,)", "(5)"}) {
            save(file, "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", 28);
            assertThatThrownBy(() -> Npy.read(file))
                    .as(shape)
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("a.npy");
        }
    }

    @Test
    void pickled_objects_are_refused_by_their_type() throws Exception {
        Path file = folder.resolve("a.npy");
        save(file, "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 8);
        assertThatThrownBy(() -> Npy.read(file)).isInstanceOf(AttunetException.class);
        save(file, "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8);
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("type c8");
    }

    @Test
    void every_truncation_is_refused() throws Exception {
        byte[] whole = Files.readAllBytes(FixtureTest.fixture("fortran.npy"));
        Path file = folder.resolve("a.npy");
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Npy.read(file)).isInstanceOf(AttunetException.class);
        }
    }

    private static void save(Path file, String header, int dataBytes) throws Exception {
        byte[] text = header.getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = new byte[10 + text.length + dataBytes];
        System.arraycopy(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length}, 0, bytes, 0, 9);
        System.arraycopy(text, 0, bytes, 10, text.length);
        Files.write(file, bytes);
    }
}
