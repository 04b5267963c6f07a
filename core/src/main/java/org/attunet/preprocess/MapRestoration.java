package org.attunet.preprocess;

import org.attunet.image.Image;
import org.attunet.image.Orientation;

/**
 * Probability or attention maps restored to the original grid plane by plane, by linear interpolation.
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
     * @param count the number of planes
     * @param maps one array per channel, which begins with the planes' voxels; not kept
     */
    public void accept(int count, float[][] maps) {
        resampling.accept(count, maps, this::put);
    }

    /**
     * Takes a plane that {@link PlaneResampling} has resampled.
     *
     * @param plane its number
     * @param values its voxels, one array per channel; not kept
     */
    public void put(int plane, float[][] values) {
        for (int c = 0; c < channels.length; c++) {
            orientation.putBack(plane, values[c], channels[c]);
        }
    }

    /** {@return the maps on the original grid; complete after the last plane} */
    public Image image() {
        return new Image(orientation.from(), channels);
    }
}
