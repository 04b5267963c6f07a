package org.attunet.dicom.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.series.Series;
import org.attunet.io.SeriesFormat;
import org.attunet.io.StoredSeries;

/** DICOM for {@link SeriesFormat}. */
public final class DicomFormat implements SeriesFormat {
    /** Of a folder, how many files are looked at. */
    private static final int FILES = 20;

    private static final int DEPTH = 8;

    /** The format; made by the service loader. */
    public DicomFormat() {}

    @Override
    public boolean isSeries(Path path) {
        if (!Files.isDirectory(path)) {
            return Files.isRegularFile(path) && DicomFile.looksLike(path);
        }
        try (Stream<Path> files = Files.walk(path, DEPTH)) {
            return files.filter(Files::isRegularFile).limit(FILES).anyMatch(DicomFile::looksLike);
        } catch (IOException | UncheckedIOException e) {
            return false; // reported when it is opened
        }
    }

    @Override
    public List<StoredSeries> open(List<Path> paths, DoubleConsumer progress) {
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            files.addAll(Files.isDirectory(path) ? below(path) : List.of(path));
        }
        return Series.of(files, progress).stream()
                .<StoredSeries>map(DicomSeries::new)
                .toList();
    }

    private static List<Path> below(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted(Comparator.naturalOrder())
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new org.attunet.error.AttunetException(
                    folder.toString(), "it can't be read (" + e + ")", "a folder", "check it", e);
        }
    }
}
