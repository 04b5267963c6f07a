package org.attunet.predict;

import org.attunet.error.ConfigException;

/**
 * How an image is segmented and which results are kept.
 *
 * @param mirror test-time augmentation: probabilities (and attention) averaged over the image and its mirror images along
 *     every combination of axes, 4 in 2D and 8 in 3D, at as many times the cost
 * @param overlap the share of a tile that its neighbour covers again along each axis, from 0 to 0.9
 * @param probabilities whether the classes' probabilities are kept in the result
 * @param attention whether the gates' maps are kept in the result
 * @param wholeImageBytes the whole image is computed at once where the estimated memory of the network stays within this
 *     number of bytes, and tile by tile above it; 0 for tiles always
 */
public record SegmenterOptions(
        boolean mirror, double overlap, boolean probabilities, boolean attention, long wholeImageBytes) {

    /** Checks the ranges. */
    public SegmenterOptions {
        if (!(overlap >= 0 && overlap <= 0.9)) {
            throw new ConfigException("overlap", overlap, "a number from 0 to 0.9");
        }
        if (wholeImageBytes < 0) {
            throw new ConfigException("wholeImageBytes", wholeImageBytes, "a number of bytes, 0 or more");
        }
    }

    /**
     * One pass without mirroring, tiles overlapping by half, labels alone; whole images up to 4 GiB, which are about 930 x
     * 930 pixels for the full-width 2D network, and for widths from 16 to 256 1860 x 1860 pixels or 160 x 160 x 160 voxels.
     */
    public static SegmenterOptions defaults() {
        return new SegmenterOptions(false, 0.5, false, false, 4L << 30);
    }

    /** A copy with or without test-time augmentation. */
    public SegmenterOptions withMirror(boolean other) {
        return new SegmenterOptions(other, overlap, probabilities, attention, wholeImageBytes);
    }

    /** A copy with another overlap of tiles. */
    public SegmenterOptions withOverlap(double other) {
        return new SegmenterOptions(mirror, other, probabilities, attention, wholeImageBytes);
    }

    /** A copy that keeps the probabilities or not. */
    public SegmenterOptions withProbabilities(boolean other) {
        return new SegmenterOptions(mirror, overlap, other, attention, wholeImageBytes);
    }

    /** A copy that keeps the attention maps or not. */
    public SegmenterOptions withAttention(boolean other) {
        return new SegmenterOptions(mirror, overlap, probabilities, other, wholeImageBytes);
    }

    /** A copy with another limit for computing the whole image at once. */
    public SegmenterOptions withWholeImageBytes(long other) {
        return new SegmenterOptions(mirror, overlap, probabilities, attention, other);
    }
}
