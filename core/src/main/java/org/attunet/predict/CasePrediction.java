package org.attunet.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.Structure;
import org.attunet.io.ImageCase;
import org.attunet.preprocess.Prepared;
import org.jspecify.annotations.Nullable;

/**
 * The prediction of one image among several: the written files, or the error that prevented them.
 *
 * @param name the image's name without its suffix
 * @param inputs the image's files: one, or one for each channel
 * @param mask the mask's file, whether or not it was written
 * @param written every written file, the mask last; empty if the prediction failed
 * @param reliability the mask's confidence and warnings; {@link Reliability#UNKNOWN} if the prediction failed
 * @param structures the labels in the mask, measured; empty if that wasn't asked for or the prediction failed
 * @param error why there is no mask; null if there is one
 * @param objects the objects in short; null if masks were asked for or the prediction failed
 */
public record CasePrediction(
        String name,
        List<Path> inputs,
        Path mask,
        List<Path> written,
        Reliability reliability,
        List<Structure> structures,
        @Nullable AttunetException error,
        @Nullable CaseObjects objects) {
    /**
     * Copies the lists.
     *
     * @param name the image's name without its suffix
     * @param inputs the image's files: one, or one for each channel
     * @param mask the mask's file, whether or not it was written
     * @param written every written file, the mask last; empty if the prediction failed
     * @param reliability the mask's confidence and warnings; {@link Reliability#UNKNOWN} if the prediction failed
     * @param structures the labels in the mask, measured; empty if that wasn't asked for or the prediction failed
     * @param error why there is no mask; null if there is one
     * @param objects the objects in short; null if masks were asked for or the prediction failed
     */
    public CasePrediction {
        structures = List.copyOf(structures);
        inputs = List.copyOf(inputs);
        written = List.copyOf(written);
    }

    /** {@return the estimated quality of the mask from 0 to 1; absent if it is empty or the prediction failed} */
    public OptionalDouble confidence() {
        return reliability.confidence();
    }

    /** {@return what the user should know before using the mask, a sentence each; usually none} */
    public List<String> warnings() {
        return reliability.warnings();
    }

    /** {@return whether there is a mask and no voxel of it has a label} */
    public boolean empty() {
        return error == null && reliability.confidence().isEmpty();
    }

    /** {@return whether there is no mask} */
    public boolean failed() {
        return error != null;
    }

    /**
     * Reads, segments and writes one image. Failures are returned, not thrown.
     *
     * <p>Interrupting the thread ends it, and leaves no file half written.
     *
     * @param segmenter the model
     * @param image the image's files
     * @param files where the results go
     * @param planned called with the image's name and plan before it is computed
     * @param progress receives the share that is done, 0 to 1, as of {@link #segment}
     * @param written called with the segmentation after it is written
     * @return the result or the failure
     * @throws CancellationException if the thread is interrupted, and stays so
     */
    public static CasePrediction run(
            Segmenter segmenter,
            ImageCase image,
            ResultFiles files,
            BiConsumer<String, TilePlan> planned,
            DoubleConsumer progress,
            Consumer<Segmentation> written) {
        return run(segmenter, image, files, planned, progress, written, picture -> {});
    }

    /** The same; {@code pictures} takes the drawing of the objects, if objects are asked for. */
    static CasePrediction run(
            Segmenter segmenter,
            ImageCase image,
            ResultFiles files,
            BiConsumer<String, TilePlan> planned,
            DoubleConsumer progress,
            Consumer<Segmentation> written,
            Consumer<ObjectPictures> pictures) {
        try {
            boolean objects = files.options().objects();
            if (objects) {
                ObjectResultFiles.requirePlane(image, files.options());
            }
            SegmenterOptions options = segmenter.options();
            Segmentation result =
                    named(segmenter, image, objects ? options.withProbabilities(true) : options, planned, progress);
            CasePrediction done;
            if (objects) {
                ObjectSegmentation found = ObjectSegmentation.in(segmenter, result);
                result = ObjectSegmentation.withoutLevels(segmenter, result);
                result = options.probabilities() ? result : result.withoutProbabilities();
                done = new ObjectResultFiles(files)
                        .write(
                                new ObjectSegmentation(result, found.objects(), found.labels()),
                                image,
                                segmenter.model(),
                                pictures);
            } else {
                result = ObjectSegmentation.withoutLevels(segmenter, result);
                List<Path> all = files.write(result, image, segmenter.model());
                done = new CasePrediction(
                        image.id(), image.files(), files.mask(), all, result.reliability(), List.of(), null, null);
            }
            written.accept(result);
            return done;
        } catch (AttunetException e) {
            return failed(image, files, e);
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            String found = "the prediction failed (" + e + ")";
            String remedy = "report this file as an error of the program";
            return failed(image, files, error(image, found, "an image like those of the training", remedy, e));
        } catch (OutOfMemoryError e) {
            long most = Runtime.getRuntime().maxMemory() >> 20;
            String found = "the image needs more memory than Java may use (" + most + " MiB)";
            String remedy = "give Java more with -Xmx, or leave out probabilities and attention";
            return failed(
                    image, files, error(image, found, "enough memory for the image and its probabilities", remedy, e));
        }
    }

    /** The prediction of an image that got no mask. */
    static CasePrediction failed(ImageCase image, ResultFiles files, AttunetException error) {
        return new CasePrediction(
                image.id(), image.files(), files.mask(), List.of(), Reliability.UNKNOWN, List.of(), error, null);
    }

    /** A copy with the labels measured. */
    CasePrediction withStructures(List<Structure> other) {
        return new CasePrediction(name, inputs, mask, written, reliability, other, error, objects);
    }

    /** Segments an image; errors name its file. */
    private static Segmentation named(
            Segmenter segmenter,
            ImageCase image,
            SegmenterOptions options,
            BiConsumer<String, TilePlan> planned,
            DoubleConsumer progress) {
        try {
            return segment(segmenter, image, options, planned, progress);
        } catch (AttunetException e) {
            if (image.files().stream().anyMatch(file -> file.toString().equals(e.subject()))) {
                throw e;
            }
            throw error(image, e.subject() + ": " + e.found(), e.expected(), e.remedy(), e);
        }
    }

    private static AttunetException error(
            ImageCase image, String found, String expected, String remedy, Throwable cause) {
        return new AttunetException(image.files().get(0).toString(), found, expected, remedy, cause);
    }

    /**
     * Reads and segments an image.
     *
     * @param segmenter the model
     * @param image the image's files
     * @param options how images are segmented
     * @param planned called with the image's name and plan before it is computed
     * @param progress receives the computed share: 0 once the image is read, then as {@link Segmenter#segment(Image,
     *     SegmenterOptions, DoubleConsumer)} reports it
     * @return the result on the image's own grid
     * @throws AttunetException if the image can't be read or doesn't suit the model
     * @throws CancellationException if the thread is interrupted, and stays so
     */
    public static Segmentation segment(
            Segmenter segmenter,
            ImageCase image,
            SegmenterOptions options,
            BiConsumer<String, TilePlan> planned,
            DoubleConsumer progress) {
        var share = new Progress(progress);
        Ready ready = ready(segmenter, image, share);
        planned.accept(image.id(), segmenter.plan(ready.prepared.get(0).original(), options));
        return segmenter.segment(ready.prepared, options, share).withWarnings(ready.warnings);
    }

    /** An image prepared for each network, and why it may not suit them. */
    private record Ready(List<Prepared> prepared, List<String> warnings) {}

    /** A method of its own so that the image as read can be freed. */
    private static Ready ready(Segmenter segmenter, ImageCase image, Progress progress) {
        ModelDescription model = segmenter.model();
        List<String> warnings = new ArrayList<>();
        Image read = image.read(model.preprocessing().channels(), warnings::add);
        progress.begin();
        ImageKind kind = ImageKind.of(image.files().get(0), read.grid());
        warnings.addAll(ImageKind.warnings(model, kind, read.channels().length));
        if (model.preprocessing().channels() == 1 && read.channels().length == 3 && !read.isGrey()) {
            warnings.add("the image has colours, but the model \"" + model.name()
                    + "\" was trained on grey images: its brightness was segmented");
        }
        return new Ready(segmenter.prepare(read, progress), warnings);
    }
}
