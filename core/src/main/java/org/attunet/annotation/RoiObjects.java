package org.attunet.annotation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.error.TooLargeException;
import org.attunet.image.Grid;
import org.attunet.io.GeoJson;

/**
 * Selections of ImageJ: a {@code .roi} file, or the zip file that its ROI Manager saves. Each area is an object, by its place
 * in the file. Lines, points and texts are left out with a note, as is what belongs to other slices of a stack.
 *
 * @param file ends with {@code .roi} or {@code .zip}
 */
record RoiObjects(Path file) implements ObjectSource {
    private static final String WHAT = "selections of ImageJ (.roi)";

    /** A byte of Deflate may stand for 1032, but selections shrink to a third or so. */
    private static final long MOST_EXPANDED = 50;

    private static final long ALWAYS_ALLOWED = 1 << 20;

    @Override
    public List<Path> files() {
        return List.of(file);
    }

    @Override
    public AnnotatedObjects read(Path image, Grid grid) {
        Outlines.requirePlane(file, grid);
        Reader reader = new Reader(file, grid);
        try {
            if (isZip(file)) {
                readZip(reader);
            } else {
                reader.add(Files.readAllBytes(file));
            }
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw new AttunetException(
                    file.toString(),
                    Files.exists(file) ? "it can't be read (" + Outlines.reason(e) + ")" : "there is no such file",
                    WHAT,
                    "save the selections again",
                    e);
        }
        return reader.finish();
    }

    /** What one reading gathers. */
    private static final class Reader {
        private final Path file;
        private final Grid grid;
        private final ObjectDrawing drawing;
        private int read;
        private int others;
        private int elsewhere;
        private int splines;

        Reader(Path file, Grid grid) {
            this.file = file;
            this.grid = grid;
            this.drawing = new ObjectDrawing(file, grid);
        }

        void add(byte[] content) {
            Roi roi = new Roi(file, ++read, content);
            if (roi.position() > 1) {
                elsewhere++;
                return;
            }
            Shape shape = roi.shape(grid);
            if (shape == null) {
                others++;
            } else {
                splines += roi.isSpline() ? 1 : 0;
                drawing.add(shape, "");
            }
        }

        AnnotatedObjects finish() {
            note(others, "without an area (lines, points, text), left out");
            note(elsewhere, "of other slices, left out");
            note(splines, "with a curve through its corners, taken as straight between them");
            return drawing.finish();
        }

        private void note(int count, String what) {
            if (count > 0) {
                drawing.note(ObjectDrawing.counted(count, "selection") + " " + what);
            }
        }
    }

    private void readZip(Reader reader) throws IOException {
        long room = MOST_EXPANDED * Files.size(file) + ALWAYS_ALLOWED;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                Interruption.check();
                ZipEntry entry = entries.nextElement();
                if (isRoi(entry)) {
                    byte[] content = content(zip, entry, room);
                    room -= content.length;
                    reader.add(content);
                }
            }
        }
        if (reader.read == 0) {
            throw new AttunetException(file, "a zip file without selections", WHAT, "save the selections again");
        }
    }

    private byte[] content(ZipFile zip, ZipEntry entry, long room) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] content = in.readNBytes((int) Math.min(Integer.MAX_VALUE - 8, room + 1));
            if (content.length > room) {
                throw new TooLargeException(
                        file,
                        "its selections expand to more than " + MOST_EXPANDED + " times the file",
                        "what ImageJ saves",
                        "save the selections again");
            }
            return content;
        }
    }

    private static boolean isZip(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    private static boolean isRoi(ZipEntry entry) {
        String name = entry.getName();
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        return !entry.isDirectory()
                && !last.startsWith(".")
                && last.toLowerCase(Locale.ROOT).endsWith(".roi");
    }

    /** Whether a file is a selection by its name, or a zip file that holds one. */
    static boolean isIn(Path file) {
        return isZip(file)
                ? holds(file, RoiObjects::isRoi)
                : String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".roi");
    }

    /** Whether a file is a zip file of GeoJSON, as QuPath can export it, and of no selections. */
    static boolean holdsGeoJson(Path file) {
        return isZip(file)
                && !isIn(file)
                && holds(file, entry -> entry.getName().endsWith(GeoJson.SUFFIX));
    }

    private static boolean holds(Path file, Predicate<ZipEntry> wanted) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return zip.stream().anyMatch(wanted);
        } catch (IOException | RuntimeException e) {
            if (e instanceof CancellationException cancelled) {
                throw cancelled;
            }
            return false; // some other zip file, or a damaged one
        }
    }
}
