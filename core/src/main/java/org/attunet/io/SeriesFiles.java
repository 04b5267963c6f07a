package org.attunet.io;

import java.nio.file.Path;
import java.util.ArrayList;
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

    /** Lists the volumes of an input as cases, named after what holds nothing else, or by their labels. */
    static List<ImageCase> cases(Path input, DoubleConsumer progress) {
        List<StoredSeries> found = open(List.of(input), progress);
        if (found.isEmpty()) {
            throw new AttunetException(
                    input,
                    "DICOM files, but none that is an image to segment",
                    "the slices of a volume",
                    "see what is there by 'attunet info'");
        }
        List<String> folders =
                found.stream().map(series -> subfolder(input, series)).toList();
        List<String> files = found.stream()
                .map(series ->
                        series.files().size() == 1 ? Images.stem(series.files().get(0)) : "")
                .toList();
        List<String> labels = found.stream().map(StoredSeries::label).toList();
        List<String> names = areNames(folders) ? folders : areNames(files) ? files : labels;
        List<ImageCase> cases = new ArrayList<>();
        for (int k = 0; k < found.size(); k++) {
            StoredSeries series = found.get(k);
            cases.add(new ImageCase(names.get(k), series.files(), null, series.firstFrame()));
        }
        return cases;
    }

    private static boolean areNames(List<String> names) {
        return names.stream().noneMatch(String::isEmpty)
                && names.stream().distinct().count() == names.size();
    }

    /** The folder below the input that all files of a series lie in; empty if they lie in several, or in the input. */
    private static String subfolder(Path input, StoredSeries series) {
        List<Path> folders = series.files().stream()
                .map(file -> file.startsWith(input) ? input.relativize(file) : file.getFileName())
                .map(file -> file.getNameCount() > 1 ? file.getName(0) : Path.of(""))
                .distinct()
                .toList();
        return folders.size() == 1 ? folders.get(0).toString() : "";
    }
}
