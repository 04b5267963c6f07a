package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Grid;
import org.attunet.image.LabelSet;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.Test;

class ImageKindTest {
    private static final Normalisation HOUNSFIELD = new Normalisation.Window(-160, 240);

    @Test
    void the_kind_of_an_image_follows_from_its_format_and_its_slices() {
        assertThat(ImageKind.of(Path.of("scan.nii.gz"), Grid.of(4, 4, 2))).isEqualTo(ImageKind.VOLUME);
        assertThat(ImageKind.of(Path.of("slice.nii"), Grid.of(4, 4))).isEqualTo(ImageKind.SLICE);
        assertThat(ImageKind.of(Path.of("cells.tif"), Grid.of(4, 4, 2))).isEqualTo(ImageKind.PICTURE);
        assertThat(ImageKind.of(Path.of("cells.jpg"), Grid.of(4, 4))).isEqualTo(ImageKind.PICTURE);
    }

    @Test
    void the_kind_of_a_model_follows_from_its_dimension_and_what_it_knows_of_sizes_and_intensities() {
        assertThat(ImageKind.of(model(3, 1, new Normalisation.ZScore()))).isEqualTo(ImageKind.VOLUME);
        assertThat(ImageKind.of(model(2, 1, HOUNSFIELD))).isEqualTo(ImageKind.SLICE);
        assertThat(ImageKind.of(model(2, 1, new Normalisation.Window(0, 255)))).isEqualTo(ImageKind.PICTURE);
        ModelDescription plain = model(2, 1, new Normalisation.ZScore());
        assertThat(ImageKind.of(plain)).isEqualTo(ImageKind.PICTURE);
        Preprocessing preprocessing = plain.preprocessing();
        assertThat(ImageKind.of(plain.withPreprocessing(preprocessing.withTargetSpacing(new double[] {0.8, 0.8}))))
                .isEqualTo(ImageKind.SLICE);
        assertThat(ImageKind.of(plain.withPreprocessing(preprocessing.withTargetSpacing(new double[] {5e-4, 5e-4}))))
                .isEqualTo(ImageKind.PICTURE);
    }

    @Test
    void a_scan_that_a_model_of_pictures_takes_is_warned_of() {
        ModelDescription cells = model(2, 3, new Normalisation.ZScore());
        assertThat(ImageKind.warnings(cells, ImageKind.PICTURE, 1)).isEmpty();
        assertThat(ImageKind.warnings(cells, ImageKind.PICTURE, 3)).isEmpty();
        assertThat(ImageKind.warnings(cells, ImageKind.SLICE, 1))
                .containsExactly("the image is a slice of a scan, but the model \"cells\" was trained on pictures");
        assertThat(ImageKind.warnings(cells, ImageKind.VOLUME, 1))
                .containsExactly(
                        "the image is a volume, but the model \"cells\" was trained on pictures: each slice was"
                                + " segmented as a picture");
    }

    @Test
    void a_volume_is_what_slices_come_from_and_a_picture_has_no_hounsfield_units() {
        ModelDescription ct = model(2, 1, HOUNSFIELD);
        assertThat(ImageKind.warnings(ct, ImageKind.VOLUME, 1)).isEmpty();
        assertThat(ImageKind.warnings(ct, ImageKind.SLICE, 1)).isEmpty();
        assertThat(ImageKind.warnings(ct, ImageKind.PICTURE, 1))
                .singleElement()
                .asString()
                .contains("trained on CT in Hounsfield units");
    }

    @Test
    void a_channel_in_place_of_several_is_warned_of() {
        ModelDescription four = model(3, 4, new Normalisation.ZScore());
        assertThat(ImageKind.warnings(four, ImageKind.VOLUME, 4)).isEmpty();
        assertThat(ImageKind.warnings(four, ImageKind.VOLUME, 1))
                .containsExactly(
                        "the image has 1 channel, but the model \"cells\" was trained on 4: each of them got the"
                                + " same");
    }

    private static ModelDescription model(int dimension, int channels, Normalisation normalisation) {
        int[] patch = dimension == 3 ? new int[] {16, 16, 16} : new int[] {16, 16};
        return ModelDescription.of(
                "cells",
                FunctionEngine.network(dimension, channels, 1),
                Preprocessing.of(channels, normalisation),
                LabelSet.of(Map.of(1, "nucleus")),
                patch);
    }
}
