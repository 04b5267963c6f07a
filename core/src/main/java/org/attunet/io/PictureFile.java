package org.attunet.io;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file of pictures of one size, open for reading: the slices of a volume, each with its channels. */
interface PictureFile extends AutoCloseable {
    /** Pixels of an upright row. */
    int width();

    /** Upright rows. */
    int height();

    int slices();

    /** The physical size of upright pixels; null if there is none. */
    default @Nullable PixelSize pixelSize() {
        return null;
    }

    /** Channels of the image: samples of a pixel without alpha, or pages of a slice; at most so many if only decoding shows it. */
    int channels();

    /**
     * Decodes one slice.
     *
     * @throws IOException if the file can't be decoded
     */
    Picture slice(int index) throws IOException;

    @Override
    void close() throws IOException;

    /**
     * One decoded picture, upright.
     *
     * @param samples one array of width * height numbers per channel, without alpha; with a palette, one of indices
     * @param alpha how opaque each pixel is; null if all are, and for JPEG and BMP
     */
    record Picture(float[][] samples, @Nullable Palette palette, float @Nullable [] alpha) {
        /** Channels of the picture as it is shown. */
        int channels() {
            return palette == null ? samples.length : palette.isGrey() ? 1 : 3;
        }

        /** A channel as it is shown; grey is the same in all. */
        float[] channel(int index) {
            return palette == null
                    ? samples[Math.min(index, samples.length - 1)]
                    : palette.component(samples[0], index);
        }
    }
}
