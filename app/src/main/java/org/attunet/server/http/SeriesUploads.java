package org.attunet.server.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.attunet.error.AttunetException;
import org.attunet.io.ImageCase;
import org.attunet.io.InheritedAccess;
import org.attunet.io.SeriesFormat;
import org.attunet.io.StoredSeries;
import org.attunet.server.work.InputException;

/** DICOM that clients upload: the files of series, loose or in zip archives, in any order. */
final class SeriesUploads {
    private static final String NAME = "the DICOM files";
    private static final int MOST_ENTRIES = 100_000;

    /** How many times its size an archive may unpack to, beside what any may. */
    private static final long UNPACKED = 20;

    private static final long UNPACKED_ALWAYS = 64L << 20;

    private SeriesUploads() {}

    /**
     * Unpacks the DICOM files of an archive beside it, under numbers; the archive goes, and so do other files.
     *
     * @param archive called {@code 3.zip}; its files become {@code 3-1.dcm}, {@code 3-2.dcm} and so on
     * @param clientName the client's name for it, for failures
     * @throws InputException if it is damaged, holds no DICOM, or unpacks to far more than its size
     */
    static List<Path> unpack(Path archive, String clientName) {
        List<Path> files = new ArrayList<>();
        try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(Files.newInputStream(archive), 1 << 16))) {
            long left = UNPACKED_ALWAYS + UNPACKED * Files.size(archive);
            int entries = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.isDirectory()) {
                    continue;
                }
                String name = String.valueOf(archive.getFileName()).replace(FileSignature.ZIP, "-" + ++entries);
                Path file = archive.resolveSibling(name + FileSignature.DICOM);
                left -= copy(zip, file, left);
                if (left < 0 || entries > MOST_ENTRIES) {
                    throw new InputException(
                            InputException.Fault.TOO_LARGE,
                            clientName,
                            "the archive unpacks to more than " + UNPACKED + " times its size, or to many files",
                            "an archive of at most " + MOST_ENTRIES + " DICOM files",
                            "send the files themselves, or fewer");
                }
                if (FileSignature.isDicom(file) && !entry.getName().matches("(?i)(.*/)?dicomdir")) {
                    files.add(file);
                } else {
                    Files.delete(file);
                }
            }
            Files.delete(archive);
        } catch (FileSystemException e) {
            throw new AttunetException(
                    archive.toString(),
                    "an archive can't be unpacked (" + e.getClass().getSimpleName() + ")",
                    "room for its files",
                    "free some space, or choose another folder with --work",
                    e);
        } catch (IOException | IllegalArgumentException e) { // names of entries that are no text
            throw unsuitable(clientName, "the archive is damaged", "a whole zip archive");
        }
        if (files.isEmpty()) {
            throw unsuitable(clientName, "the archive holds no DICOM file", "the DICOM files of a series");
        }
        return files;
    }

    private static long copy(InputStream in, Path file, long most) throws IOException {
        long copied = 0;
        byte[] block = new byte[1 << 16];
        try (OutputStream out = InheritedAccess.create(file)) {
            for (int count = in.read(block); count >= 0 && copied <= most; count = in.read(block)) {
                out.write(block, 0, count);
                copied += count;
            }
        }
        return copied;
    }

    /**
     * Sorts DICOM files into volumes.
     *
     * @return each under a name without anything of the patient; none if there are no files
     * @throws InputException if a file is damaged, or there is no volume among them
     */
    static List<ImageCase> cases(List<Path> files) {
        SeriesFormat format = SeriesFormat.installed();
        if (files.isEmpty() || format == null) {
            return List.of();
        }
        try {
            List<StoredSeries> found = format.open(files, share -> {});
            if (found.isEmpty()) {
                throw unsuitable(NAME, "none of them is an image that says where it lies", "the slices of a volume");
            }
            return found.stream()
                    .map(series -> new ImageCase(series.label(), series.files(), null, series.firstFrame()))
                    .toList();
        } catch (AttunetException e) {
            throw InputException.of(NAME, files, e);
        }
    }

    private static InputException unsuitable(String name, String found, String expected) {
        return new InputException(
                InputException.Fault.UNSUITABLE, name, found, expected, "send the files of one or more series");
    }
}
