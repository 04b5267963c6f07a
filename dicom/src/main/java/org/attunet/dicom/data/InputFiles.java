package org.attunet.dicom.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;
import org.attunet.error.TooLargeException;

/**
 * The files that a folder, a DICOMDIR or a zip archive holds or names, or the file itself.
 *
 * <p>An archive is read in place: nothing is unpacked. Its files are paths of a file system of their own, which is closed when
 * nothing refers to them any more.
 *
 * @param files in the order of their names, or as the DICOMDIR has them
 * @param notes what the user should know, in sentences
 */
public record InputFiles(List<Path> files, List<String> notes) {
    private static final String DIRECTORY = "1.2.840.10008.1.3.10";
    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final int MOST_ENTRIES = 1_000_000;

    /** How many times its size an archive may unpack to, beside what any may. */
    private static final long UNPACKED = 20;

    private static final long UNPACKED_ALWAYS = 256L << 20;

    /**
     * Finds them.
     *
     * @throws AttunetException if the input can't be read, or an archive unpacks to far more than its size
     */
    public static InputFiles of(Path input) {
        try {
            if (Files.isDirectory(input)) {
                return new InputFiles(within(input), List.of());
            }
            if (isZip(input)) {
                return new InputFiles(zipped(input), List.of());
            }
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(
                    input.toString(), "it can't be read (" + e + ")", "a folder, DICOMDIR or zip", "check it", e);
        }
        DicomFile file = DicomFile.read(input);
        boolean directory = file.elements().text(Tag.SOP_CLASS_UID).equals(DIRECTORY)
                || !file.elements().items(Tag.DIRECTORY_RECORD_SEQUENCE).isEmpty();
        return directory ? named(file) : new InputFiles(List.of(input), List.of());
    }

    /**
     * {@return whether one of the first files of a folder or archive, or a file itself, is wanted}
     *
     * @param most the files that are looked at
     */
    public static boolean anyOfFirst(Path input, int most, Predicate<Path> wanted) throws IOException {
        if (Files.isRegularFile(input) && isZip(input)) {
            return zipped(input).stream().limit(most).anyMatch(wanted);
        }
        return within(input, files -> files.limit(most).anyMatch(wanted));
    }

    private static List<Path> within(Path folder) throws IOException {
        return within(folder, files -> files.sorted().toList());
    }

    /** Uses the files of a folder, which may be a link, and of the folders in it; links to other folders aren't followed. */
    private static <T> T within(Path folder, Function<Stream<Path>, T> use) throws IOException {
        Path start = folder.toRealPath();
        try (Stream<Path> all = Files.walk(start)) {
            return use.apply(all.filter(Files::isRegularFile)
                    .map(file -> file.equals(start) ? folder : folder.resolve(start.relativize(file))));
        }
    }

    private static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(ZIP.length), ZIP);
        }
    }

    private static List<Path> zipped(Path zip) throws IOException {
        FileSystem entries = FileSystems.newFileSystem(zip);
        List<Path> files = new ArrayList<>();
        long most = UNPACKED_ALWAYS + UNPACKED * Files.size(zip);
        long unpacked = 0;
        for (Path root : entries.getRootDirectories()) {
            for (Path file : within(root)) {
                unpacked += Files.size(file);
                if (unpacked > most || files.size() == MOST_ENTRIES) {
                    throw new TooLargeException(
                            zip,
                            "it holds " + (files.size() + 1) + " files or more, of " + unpacked + " bytes",
                            "at most " + MOST_ENTRIES + " files and " + most + " bytes, " + UNPACKED
                                    + " times the archive's size",
                            "unpack it and give the folder");
                }
                files.add(file);
            }
        }
        return files;
    }

    /** The files that a DICOMDIR names (PS3.3, F.3): names of up to eight parts, below its own folder. */
    private static InputFiles named(DicomFile directory) {
        Path folder = directory.path().toAbsolutePath().normalize().getParent();
        Map<String, Path> there = new HashMap<>(); // media are often mounted with small letters
        if (folder != null) {
            try {
                for (Path file : within(folder)) {
                    there.putIfAbsent(key(folder.relativize(file).toString()), file);
                }
            } catch (IOException | UncheckedIOException e) {
                throw new AttunetException(
                        folder.toString(), "it can't be read (" + e + ")", "a folder", "check it", e);
            }
        }
        Set<Path> files = new LinkedHashSet<>();
        List<String> missing = new ArrayList<>();
        for (DataSet entry : directory.elements().items(Tag.DIRECTORY_RECORD_SEQUENCE)) {
            List<String> parts = entry.texts(Tag.REFERENCED_FILE_ID);
            Path file = parts.isEmpty() ? null : there.get(key(String.join("/", parts)));
            if (file != null) {
                files.add(file);
            } else if (!parts.isEmpty()) {
                missing.add(String.join("/", parts));
            }
        }
        if (missing.isEmpty()) {
            return new InputFiles(List.copyOf(files), List.of());
        }
        String note = missing.size() + " of the files that the DICOMDIR names are not there, such as " + missing.get(0);
        return new InputFiles(List.copyOf(files), List.of(note));
    }

    private static String key(String name) {
        return name.replace('\\', '/').toUpperCase(Locale.ROOT);
    }
}
