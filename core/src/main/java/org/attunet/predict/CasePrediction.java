package org.attunet.predict;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.io.ImageCase;
import org.attunet.preprocess.Prepared;

/** The prediction of one image, from its files to the files of its result. */
public final class CasePrediction {
    private CasePrediction() {}

    /**
     * Reads, segments and writes; failures are returned in the outcome and never thrown.
     *
     * @param planning is called before the image is computed
     * @param found receives the segmentation once it is written
     */
    public static Outcome run(
            Segmenter segmenter,
            ImageCase image,
            ResultFiles files,
            FolderOptions.Planning planning,
            Consumer<Segmentation> found) {
        Path first = image.files().get(0);
        try {
            Segmentation result = named(segmenter, image, planning);
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
                            first.toString(),
                            "the prediction broke off (" + e + ")",
                            "an image like those of the training",
                            "report this file as an error of the program",
                            e));
        } catch (OutOfMemoryError e) {
            long most = Runtime.getRuntime().maxMemory() >> 20;
            return failed(
                    image,
                    files,
                    new AttunetException(
                            first.toString(),
                            "the image needs more memory than Java may use (" + most + " MiB)",
                            "enough memory for the image and its probabilities",
                            "give Java more with -Xmx, or leave out probabilities and attention",
                            e));
        }
    }

    /** Returns the outcome of an image that got no mask. */
    static Outcome failed(ImageCase image, ResultFiles files, AttunetException error) {
        return new Outcome(image.id(), image.files(), files.mask(), List.of(), Double.NaN, error);
    }

    /** Segments an image; failures name its file. */
    private static Segmentation named(Segmenter segmenter, ImageCase image, FolderOptions.Planning planning) {
        try {
            return segment(segmenter, image, segmenter.options(), planning, share -> {});
        } catch (AttunetException e) {
            if (image.files().stream().anyMatch(file -> file.toString().equals(e.subject()))) {
                throw e;
            }
            throw new AttunetException(
                    image.files().get(0).toString(), e.subject() + ": " + e.found(), e.expected(), e.remedy(), e);
        }
    }

    /**
     * Reads and segments an image.
     *
     * @param planning is called before the image is computed
     * @param progress receives the computed share: 0 once the image is read, then as {@link Segmenter#segment(Image,
     *     SegmenterOptions, DoubleConsumer)} reports it
     * @throws AttunetException if the image can't be read or doesn't suit the model
     */
    public static Segmentation segment(
            Segmenter segmenter,
            ImageCase image,
            SegmenterOptions options,
            FolderOptions.Planning planning,
            DoubleConsumer progress) {
        List<Prepared> prepared = prepared(segmenter, image, progress);
        planning.planned(image.id(), segmenter.plan(prepared.get(0).original(), options));
        return segmenter.segment(prepared, options, progress);
    }

    /** Returns the image as each network needs it, and doesn't hold the image as read, which may be large. */
    private static List<Prepared> prepared(Segmenter segmenter, ImageCase image, DoubleConsumer progress) {
        Image read = image.read(segmenter.model().preprocessing().channels());
        progress.accept(0);
        return segmenter.prepare(read);
    }
}
