package org.attunet.io;

import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.jspecify.annotations.Nullable;

/**
 * A volume or picture whose slices are files, or frames of files. Its headers are in memory, its voxels aren't.
 *
 * <p>Thread-safe.
 */
public interface StoredSeries {
    /** {@return a short name for files, without anything of the patient, such as {@code CT_series4}} */
    String label();

    /** {@return the files in the order of their slices} */
    List<Path> files();

    /** {@return the number of the first slice's frame in its file, from 1} */
    int firstFrame();

    /**
     * {@return where the voxels lie; oriented unless it is a picture that doesn't say so, such as a radiograph}
     *
     * @throws org.attunet.error.AttunetException if the slices aren't one volume
     */
    Images.Header header();

    /**
     * Reads the voxels.
     *
     * @param progress receives the share that is read, 0 to 1, on the calling thread
     * @return on the header's grid
     * @throws org.attunet.error.AttunetException if a file is damaged
     */
    Image image(DoubleConsumer progress);

    /** {@return what the user should know before using the image, in sentences; usually none} */
    List<String> notes();

    /**
     * Reads a mask of the series.
     *
     * @param file of the series' format
     * @param labels the labels that its structures are named after; null to number them as the file does
     * @return the labels on the header's grid
     * @throws org.attunet.error.AttunetException if the file is damaged, no mask, or one of another image
     */
    StoredMask mask(Path file, @Nullable LabelSet labels);

    /**
     * Writes results in the series' format, each whole or not at all.
     *
     * @param result on the header's grid
     * @param mask the mask's path; the other files lie beside it and are named after it
     * @return the written files, the mask last
     * @throws org.attunet.error.AttunetException if one can't be written
     */
    List<Path> write(SeriesResult result, Path mask);
}
