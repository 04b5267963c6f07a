package org.attunet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.DataSets;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.io.SeriesResult;
import org.attunet.io.SeriesResult.Kind;
import org.attunet.server.DicomScans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets whose images are folders of DICOM slices, with masks of several formats. */
class DicomDataSetTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "liver", 2, "spleen"));

    @TempDir
    Path root;

    private Path series(String name, int number) {
        Path folder = root.resolve("images").resolve(name);
        float[] values = new float[8 * 6 * 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * number % 50;
        }
        DicomScans.write(folder, Image.of(Grid.of(8, 6, 4), values), "2.25.9" + number);
        return folder;
    }

    private static LabelMap mask(Path series) {
        Grid grid = Images.readGrid(series);
        short[] voxels = new short[grid.voxels()];
        voxels[9] = 1;
        voxels[60] = 2;
        voxels[61] = 2;
        return new LabelMap(grid, voxels);
    }

    private static void write(LabelMap mask, LabelSet labels, Path series, Kind kind, Path file) {
        new ImageCase("x", List.of(series))
                .series()
                .write(
                        new SeriesResult(mask, labels, "m", Json.object(), null, Map.of(), EnumSet.of(kind, Kind.SEG)),
                        file);
    }

    @Test
    void segmentations_contours_and_volumes_are_masks() throws Exception {
        Path a = series("a", 1);
        Path b = series("b", 2);
        Path c = series("c", 3);
        Path masks = Files.createDirectories(root.resolve("masks"));
        write(mask(a), LABELS, a, Kind.SEG, masks.resolve("a.dcm"));
        write(mask(b), LABELS, b, Kind.RTSTRUCT, root.resolve("b.dcm"));
        Files.move(root.resolve("b_rtstruct.dcm"), masks.resolve("b.dcm"));
        Images.write(mask(c), masks.resolve("c.nii.gz"));

        DataSet data = DataSets.open(root);

        assertThat(data.cases()).extracting(Case::id).containsExactly("a", "b", "c");
        assertThat(data.labels()).isEqualTo(LABELS);
        for (Case one : data.cases()) {
            Case.Pair pair = one.read(data.labels());
            assertThat(pair.image()).isNotNull();
            assertThat(pair.labels().voxels()).as(one.id()).isEqualTo(mask(a).voxels());
        }
        assertThat(data.cases().get(0).contentHash())
                .isNotEqualTo(data.cases().get(1).contentHash());
    }

    @Test
    void declared_labels_find_structures_by_their_names() throws Exception {
        Path a = series("a", 1);
        Path masks = Files.createDirectories(root.resolve("masks"));
        write(mask(a), LABELS, a, Kind.SEG, masks.resolve("a.dcm"));
        Files.writeString(
                root.resolve("dataset.json"),
                "{\"labels\": {\"spleen\": 1, \"liver\": 2}, \"codes\": {\"liver\": {\"scheme\": \"SCT\"}}}");

        DataSet data = DataSets.open(root);

        assertThat(data.cases().get(0).read(data.labels()).labels().voxels()[9]).isEqualTo((short) 2);
        assertThat(data.codes().path("liver").path("scheme").asText()).isEqualTo("SCT");
    }

    @Test
    void a_mask_of_another_series_is_refused() throws Exception {
        Path a = series("a", 1);
        float[] values = new float[8 * 7 * 4];
        Path other = root.resolve("other");
        DicomScans.write(other, Image.of(Grid.of(8, 7, 4), values), "2.25.77");
        Path masks = Files.createDirectories(root.resolve("masks"));
        write(mask(other), LABELS, other, Kind.SEG, masks.resolve("a.dcm"));

        assertThatThrownBy(() -> DataSets.open(root))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a.dcm");
        assertThat(a).exists();
    }
}
