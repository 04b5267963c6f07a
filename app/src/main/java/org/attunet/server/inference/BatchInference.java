package org.attunet.server.inference;

import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Image;
import org.attunet.predict.ImageKind;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.work.HeapMemory;
import org.attunet.server.work.InputException;
import org.attunet.server.work.WorkQueue;

/**
 * The segmentation of a batch, image by image; only requested outputs are computed and kept.
 *
 * @param outputs the requested ones, one or more
 */
record BatchInference(
        ModelTensors tensors,
        ImageBatch images,
        InferenceRequest.Elements elements,
        List<InferenceRequest.Output> outputs) {
    private static final int MOST_MAPS_OF_A_GATE = 2;

    /** The confidence in an empty mask: below all others, because JSON has no NaN. */
    private static final double NO_CONFIDENCE = -1;

    long bytes() {
        long voxel = 0;
        for (InferenceRequest.Output output : outputs) {
            voxel += switch (output.name()) {
                case ModelTensors.LABELS -> Short.BYTES;
                case ModelTensors.PROBABILITIES -> (long) tensors.model().outputs() * Float.BYTES;
                case ModelTensors.CONFIDENCE -> 0;
                default -> MOST_MAPS_OF_A_GATE * (long) Float.BYTES;
            };
        }
        return voxel * images.voxels() * images.batch();
    }

    /**
     * The outcome.
     *
     * @param outputs in the requested order
     * @param warnings of all images, which are numbered from 0 if there are several
     */
    record Result(List<OutputTensor> outputs, List<String> warnings) {}

    /**
     * Computes the outputs, on a thread of the {@link WorkQueue}.
     *
     * @param memory from which one image at a time takes its share
     * @throws HttpFailure if the images are at fault
     */
    Result run(ServerMetrics metrics, HeapMemory memory) {
        Segmenter segmenter = tensors.model().segmenter();
        SegmenterOptions options = segmenter
                .options()
                .withProbabilities(
                        outputs.stream().anyMatch(output -> output.name().equals(ModelTensors.PROBABILITIES)))
                .withAttention(outputs.stream().anyMatch(output -> output.name().startsWith(ModelTensors.ATTENTION)))
                .withUncertainty(false);
        List<Segmentation> results = new ArrayList<>();
        try (HeapMemory.Share share = memory.share()) {
            share.take(images.imageBytes());
            for (int k = 0; k < images.batch(); k++) {
                Interruption.check();
                long start = System.nanoTime();
                Image image = image(k);
                results.add(segmenter
                        .segment(image, options, progress -> Interruption.check())
                        .withWarnings(warnings(segmenter.model(), image)));
                metrics.segmented(tensors.model().name(), (System.nanoTime() - start) / 1e9);
            }
        } catch (AttunetException e) {
            if (e instanceof InputException || e.subject().equals("network")) {
                throw e;
            }
            throw new HttpFailure(400, "the input doesn't suit: " + e.getMessage());
        } catch (OutOfMemoryError e) {
            throw new HttpFailure(
                    413,
                    "the input of " + images.batch() + " times " + images.grid()
                            + " needs more memory than the server has; crop it, or ask for fewer outputs");
        }
        return new Result(
                outputs.stream().map(output -> tensor(output, results)).toList(), warnings(results));
    }

    /** The request doesn't say what a plane shows, so that it is taken for what the model was trained on. */
    private static List<String> warnings(ModelDescription model, Image image) {
        ImageKind kind = image.grid().dimension() == 3 ? ImageKind.VOLUME : ImageKind.of(model);
        return ImageKind.warnings(model, kind, image.channels().length);
    }

    private static List<String> warnings(List<Segmentation> results) {
        List<String> warnings = new ArrayList<>();
        for (int k = 0; k < results.size(); k++) {
            String image = results.size() == 1 ? "" : "image " + k + ": ";
            results.get(k).warnings().forEach(warning -> warnings.add(image + warning));
        }
        return warnings;
    }

    private Image image(int index) {
        float[][] channels = new float[images.channels()][];
        for (int c = 0; c < channels.length; c++) {
            long place = (long) index * images.channels() + c;
            channels[c] = elements.slice(place * images.voxels(), images.voxels());
        }
        return new Image(images.grid(), channels);
    }

    private OutputTensor tensor(InferenceRequest.Output output, List<Segmentation> results) {
        String name = output.name();
        Stream<Segmentation> each = results.stream();
        if (name.equals(ModelTensors.LABELS)) {
            Segmenter segmenter = tensors.model().segmenter();
            var labels = each.map(result -> ObjectSegmentation.withoutLevels(segmenter, result))
                    .map(result -> ShortBuffer.wrap(
                            result.labelSet().inClassOrder(result.labels()).voxels()))
                    .toList();
            return new OutputTensor(name, images.shape(0), output.binary(), labels);
        }
        if (name.equals(ModelTensors.CONFIDENCE)) {
            FloatBuffer all = FloatBuffer.allocate(results.size());
            each.forEach(result -> all.put((float) result.confidence().orElse(NO_CONFIDENCE)));
            return new OutputTensor(name, new long[] {results.size()}, output.binary(), List.of(all));
        }
        List<FloatBuffer> maps = each.map(result -> name.equals(ModelTensors.PROBABILITIES)
                        ? result.probabilities()
                        : result.attention().get(name.substring(ModelTensors.ATTENTION.length())))
                .flatMap(image -> Arrays.stream(Objects.requireNonNull(image).channels()))
                .map(FloatBuffer::wrap)
                .toList();
        return new OutputTensor(name, images.shape(maps.size() / results.size()), output.binary(), maps);
    }
}
