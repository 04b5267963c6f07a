package org.attunet.io;

import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** Opens the files of series by the installed {@link SeriesFormat}. */
final class SeriesFiles {
    static final @Nullable SeriesFormat FORMAT = ServiceLoader.load(
                    SeriesFormat.class, SeriesFormat.class.getClassLoader())
            .findFirst()
            .orElse(null);

    private SeriesFiles() {}

    /** Whether a path that isn't named like an image is a file or folder of a series. */
    static boolean isSeries(Path path) {
        return FORMAT != null && !Images.isImage(path) && !Images.isNifti(path) && FORMAT.isSeries(path);
    }

    /** Returns all volumes; the paths are known to be of series. */
    static List<StoredSeries> open(List<Path> paths, DoubleConsumer progress) {
        if (FORMAT == null) {
            throw new AttunetException(
                    paths.get(0), "no reader of series is installed", "attunet-dicom on the class path", "add it");
        }
        return FORMAT.open(paths, progress);
    }

    /**
     * Returns one volume.
     *
     * @param frame the first slice's in the first file; 0 if there must be one volume only
     * @throws AttunetException if there is none, or several to choose from
     */
    static StoredSeries one(List<Path> paths, int frame) {
        List<StoredSeries> found = open(paths, share -> {});
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.isEmpty()) {
            throw new AttunetException(
                    paths.get(0),
                    "no DICOM images that say where they lie",
                    "the slices of one volume",
                    "see what is there by 'attunet info'");
        }
        return found.stream()
                .filter(series -> frame > 0
                        && series.firstFrame() == frame
                        && series.files().get(0).equals(paths.get(0)))
                .findFirst()
                .orElseThrow(() -> new AttunetException(
                        paths.get(0),
                        found.size() + " volumes: "
                                + found.stream().map(StoredSeries::label).collect(Collectors.joining(", ")),
                        "one",
                        "put each volume into a folder of its own"));
    }
}
