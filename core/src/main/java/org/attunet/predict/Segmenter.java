package org.attunet.predict;

import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.preprocess.Prepared;
import org.jspecify.annotations.Nullable;

/**
 * A trained model that segments images: preprocessing, network, and the way back to the image's own grid.
 *
 * <p>The prepared image is padded to a multiple of the network's coarsest cell by repeating its last voxels, and cropped
 * back. It is computed at once where the network's estimated memory stays within {@link
 * SegmenterOptions#wholeImageBytes}, else in overlapping tiles of the model's patch size, blended with Gaussian weights.
 * A network with instance normalisation always gets tiles of its patch size, since its statistics depend on the block. A
 * 2D network takes a volume slice by slice. Probabilities, after sigmoid or softmax, are what is averaged over tiles and
 * mirror images; they are resampled to the image's grid before the largest one is taken.
 *
 * <p>Results are the same each time for the same engine and options. A segmenter keeps no state between calls: it may be
 * used by several threads at once if its engine may, as {@link Engine} demands.
 */
public final class Segmenter implements AutoCloseable {
    private final Engine engine;
    private final ModelDescription model;
    private final SegmenterOptions options;

    private Segmenter(Engine engine, ModelDescription model, SegmenterOptions options) {
        this.engine = engine;
        this.model = model;
        this.options = options;
    }

    /**
     * A segmenter that owns the engine and closes it.
     *
     * @throws AttunetException where the engine computes another network than the model describes
     */
    public static Segmenter of(Engine engine, ModelDescription model, SegmenterOptions options) {
        if (!engine.network().equals(model.network())) {
            throw new AttunetException(
                    model.name(),
                    "weights of " + engine.network(),
                    "weights of " + model.network(),
                    "keep weights and model.json of one training together");
        }
        return new Segmenter(engine, model, options);
    }

    /** What the model is. */
    public ModelDescription model() {
        return model;
    }

    /** The options that {@link #segment(Image)} works with. */
    public SegmenterOptions options() {
        return options;
    }

    /** The segmentation of an image as it was read; 1 channel serves a model of 3 by replication. */
    public Segmentation segment(Image image) {
        return segment(image, options);
    }

    /** The same with other options for this call. */
    public Segmentation segment(Image image, SegmenterOptions callOptions) {
        return segment(model.preprocessing().prepare(image), callOptions);
    }

    /** The segmentation of an image that this model's preprocessing has prepared. */
    public Segmentation segment(Prepared prepared) {
        return segment(prepared, options);
    }

    /** The same with other options for this call. */
    public Segmentation segment(Prepared prepared, SegmenterOptions callOptions) {
        Image image = prepared.image();
        Stitch maps = new Sweep(engine, model.patch(), callOptions).over(image);
        LabelMap labels = prepared.restoreArgmax(maps.probabilities(), model.labels());
        @Nullable
        Image probabilities =
                callOptions.probabilities() ? prepared.restore(new Image(image.grid(), maps.probabilities())) : null;
        Map<String, Image> attention = new LinkedHashMap<>();
        maps.attention()
                .forEach((gate, channels) -> attention.put(gate, prepared.restore(new Image(image.grid(), channels))));
        return new Segmentation(labels, probabilities, attention);
    }

    /** Closes the engine; calls afterwards fail. */
    @Override
    public void close() {
        engine.close();
    }
}
