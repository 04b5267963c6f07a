package org.attunet.predict;

import java.io.Serializable;
import org.attunet.error.ConfigException;

/**
 * How an image is segmented and which results are kept.
 *
 * @param mirror test-time augmentation: probabilities (and attention) averaged over the image and its mirror images along
 *     every combination of the model's mirrored axes ({@code ModelDescription}), up to 4 in 2D and 8 in 3D, at as many times
 *     the cost; nothing where training has mirrored nothing
 * @param overlap the share of a blended tile that its neighbour covers again along each axis, from 0 to 0.9
 * @param probabilities whether the classes' probabilities are kept in the result
 * @param attention whether the gates' maps are kept in the result
 * @param uncertainty whether the entropy and, where there is more than one vote, the mutual information are kept
 * @param tiles how the image is parted into blocks
 * @param memory the bytes that computing one image may take beside the image itself and the results, which decides whether
 *     it is computed at once and how large exact tiles are; 0 for half of what the machine has free. Threads that segment at
 *     the same time take as much each
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

    /** Checks the ranges. */
    public SegmenterOptions {
        if (!(overlap >= 0 && overlap <= 0.9)) {
            throw new ConfigException("overlap", overlap, "a number from 0 to 0.9");
        }
        if (memory < 0) {
            throw new ConfigException("memory", memory, "a number of bytes, 0 or more");
        }
    }

    /** One pass without mirroring, labels alone, blocks as the model and the machine's free memory suggest. */
    public static SegmenterOptions defaults() {
        return new SegmenterOptions(false, 0.5, false, false, false, TileMode.AUTO, 0);
    }

    /** A copy with or without test-time augmentation. */
    public SegmenterOptions withMirror(boolean other) {
        return new SegmenterOptions(other, overlap, probabilities, attention, uncertainty, tiles, memory);
    }

    /** A copy with another overlap of tiles. */
    public SegmenterOptions withOverlap(double other) {
        return new SegmenterOptions(mirror, other, probabilities, attention, uncertainty, tiles, memory);
    }

    /** A copy that keeps the probabilities or not. */
    public SegmenterOptions withProbabilities(boolean other) {
        return new SegmenterOptions(mirror, overlap, other, attention, uncertainty, tiles, memory);
    }

    /** A copy that keeps the attention maps or not. */
    public SegmenterOptions withAttention(boolean other) {
        return new SegmenterOptions(mirror, overlap, probabilities, other, uncertainty, tiles, memory);
    }

    /** A copy that keeps the uncertainty or not. */
    public SegmenterOptions withUncertainty(boolean other) {
        return new SegmenterOptions(mirror, overlap, probabilities, attention, other, tiles, memory);
    }

    /** A copy with another way to part the image. */
    public SegmenterOptions withTiles(TileMode other) {
        return new SegmenterOptions(mirror, overlap, probabilities, attention, uncertainty, other, memory);
    }

    /** A copy with another memory budget in bytes, or 0 for the machine's. */
    public SegmenterOptions withMemory(long other) {
        return new SegmenterOptions(mirror, overlap, probabilities, attention, uncertainty, tiles, other);
    }
}
