package example;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.attunet.io.Images;
import org.attunet.predict.ResultFiles;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;

/** Segments an image with several models and shows where they disagree: {@code Ensemble IMAGE MASK MODEL MODEL}. */
public final class Ensemble {
    private Ensemble() {}

    /** Takes the paths of an image, of the mask to write, beside which the maps are written, and of bundles. */
    public static void main(String[] args) {
        List<Segmenter> models = Arrays.stream(args, 2, args.length)
                .map(bundle -> Segmenter.open(Path.of(bundle)))
                .toList();
        SegmenterOptions options = SegmenterOptions.defaults().withMirror(true).withUncertainty(true);
        try (Segmenter ensemble = Segmenter.ensemble(models, options)) {
            Segmentation result = ensemble.segment(Images.read(Path.of(args[0])));
            System.out.println(result);
            // The entropy is high where any model is in doubt, the mutual information where the models disagree.
            System.out.println("mean entropy " + mean(result.entropy().channel(0)));
            System.out.println(
                    "mean disagreement " + mean(result.mutualInformation().channel(0)));
            new ResultFiles(Path.of(args[1])).write(result).forEach(file -> System.out.println("wrote " + file));
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
