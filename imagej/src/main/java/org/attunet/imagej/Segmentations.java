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
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.predict.ImageKind;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;

/** The segmentations of all frames of an image by one model, and the ways to show them. */
final class Segmentations {
    private final ImagePlus image;
    private final SegmentOptions options;
    private final ModelDescription model;
    private final Frames frames;
    private final List<Segmentation> found = new ArrayList<>();
    private final Set<String> warnings = new LinkedHashSet<>();

    private Segmentations(ImagePlus image, SegmentOptions options, ModelDescription model) {
        this.image = image;
        this.options = options;
        this.model = model;
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
            var all = new Segmentations(image, options, segmenter.model());
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
        Segmentation one = segmenter.segment(read, segmenter.options(), share -> {
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("cancelled");
            }
            IJ.showStatus("attunet: " + which + Math.round(100 * share) + "% (Escape cancels)");
            IJ.showProgress((frame - 1 + share) / frames.count());
        });
        found.add(one);
        warn(one.warnings());
    }

    /** What the user should know, a sentence each. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Shows all that was asked for; on ImageJ's thread of the command. */
    void show() {
        List<LabelMap> masks = found.stream().map(Segmentation::labels).toList();
        var images = new ResultImages(image, model.labels());
        var tables = new ResultTables(
                image, model.labels(), frames.lengths(), model.shape().dimension());
        List<Map<String, Image>> gates = options.wants(Output.ATTENTION)
                ? found.stream().map(Segmentation::attention).toList()
                : List.of();
        showOutlines(masks, gates);
        if (options.wants(Output.TABLE)) {
            tables.addLabels(found);
        }
        if (options.wants(Output.OBJECTS)) {
            tables.addObjects(masks);
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
            images.labels(masks).show(); // last, so that it is the current image
        }
    }

    private void showOutlines(List<LabelMap> masks, List<Map<String, Image>> gates) {
        var rois = new LabelRois(image, model.labels());
        if (options.wants(Output.OVERLAY) || options.wants(Output.ROIS)) {
            for (int frame = 1; frame <= masks.size(); frame++) {
                rois.add(masks.get(frame - 1), frame);
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
            new LabelRois(image, model.labels()).toOverlay(heat);
        }
    }

    /** One line for the status bar. */
    String summary() {
        boolean empty = found.stream().allMatch(one -> one.confidence().isEmpty());
        return model.name() + (empty ? ": nothing found" : ": done");
    }
}
