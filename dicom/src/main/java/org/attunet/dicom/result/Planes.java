package org.attunet.dicom.result;

import java.nio.file.Path;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Plane;
import org.attunet.dicom.series.Series;
import org.attunet.dicom.series.Slice;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;

/**
 * The planes in which results are written: those of a series' own slices, so that each lies on an image, also if the volume
 * was resampled.
 *
 * @param series whose slices they are
 */
record Planes(Series series) {
    /**
     * Returns a series' planes.
     *
     * @param grid of what is written
     * @throws AttunetException if it isn't the series' grid
     */
    static Planes of(Series series, Grid grid) {
        series.requireOnGrid(grid);
        return new Planes(series);
    }

    /**
     * Returns the planes of a volume.
     *
     * @param target the file to write, for the failure
     * @param grid of what is written
     * @throws AttunetException if it isn't the series' grid, or is that of a picture, which lies nowhere
     */
    static Planes ofVolume(Path target, Series series, Grid grid) {
        if (series.isPicture()) {
            throw new AttunetException(
                    target,
                    "a result of a picture without a position",
                    "images that say where they lie",
                    "write a segmentation");
        }
        return of(series, grid);
    }

    int size() {
        return series.size();
    }

    Slice slice(int plane) {
        return series.slices().get(plane);
    }

    int columns() {
        return slice(0).plane().columns();
    }

    int rows() {
        return slice(0).plane().rows();
    }

    /**
     * Returns the bytes of frames' pixels, which aren't padded.
     *
     * @param target the file, for the failure
     * @param bits of a pixel
     * @param remedy for the failure
     * @throws AttunetException if an element can't hold them
     */
    int bytes(Path target, int frames, int bits, String remedy) {
        long bytes = ((long) frames * columns() * rows() * bits + 7) / 8;
        if (bytes > Integer.MAX_VALUE - 8) {
            throw new AttunetException(
                    target, frames + " frames of " + columns() + " x " + rows(), "less than 2 GiB of pixels", remedy);
        }
        return (int) bytes;
    }

    /** The functional groups that all planes share: orientation, spacing and thickness (PS3.3, C.7.6.16.2.1 and .4). */
    DataSet shared() {
        Plane first = slice(0).plane();
        DataSet groups = new DataSet();
        DataSet measures = new DataSet();
        if (slice(0).isSized()) {
            measures.put(Tag.PIXEL_SPACING, Vr.DS, first.rowSpacing(), first.columnSpacing());
            groups.put(Tag.PIXEL_MEASURES_SEQUENCE, List.of(measures));
        }
        if (!series.isPicture()) {
            double gap = series.grid().spacing(2);
            measures.put(Tag.SLICE_THICKNESS, Vr.DS, gap);
            if (series.isEven()) {
                measures.put(ResultTag.SPACING_BETWEEN_SLICES, Vr.DS, gap);
            }
            DataSet orientation = new DataSet();
            double[] a = first.across();
            double[] d = first.down();
            orientation.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, a[0], a[1], a[2], d[0], d[1], d[2]);
            groups.put(Tag.PLANE_ORIENTATION_SEQUENCE, List.of(orientation));
        }
        return groups;
    }

    /** The functional group of a frame that says where it lies: in a plane. A picture has none. */
    DataSet place(int plane) {
        DataSet groups = new DataSet();
        if (!series.isPicture()) {
            DataSet position = new DataSet();
            position.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, slice(plane).plane().position());
            groups.put(Tag.PLANE_POSITION_SEQUENCE, List.of(position));
        }
        return groups;
    }

    /** Puts what the pixels of frames of this size are, and whether they come of pixels that were compressed with loss. */
    void putPixels(DataSet set, int frames, int bits, int samples) {
        set.put(Tag.SAMPLES_PER_PIXEL, Vr.US, samples);
        set.put(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, samples == 1 ? "MONOCHROME2" : "RGB");
        set.put(Tag.NUMBER_OF_FRAMES, Vr.IS, frames);
        set.put(Tag.ROWS, Vr.US, rows());
        set.put(Tag.COLUMNS, Vr.US, columns());
        set.put(Tag.BITS_ALLOCATED, Vr.US, bits);
        set.put(Tag.BITS_STORED, Vr.US, bits);
        set.put(Tag.HIGH_BIT, Vr.US, bits - 1);
        set.put(Tag.PIXEL_REPRESENTATION, Vr.US, 0);
        set.put(Tag.LOSSY_IMAGE_COMPRESSION, Vr.CS, "00");
        set.copy(
                series.elements(),
                Tag.LOSSY_IMAGE_COMPRESSION,
                ResultTag.LOSSY_IMAGE_COMPRESSION_RATIO,
                ResultTag.LOSSY_IMAGE_COMPRESSION_METHOD);
    }
}
