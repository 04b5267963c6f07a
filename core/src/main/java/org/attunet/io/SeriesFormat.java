package org.attunet.io;

import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A format whose images are series of files: DICOM. Implementations are found by {@link ServiceLoader}; the module {@code
 * attunet-dicom} has one. With it on the class path, a folder or file of a series is read wherever an image's file is.
 *
 * <p>Thread-safe.
 */
public interface SeriesFormat {
    /**
     * Looks whether a file is of this format, or a folder or the folders in it hold such files, without reading more than
     * the beginnings of a few.
     *
     * @param path a file or folder, which need not exist
     * @return whether it is worth opening
     */
    boolean isSeries(Path path);

    /**
     * Reads the headers of files and sorts them into volumes.
     *
     * @param paths files, folders or archives
     * @param progress receives the share that is read, 0 to 1, on the calling thread
     * @return the volumes; empty if there is none
     * @throws org.attunet.error.AttunetException if a file is damaged
     */
    List<StoredSeries> open(List<Path> paths, DoubleConsumer progress);

    /** {@return the installed format; null if there is none} */
    static @Nullable SeriesFormat installed() {
        return SeriesFiles.FORMAT;
    }
}
