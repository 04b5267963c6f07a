package org.attunet.server.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.SeriesResult;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.server.DicomScans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaseSegmenterTest {
    @TempDir
    Path folder;

    /** Both outputs are the intensity minus 2.5. */
    private record Bright(NetworkConfig network) implements Engine {
        @Override
        public Output run(float[] input, int batch, int[] size, boolean attention) {
            float[] logits = new float[2 * input.length];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = input[i % input.length] - 2.5f;
            }
            return new Output(logits, List.of());
        }

        @Override
        public List<String> gates() {
            return List.of();
        }

        @Override
        public void close() {}
    }

    private static ServedModel organs() {
        NetworkConfig network = NetworkConfig.attUNet(2, 1, 2).withWidths(List.of(4, 8));
        ModelDescription description = ModelDescription.of(
                "organs",
                network,
                Preprocessing.of(1, new Normalisation.Identity()),
                LabelSet.overlapping(List.of("liver", "a vessel")),
                8,
                8);
        return ServedModel.of(
                "organs", Segmenter.of(new Bright(network), description, SegmenterOptions.defaults()), null);
    }

    @Test
    void masks_of_overlapping_labels_have_names_of_their_own_beside_the_mask_that_answers() {
        Path file = folder.resolve("x.png");
        float[] values = new float[64];
        values[5] = 200;
        Images.write(Image.of(Grid.ofPixels(8, 8), values), file);
        var input = new ImageCase("x", List.of(file));
        CaseOptions options = CaseOptions.mask(false, SeriesResult.Kind.SEG);
        var cases = new CaseSegmenter(1 << 20, new HeapMemory(1L << 28));
        try (ServedModel model = organs()) {
            SegmentedCase done = cases.run(
                    model, input, cases.check(model, input, options), folder.resolve("out"), options, share -> {});
            assertThat(done.files())
                    .extracting(one -> one.getFileName().toString())
                    .containsExactly("mask_label_1.png", "mask_label_2.png", "mask.png");
            assertThat(done.single()).isTrue();
            assertThat(Images.readLabels(done.answer()).label(5))
                    .as("the last label")
                    .isEqualTo(2);
            assertThat(Images.readLabels(done.files().get(0)).label(5)).isEqualTo(1);
        }
    }

    @Test
    void forms_that_cannot_hold_overlapping_labels_are_refused_before_anything_is_computed() throws Exception {
        DicomScans.volume(folder, 3);
        ImageCase input = ImageCase.in(folder, 1).get(0);
        var cases = new CaseSegmenter(1 << 20, new HeapMemory(1L << 28));
        try (ServedModel model = organs()) {
            CaseOptions contours = CaseOptions.mask(false, SeriesResult.Kind.RTSTRUCT);
            assertThatThrownBy(() -> cases.check(model, input, contours))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("other forms than seg and sc of labels that overlap");
            assertThat(cases.check(model, input, CaseOptions.mask(false, SeriesResult.Kind.SEG)))
                    .isNotNull();
        }
    }
}
