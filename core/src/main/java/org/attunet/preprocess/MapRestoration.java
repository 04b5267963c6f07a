package org.attunet.preprocess;

import org.attunet.image.Image;

/**
 * Probabilities or attention maps brought to the original grid while they come in, plane by plane: by linear
 * interpolation, with the same values as {@link Prepared#restore(Image)} has for whole maps.
 *
 * <p>Not thread-safe.
 */
public final class MapRestoration {
    private final Orientation orientation;
    private final PlaneResampling resampling;
    private final float[][] channels;

    MapRestoration(Resampling back, Orientation orientation, int channels) {
        this.orientation = orientation;
        resampling = new PlaneResampling(back, channels);
        this.channels = new float[channels][orientation.from().voxels()];
    }

    /**
     * Takes the next planes of the network's grid (slices of a volume, rows of a picture).
     *
     * @param count how many
     * @param maps one array for each channel, which begins with the planes' voxels; not kept
     */
    public void accept(int count, float[][] maps) {
        resampling.accept(count, maps, this::put);
    }

    /**
     * Takes one plane that has been resampled already, as {@link PlaneResampling} hands it on.
     *
     * @param plane its number
     * @param values its voxels, one array for each channel; not kept
     */
    public void put(int plane, float[][] values) {
        for (int c = 0; c < channels.length; c++) {
            orientation.putBack(plane, values[c], channels[c]);
        }
    }

    /** The maps on the original grid, complete when all planes have come. */
    public Image image() {
        return new Image(orientation.from(), channels);
    }
}
