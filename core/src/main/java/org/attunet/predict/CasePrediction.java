package org.attunet.predict;

import java.util.List;
import java.util.function.Consumer;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.io.ImageCase;
import org.attunet.preprocess.Prepared;

/** Prediction of one image from its files to its results' files; what fails is told in the outcome and never thrown. */
public final class CasePrediction {
    private CasePrediction() {}

    /**
     * Reads, segments and writes.
     *
     * @param planning hears how the image will be computed
     * @param found hears the segmentation once it is written
     */
    public static Outcome run(
            Segmenter segmenter,
            ImageCase image,
            ResultFiles files,
            FolderOptions.Planning planning,
            Consumer<Segmentation> found) {
        try {
            Segmentation result = segment(segmenter, image, planning);
            Outcome outcome = new Outcome(
                    image.id(), image.files(), files.mask(), files.write(result), result.confidence(), null);
            found.accept(result);
            return outcome;
        } catch (AttunetException e) {
            return failed(image, files, e);
        } catch (RuntimeException e) {
            return failed(
                    image,
                    files,
                    new AttunetException(
                            image.files().get(0).toString(),
                            "the prediction broke off (" + e + ")",
                            "an image like those of the training",
                            "report this file as an error of the program",
                            e));
        } catch (OutOfMemoryError e) {
            return failed(
                    image,
                    files,
                    new AttunetException(
                            image.files().get(0).toString(),
                            "the image needs more memory than Java may use ("
                                    + (Runtime.getRuntime().maxMemory() >> 20) + " MiB)",
                            "enough memory for the image and its probabilities",
                            "give Java more with -Xmx, or leave out probabilities and attention",
                            e));
        }
    }

    /** The outcome of an image that got no mask. */
    static Outcome failed(ImageCase image, ResultFiles files, AttunetException error) {
        return new Outcome(image.id(), image.files(), files.mask(), List.of(), Double.NaN, error);
    }

    /** The segmentation, with failures that don't know the file's name told under it. */
    private static Segmentation segment(Segmenter segmenter, ImageCase image, FolderOptions.Planning planning) {
        List<Prepared> prepared = prepared(segmenter, image);
        try {
            Grid grid = prepared.get(0).original();
            planning.planned(image.id(), segmenter.plan(grid, segmenter.options()));
            return segmenter.segment(prepared, segmenter.options());
        } catch (AttunetException e) {
            throw named(image, e);
        }
    }

    /** The image as each network wants it; as it was read it is held no longer, for it may be large. */
    private static List<Prepared> prepared(Segmenter segmenter, ImageCase image) {
        Image read = image.read(segmenter.model().preprocessing().channels());
        try {
            return segmenter.prepare(read);
        } catch (AttunetException e) {
            throw named(image, e);
        }
    }

    private static AttunetException named(ImageCase image, AttunetException e) {
        return new AttunetException(
                image.files().get(0).toString(), e.subject() + ": " + e.found(), e.expected(), e.remedy(), e);
    }
}
