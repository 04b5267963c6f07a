package org.attunet.predict;

import java.io.Serializable;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.ConfigException;

/**
 * How an image is segmented and which results are returned.
 *
 * @param mirror test-time augmentation: probabilities and attention are averaged over the mirror images along every
 *     combination of the model's {@link ModelDescription#mirroredAxes}, up to 4 in 2D and 8 in 3D, at as many times the
 *     cost; no effect on models that were trained without mirroring
 * @param overlap the share of a blended tile that its neighbour covers along each axis, from 0 to 0.9
 * @param probabilities whether to return the classes' probabilities
 * @param attention whether to return the gates' maps
 * @param uncertainty whether to return the entropy and, for more than one vote, the mutual information
 * @param tiles how the image is divided into blocks
 * @param memory the bytes that one image may take besides the image and the results, which decides whether it is computed
 *     whole and how large exact tiles are; 0 for half of the machine's free memory. Concurrent calls take as much each
 * @serial exclude
 */
public record SegmenterOptions(
        boolean mirror,
        double overlap,
        boolean probabilities,
        boolean attention,
        boolean uncertainty,
        TileMode tiles,
        long memory)
        implements Serializable {

    /**
     * Checks the components.
     *
     * @param mirror test-time augmentation: probabilities and attention are averaged over the mirror images along every
     *     combination of the model's {@link ModelDescription#mirroredAxes}, up to 4 in 2D and 8 in 3D, at as many times the
     *     cost; no effect on models that were trained without mirroring
     * @param overlap the share of a blended tile that its neighbour covers along each axis, from 0 to 0.9
     * @param probabilities whether to return the classes' probabilities
     * @param attention whether to return the gates' maps
     * @param uncertainty whether to return the entropy and, for more than one vote, the mutual information
     * @param tiles how the image is divided into blocks
     * @param memory the bytes that one image may take besides the image and the results, which decides whether it is
     *     computed whole and how large exact tiles are; 0 for half of the machine's free memory. Concurrent calls take as
     *     much each
     */
    public SegmenterOptions {
        if (!(overlap >= 0 && overlap <= 0.9)) {
            throw new ConfigException("overlap", overlap, "a number from 0 to 0.9");
        }
        if (memory < 0) {
            throw new ConfigException("memory", memory, "a number of bytes, 0 or more");
        }
    }

    /** {@return labels only, without mirroring, and with tiles for the model and the machine's free memory} */
    public static SegmenterOptions defaults() {
        return new SegmenterOptions(false, 0.5, false, false, false, TileMode.AUTO, 0);
    }

    /**
     * {@return a copy with or without test-time augmentation}
     *
     * @param other whether to mirror
     */
    public SegmenterOptions withMirror(boolean other) {
        return new SegmenterOptions(other, overlap, probabilities, attention, uncertainty, tiles, memory);
    }

    /**
     * {@return a copy with another overlap of tiles}
     *
     * @param other from 0 to 0.9
     */
    public SegmenterOptions withOverlap(double other) {
        return new SegmenterOptions(mirror, other, probabilities, attention, uncertainty, tiles, memory);
    }

    /**
     * {@return a copy with or without probabilities}
     *
     * @param other whether to return them
     */
    public SegmenterOptions withProbabilities(boolean other) {
        return new SegmenterOptions(mirror, overlap, other, attention, uncertainty, tiles, memory);
    }

    /**
     * {@return a copy with or without attention maps}
     *
     * @param other whether to return them
     */
    public SegmenterOptions withAttention(boolean other) {
        return new SegmenterOptions(mirror, overlap, probabilities, other, uncertainty, tiles, memory);
    }

    /**
     * {@return a copy with or without uncertainty maps}
     *
     * @param other whether to return them
     */
    public SegmenterOptions withUncertainty(boolean other) {
        return new SegmenterOptions(mirror, overlap, probabilities, attention, other, tiles, memory);
    }

    /**
     * {@return a copy with another tile mode}
     *
     * @param other the tile mode
     */
    public SegmenterOptions withTiles(TileMode other) {
        return new SegmenterOptions(mirror, overlap, probabilities, attention, uncertainty, other, memory);
    }

    /**
     * {@return a copy with another memory budget in bytes, or 0 for the machine's}
     *
     * @param other in bytes
     */
    public SegmenterOptions withMemory(long other) {
        return new SegmenterOptions(mirror, overlap, probabilities, attention, uncertainty, tiles, other);
    }
}
