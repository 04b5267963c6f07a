package org.attunet.dicom.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.series.Contents;
import org.attunet.io.SeriesFormat;
import org.attunet.io.StoredSeries;

/** DICOM for {@link SeriesFormat}. */
public final class DicomFormat implements SeriesFormat {
    /** Of a folder, how many files are looked at. */
    private static final int FILES = 20;

    private static final int DEPTH = 8;
    private static final byte[] ZIP = {'P', 'K', 3, 4};

    /** The format; made by the service loader. */
    public DicomFormat() {}

    @Override
    public boolean isSeries(Path path) {
        try {
            if (Files.isDirectory(path)) {
                return holdsDicom(path);
            }
            if (!Files.isRegularFile(path)) {
                return false;
            }
            return isZip(path) ? zipHoldsDicom(path) : DicomFile.looksLike(path);
        } catch (IOException | UncheckedIOException e) {
            return false; // reported when it is opened
        }
    }

    private static boolean holdsDicom(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            return files.filter(Files::isRegularFile).limit(FILES).anyMatch(DicomFile::looksLike);
        }
    }

    private static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(ZIP.length), ZIP);
        }
    }

    private static boolean zipHoldsDicom(Path zip) throws IOException {
        try (FileSystem entries = FileSystems.newFileSystem(zip)) {
            for (Path root : entries.getRootDirectories()) {
                if (holdsDicom(root)) {
                    return true;
                }
            }
            return false;
        }
    }

    @Override
    public List<StoredSeries> open(List<Path> paths, DoubleConsumer progress) {
        Contents contents = paths.size() == 1 ? Contents.of(paths.get(0), progress) : Contents.of(paths, progress);
        if (!contents.damaged().isEmpty()) { // a volume may lack a slice
            throw contents.damaged().get(0);
        }
        return contents.series().stream()
                .<StoredSeries>map(series -> new DicomSeries(series, contents.notes()))
                .toList();
    }
}
