package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of nibabel, NumPy and Pillow are read as those programs read them. */
class FixtureTest {
    static Path fixture(String name) {
        try {
            return Path.of(Objects.requireNonNull(FixtureTest.class.getResource("/io/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static JsonNode expected() throws Exception {
        try (InputStream in = Objects.requireNonNull(FixtureTest.class.getResourceAsStream("/io/expected.json"))) {
            return new ObjectMapper().readTree(in);
        }
    }

    static List<String> names() throws Exception {
        List<String> names = new ArrayList<>();
        expected().fieldNames().forEachRemaining(names::add);
        return names;
    }

    @ParameterizedTest
    @MethodSource("names")
    void sizes_affine_and_values_are_those_of_the_other_program(String name) throws Exception {
        JsonNode truth = expected().get(name);
        Image image = Images.read(fixture(name));
        Grid grid = image.grid();
        assertThat(grid.size()).isEqualTo(ints(truth.get("size")));
        assertThat(Images.readGrid(fixture(name))).isEqualTo(grid);
        if (truth.has("affine")) {
            for (int i = 0; i < 12; i++) {
                double wanted = truth.get("affine").get(i / 4).get(i % 4).asDouble();
                assertThat(grid.affine()[i / 4][i % 4]).isEqualTo(wanted, within(2e-6));
            }
        } else {
            assertThat(grid).isEqualTo(Grid.ofPixels(grid.size()));
        }
        assertThat(image.channels()).hasNumberOfRows(truth.get("channels").size());
        // Two decoders of JPEG may round the cosine transform differently.
        float tolerance = name.endsWith(".jpg") ? 2 : 0;
        for (int c = 0; c < image.channels().length; c++) {
            JsonNode values = truth.get("channels").get(c);
            assertThat(image.channel(c)).hasSize(values.size());
            for (int i = 0; i < values.size(); i++) {
                assertThat(image.channel(c)[i])
                        .as("channel %d, voxel %d", c, i)
                        .isEqualTo((float) values.get(i).asDouble(), within(tolerance));
            }
        }
    }

    @Test
    void masks_of_grey_values_palettes_and_equal_colours_hold_the_same_labels() throws Exception {
        int masks = 0;
        for (String name : names()) {
            JsonNode truth = expected().get(name);
            if (truth.has("labels")) {
                masks++;
                LabelMap labels = Images.readLabels(fixture(name));
                int[] found = new int[labels.voxels().length];
                for (int i = 0; i < found.length; i++) {
                    found[i] = labels.label(i);
                }
                assertThat(found).as(name).isEqualTo(ints(truth.get("labels")));
            }
        }
        assertThat(masks).isEqualTo(20);
    }

    @Test
    void a_file_without_orientation_is_written_without_orientation() throws Exception {
        Path file = java.nio.file.Files.createTempFile("plain", ".nii");
        try {
            Images.write(Images.readLabels(fixture("no_form.nii")), file);
            byte[] header = java.nio.file.Files.readAllBytes(file);
            assertThat(new byte[] {header[252], header[253], header[254], header[255]})
                    .containsOnly(0);
            assertThat(Images.readGrid(file)).isEqualTo(Images.readGrid(fixture("no_form.nii")));
        } finally {
            java.nio.file.Files.delete(file);
        }
    }

    @Test
    void arrays_of_other_types_and_orders_are_read_as_floats() {
        assertThat(Npy.read(fixture("c_order.npy")).values()).containsExactly(0, 0.25f, 0.5f, 0.75f, 1, 1.25f);
        Npy fortran = Npy.read(fixture("fortran.npy"));
        assertThat(fortran.shape()).containsExactly(2, 3, 4);
        for (int i = 0; i < 24; i++) {
            assertThat(fortran.values()[i]).isEqualTo(i);
        }
        assertThat(Npy.read(fixture("half.npy")).values())
                .containsExactly(0.5f, -2, 65504, (float) 0x1p-24, (float) (819 * 0x1p-13));
        assertThat(Npy.read(fixture("scalar.npy")).shape()).isEmpty();
        assertThat(Npy.read(fixture("scalar.npy")).values()).containsExactly(3.25f);
        assertThat(Npy.read(fixture("booleans.npy")).values()).containsExactly(1, 0, 1);
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
