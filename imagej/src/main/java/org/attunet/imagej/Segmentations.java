package org.attunet.imagej;

import ij.IJ;
import ij.ImagePlus;
import ij.gui.Roi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.DoubleConsumer;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.objects.ObjectMap;
import org.attunet.predict.ImageKind;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;

/** The segmentations of all frames of an image by one model, and the ways to show them. */
final class Segmentations {
    private static final int MOST_OBJECTS = 65535;

    private final ImagePlus image;
    private final SegmentOptions options;
    private final ModelDescription model;
    private final Frames frames;
    private final LabelSet labels;
    private final List<Segmentation> found = new ArrayList<>();
    private final List<LabelMap> objects = new ArrayList<>(); // of a model of objects: their numbers
    private final Set<String> warnings = new LinkedHashSet<>();

    private Segmentations(ImagePlus image, SegmentOptions options, Segmenter segmenter) {
        this.image = image;
        this.options = options;
        model = segmenter.model();
        labels = ObjectSegmentation.labels(segmenter);
        frames = new Frames(image, model.shape().channels());
        warnings.addAll(frames.notes());
        if (model.preprocessing().canonicalOrientation() && model.shape().dimension() == 3) {
            warnings.add(
                    "ImageJ knows no orientation: the model takes x as running to the patient's right, y to the front,"
                            + " slices to the head");
        }
    }

    /**
     * Segments an image. Progress goes to ImageJ's status bar.
     *
     * @throws AttunetException if the model can't be opened, or can't take the image
     * @throws CancellationException if the thread is interrupted
     */
    static Segmentations of(ImagePlus image, SegmentOptions options) {
        Path bundle = Models.resolve(options.model());
        SegmenterOptions wanted = SegmenterOptions.defaults()
                .withMirror(options.mirror())
                .withProbabilities(options.wants(Output.PROBABILITIES))
                .withAttention(options.wants(Output.ATTENTION));
        try (Segmenter segmenter = Segmenter.open(bundle, wanted, OnnxOptions.defaults(), Precision.FP32)) {
            var all = new Segmentations(image, options, segmenter);
            all.requireFitting();
            for (int frame = 1; frame <= all.frames.count(); frame++) {
                all.add(segmenter, frame);
            }
            return all;
        }
    }

    private void requireFitting() {
        int axes = model.shape().dimension();
        if (axes == 3 && frames.axes() == 2) {
            throw new AttunetException(
                    image.getTitle(),
                    image.getNFrames() > 1 ? "one slice in each of " + image.getNFrames() + " frames" : "one slice",
                    "a stack of slices for the 3D model \"" + model.name() + "\"",
                    image.getNFrames() > 1
                            ? "turn frames into slices with Image > Properties"
                            : "open the whole stack, or use a 2D model");
        }
    }

    /** What core can't know: that ImageJ's images have no orientation, and where their pixel size is set. */
    private void warn(List<String> more) {
        for (String warning : more) {
            warnings.add(warning.replaceAll("\\([^()]*--pixel-size[^()]*\\)", "(Image > Properties gives it one)"));
        }
    }

    private void add(Segmenter segmenter, int frame) {
        Image read = frames.read(frame);
        warnings.addAll(ImageKind.warnings(model, ImageKind.PICTURE, read.channels().length));
        String which = frames.count() == 1 ? "" : "frame " + frame + " of " + frames.count() + ", ";
        DoubleConsumer progress = share -> {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("cancelled");
            }
            IJ.showStatus("attunet: " + which + Math.round(100 * share) + "% (Escape cancels)");
            IJ.showProgress((frame - 1 + share) / frames.count());
        };
        Segmentation one;
        if (segmenter.objects().isPresent()) {
            ObjectSegmentation all = ObjectSegmentation.of(segmenter, read, segmenter.options(), progress);
            objects.add(numbered(all.objects().map()));
            one = ObjectSegmentation.withoutLevels(segmenter, all.segmentation());
        } else {
            one = segmenter.segment(read, segmenter.options(), progress);
        }
        found.add(one);
        warn(one.warnings());
    }

    private LabelMap numbered(ObjectMap map) {
        if (map.largest() > MOST_OBJECTS) {
            throw new AttunetException(
                    image.getTitle(),
                    map.largest() + " objects",
                    "at most " + MOST_OBJECTS + ", which an image of 16 bits tells apart",
                    "segment parts of the image");
        }
        short[] numbers = new short[map.numbers().length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (short) map.numbers()[i];
        }
        return new LabelMap(map.grid(), numbers);
    }

    /** What the user should know, a sentence each. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Shows all that was asked for; on ImageJ's thread of the command. */
    void show() {
        List<LabelMap> masks =
                objects.isEmpty() ? found.stream().map(Segmentation::labels).toList() : objects;
        var images = new ResultImages(image, labels);
        var tables =
                new ResultTables(image, labels, frames.lengths(), model.shape().dimension());
        List<Map<String, Image>> gates = options.wants(Output.ATTENTION)
                ? found.stream().map(Segmentation::attention).toList()
                : List.of();
        showOutlines(masks, gates);
        if (options.wants(Output.TABLE)) {
            tables.addLabels(found, objects);
        }
        if (options.wants(Output.OBJECTS)) {
            tables.addObjects(masks, !objects.isEmpty());
        }
        if (!gates.isEmpty() && !gates.get(0).isEmpty()) {
            images.attention(gates).show();
        }
        if (options.wants(Output.PROBABILITIES)) {
            images.probabilities(found.stream()
                            .map(one -> Objects.requireNonNull(one.probabilities()))
                            .toList())
                    .show();
        }
        if (options.wants(Output.LABELS)) {
            ImagePlus shown = objects.isEmpty() ? images.labels(masks) : images.objects(objects);
            shown.show(); // last, so that it is the current image
        }
    }

    private void showOutlines(List<LabelMap> masks, List<Map<String, Image>> gates) {
        var rois = new LabelRois(image, labels);
        if (options.wants(Output.OVERLAY) || options.wants(Output.ROIS)) {
            for (int frame = 1; frame <= masks.size(); frame++) {
                rois.add(masks.get(frame - 1), frame, !objects.isEmpty());
            }
        }
        if (options.wants(Output.ROIS)) {
            rois.toManager();
        }
        List<Roi> heat = List.of();
        if (!gates.isEmpty()) {
            if (gates.get(0).isEmpty()) {
                warnings.add("the model \"" + model.name() + "\" has no attention gates to show");
            } else {
                List<String> names = List.copyOf(gates.get(0).keySet());
                String finest = names.get(names.size() - 1);
                heat = Heat.over(
                        image,
                        gates.stream()
                                .map(gate -> Objects.requireNonNull(gate.get(finest)))
                                .toList());
            }
        }
        if (options.wants(Output.OVERLAY)) {
            rois.toOverlay(heat);
        } else if (!heat.isEmpty()) {
            new LabelRois(image, labels).toOverlay(heat);
        }
    }

    /** One line for the status bar. */
    String summary() {
        boolean empty = found.stream().allMatch(one -> one.confidence().isEmpty());
        return model.name() + (empty ? ": nothing found" : ": done");
    }
}
