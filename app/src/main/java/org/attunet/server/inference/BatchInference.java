package org.attunet.server.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.ServerMetrics;
import org.attunet.server.work.WorkQueue;

/**
 * The segmentation of a batch, image by image; of each only what is asked for is computed and kept.
 *
 * @param outputs those that are wanted, one or more
 * @param binary whether outputs that don't say it are wanted as binary data
 */
record BatchInference(
        ModelTensors tensors,
        ImageBatch images,
        InputValues values,
        List<InferenceRequest.Output> outputs,
        boolean binary) {
    private static final int MOST_MAPS_OF_A_GATE = 2;

    /** The bytes that the results take. */
    long bytes() {
        long each = 0; // of a voxel
        for (InferenceRequest.Output output : outputs) {
            each += switch (output.name()) {
                case ModelTensors.LABELS -> Short.BYTES;
                case ModelTensors.PROBABILITIES -> (long) classes() * Float.BYTES;
                case ModelTensors.CONFIDENCE -> 0;
                default -> MOST_MAPS_OF_A_GATE * (long) Float.BYTES;
            };
        }
        return each * images.voxels() * images.batch();
    }

    private int classes() {
        return tensors.model().segmenter().model().shape().outputs();
    }

    /**
     * Computes, on a thread of {@link WorkQueue}.
     *
     * @param memory which one image at a time takes a part of
     * @throws HttpFailure where the images are at fault
     */
    List<OutputTensor> run(ServerMetrics metrics, InferenceMemory memory) {
        Segmenter segmenter = tensors.model().segmenter();
        SegmenterOptions options = segmenter
                .options()
                .withProbabilities(wants(ModelTensors.PROBABILITIES))
                .withAttention(outputs.stream().anyMatch(output -> output.name().startsWith(ModelTensors.ATTENTION)))
                .withUncertainty(false);
        List<Segmentation> results = new ArrayList<>();
        try (InferenceMemory.Part part = memory.part()) {
            part.take(images.imageBytes());
            for (int k = 0; k < images.batch(); k++) {
                WorkQueue.checkWanted();
                long began = System.nanoTime();
                Segmentation result = segmenter.segment(image(k), options, share -> WorkQueue.checkWanted());
                metrics.segmented(tensors.model().name(), (System.nanoTime() - began) / 1e9);
                results.add(result);
            }
        } catch (AttunetException e) {
            if (e.subject().equals("network")) {
                throw e;
            }
            throw HttpFailure.bad("the input doesn't suit: " + e.getMessage());
        } catch (OutOfMemoryError e) {
            throw new HttpFailure(
                    413,
                    "the input of " + images.batch() + " times " + images.grid()
                            + " needs more memory than the server has; crop it, or ask for fewer outputs");
        }
        return outputs.stream().map(output -> tensor(output, results)).toList();
    }

    private boolean wants(String name) {
        return outputs.stream().anyMatch(output -> output.name().equals(name));
    }

    private Image image(int index) {
        float[][] channels = new float[images.channels()][];
        for (int c = 0; c < channels.length; c++) {
            long place = (long) index * images.channels() + c;
            channels[c] = values.slice(place * images.voxels(), images.voxels());
        }
        return new Image(images.grid(), channels);
    }

    private OutputTensor tensor(InferenceRequest.Output output, List<Segmentation> results) {
        String name = output.name();
        boolean behind = Objects.requireNonNullElse(output.binary(), binary);
        return switch (name) {
            case ModelTensors.LABELS -> {
                List<short[]> labels =
                        results.stream().map(result -> result.labels().voxels()).toList();
                yield new OutputTensor(name, images.shape(0), behind, new OutputTensor.Shorts(labels));
            }
            case ModelTensors.CONFIDENCE -> {
                float[] each = new float[results.size()];
                for (int k = 0; k < each.length; k++) {
                    each[k] = (float) results.get(k).confidence();
                }
                yield new OutputTensor(name, new long[] {each.length}, behind, new OutputTensor.Floats(List.of(each)));
            }
            case ModelTensors.PROBABILITIES ->
                maps(
                        name,
                        behind,
                        results.stream().map(Segmentation::probabilities).toList());
            default -> {
                String gate = name.substring(ModelTensors.ATTENTION.length());
                yield maps(
                        name,
                        behind,
                        results.stream()
                                .map(result -> result.attention().get(gate))
                                .toList());
            }
        };
    }

    private OutputTensor maps(String name, boolean behind, List<Image> all) {
        List<float[]> arrays =
                all.stream().flatMap(map -> Arrays.stream(map.channels())).toList();
        int maps = all.get(0).channels().length;
        return new OutputTensor(name, images.shape(maps), behind, new OutputTensor.Floats(arrays));
    }
}
