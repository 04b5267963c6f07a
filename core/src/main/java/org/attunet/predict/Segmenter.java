package org.attunet.predict;

import java.util.LinkedHashMap;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.preprocess.LabelRestoration;
import org.attunet.preprocess.MapRestoration;
import org.attunet.preprocess.Prepared;
import org.jspecify.annotations.Nullable;

/**
 * A trained model that segments images: preprocessing, network, and the way back to the image's own grid.
 *
 * <p>The prepared image is padded with zeros to a multiple of the network's coarsest cell, and cropped back. It is
 * computed at once where the memory budget allows that, else tile by tile: exactly, with tiles that carry the network's
 * reach, or blended ({@link TileMode} says when). A 2D network takes a volume slice by slice. Probabilities, after sigmoid or
 * softmax, are what is averaged over blended tiles and mirror images; they are resampled to the image's grid before the
 * largest one is taken. Finished planes go straight on to the result, so beside the image and the result memory is needed
 * for a tile and a slab of the image only, which {@link #plan} foretells.
 *
 * <p>Results are the same each time for the same engine and options. A segmenter keeps no state between calls: it may be
 * used by several threads at once if its engine may, as {@link Engine} demands.
 */
public final class Segmenter implements AutoCloseable {
    private final Engine engine;
    private final ModelDescription model;
    private final SegmenterOptions options;
    private final long machineMemory; // asked for once, so that every image of one segmenter gets the same tiles

    private Segmenter(Engine engine, ModelDescription model, SegmenterOptions options) {
        this.engine = engine;
        this.model = model;
        this.options = options;
        this.machineMemory = MemoryBudget.ofMachine();
    }

    /**
     * A segmenter that owns the engine and closes it.
     *
     * @throws AttunetException where the engine computes another network than the model describes
     */
    public static Segmenter of(Engine engine, ModelDescription model, SegmenterOptions options) {
        if (!engine.network().equals(model.shape())) {
            throw new AttunetException(
                    model.name(),
                    "weights of " + engine.network(),
                    "weights of " + model.shape(),
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
        TileChoice choice = choice(image.grid(), callOptions);
        TilePlan plan = choice.choose(budget(callOptions));
        LabelRestoration labels =
                prepared.labelRestoration(model.labels(), engine.network().outputs());
        @Nullable
        MapRestoration probabilities = callOptions.probabilities()
                ? prepared.mapRestoration(engine.network().outputs())
                : null;
        Map<String, MapRestoration> attention = new LinkedHashMap<>();
        new Sweep(engine, choice, plan).over(image, (count, outputs, gates) -> {
            labels.accept(count, outputs);
            if (probabilities != null) {
                probabilities.accept(count, outputs);
            }
            gates.forEach((gate, maps) -> attention
                    .computeIfAbsent(gate, name -> prepared.mapRestoration(maps.length))
                    .accept(count, maps));
        });
        Map<String, Image> attentionMaps = new LinkedHashMap<>();
        attention.forEach((gate, maps) -> attentionMaps.put(gate, maps.image()));
        return new Segmentation(labels.labels(), probabilities == null ? null : probabilities.image(), attentionMaps);
    }

    /**
     * How an image on a grid would be computed: the blocks, and the memory that they take.
     *
     * @param grid the grid of the image as it was read
     */
    public TilePlan plan(Grid grid, SegmenterOptions callOptions) {
        return choice(model.preprocessing().preparedGrid(grid), callOptions).choose(budget(callOptions));
    }

    private TileChoice choice(Grid prepared, SegmenterOptions callOptions) {
        return new TileChoice(engine.network(), model.patch(), prepared, callOptions);
    }

    private long budget(SegmenterOptions callOptions) {
        return callOptions.memory() > 0 ? callOptions.memory() : machineMemory;
    }

    /** Closes the engine; calls afterwards fail. */
    @Override
    public void close() {
        engine.close();
    }
}
