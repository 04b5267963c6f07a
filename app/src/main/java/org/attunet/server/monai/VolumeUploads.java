package org.attunet.server.monai;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Lattice;
import org.attunet.image.Orientation;
import org.attunet.io.Images;
import org.attunet.io.NrrdLabels;
import org.attunet.io.WholeFile;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Uploads;
import org.attunet.server.work.InputException;

/**
 * Uploads of volumes and label maps, read to their end and checked before the data store or a session accepts them.
 *
 * <p>Thread-safe; few files are read at a time, which bounds the memory.
 *
 * @param mostVoxels of an image
 * @param limit how long a client waits for its turn
 * @param turns permits for reading at the same time
 */
record VolumeUploads(long mostVoxels, Duration limit, Semaphore turns) {
    private static final double SAME_DIRECTION = 0.7; // cosine of 45 degrees
    private static final String REMEDY = "export the label in the geometry of its image";

    VolumeUploads(long mostVoxels, Duration limit) {
        this(mostVoxels, limit, new Semaphore(2, true));
    }

    /**
     * Stores an upload that is a valid volume of one channel; returns its file.
     *
     * @throws InputException if it is not
     */
    Path storeImage(UploadedFile upload, Path folder) {
        String name = Uploads.stem(upload.filename());
        Path file = Uploads.store(upload, folder, "image", name);
        if (!Images.suffix(file).startsWith(".nii")) {
            throw new InputException(
                    InputException.Fault.UNKNOWN_FORMAT,
                    name,
                    "it is a picture",
                    "a volume as NIfTI (.nii, .nii.gz)",
                    "send pictures to /infer or /api/segment; the data store holds volumes");
        }
        return inTurn(name, file, () -> {
            Grid grid = Images.readGrid(file);
            if (grid.dimension() != 3) {
                throw new AttunetException(name, "a 2D image of " + grid, "a 3D volume", "send a volume");
            }
            if (grid.voxels() > mostVoxels) {
                throw InputException.tooManyVoxels(name, grid, mostVoxels);
            }
            int channels = Images.read(file).channels().length;
            if (channels != 1) {
                throw new AttunetException(name, "it has " + channels + " channels", "1", "send one channel");
            }
            return file;
        });
    }

    /**
     * Reads an upload that labels an image.
     *
     * @param image the image's file, whose grid the label map gets
     * @param conflicts the declared labels, and whether a mask without label names is unambiguous
     * @param params the client's parameters, maybe with {@code label_info}: the names of the segments in a mask that 3D
     *     Slicer exports, in the order of their values 1, 2, …, whatever the labels' own values are. It is a list of {@code
     *     name} and {@code idx}; {@code idx} counts segments that were not exported too, so only the order counts.
     * @throws InputException if it can't be read, doesn't fit the image or holds undeclared labels
     */
    LabelMap readLabels(UploadedFile upload, Path folder, Path image, LabelConflicts conflicts, JsonNode params) {
        String name = Uploads.stem(upload.filename());
        boolean raw = upload.filename().endsWith(".bin");
        Path file = raw ? storeRaw(upload, folder) : Uploads.storeLabels(upload, folder, "label", name);
        return inTurn(name, file, () -> {
            List<String> segments = segments(params);
            if (segments.isEmpty()) {
                conflicts.requireNone(name, raw);
            }
            Grid grid = Images.readGrid(image);
            LabelMap labels = raw ? rawLabels(name, file, grid) : fittedLabels(name, file, grid);
            if (!segments.isEmpty()) {
                relabel(name, labels, segments, conflicts.declared());
            }
            requireDeclared(name, labels, conflicts.declared());
            return labels;
        });
    }

    private static List<String> segments(JsonNode params) {
        List<JsonNode> info = params.path("label_info").valueStream().toList();
        boolean slicer = info.stream()
                .allMatch(segment -> segment.path("name").isTextual()
                        && segment.path("idx").isIntegralNumber()); // otherwise another client's format
        return slicer
                ? info.stream().map(segment -> segment.path("name").asText()).toList()
                : List.of();
    }

    /** Replaces each voxel's segment number by the value of the label with the segment's name. */
    private static void relabel(String mask, LabelMap labels, List<String> segments, LabelSet declared) {
        int[] values = new int[segments.size() + 1];
        declared.asMap().forEach((value, label) -> {
            for (int k = 0; k < segments.size(); k++) {
                values[k + 1] = segments.get(k).equals(label) ? value : values[k + 1];
            }
        });
        short[] voxels = labels.voxels();
        for (int i = 0; i < voxels.length; i++) {
            int number = labels.label(i);
            if (number >= values.length || (number > 0 && values[number] == 0)) {
                throw new AttunetException(
                        mask,
                        number >= values.length
                                ? "a voxel is of segment " + number + " of " + segments.size()
                                : "segment " + number + " is called \"" + shortened(segments.get(number - 1)) + "\"",
                        "segments called as the labels " + String.join(", ", declared.names()),
                        "rename or remove that segment");
            }
            voxels[i] = (short) values[number];
        }
    }

    private static String shortened(String name) {
        return name.length() > 80 ? name.substring(0, 80) + "…" : name;
    }

    /** Stores OHIF's format: the voxels alone, in the image's order, unsigned and little-endian, of one or two bytes. */
    private static Path storeRaw(UploadedFile upload, Path folder) {
        Path file = folder.resolve("label.bin");
        try (var in = upload.content()) {
            WholeFile.write(file, in::transferTo);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LabelMap rawLabels(String name, Path file, Grid grid) {
        try {
            long bytes = Files.size(file);
            int voxels = grid.voxels();
            if (bytes != voxels && bytes != 2L * voxels) {
                throw new AttunetException(
                        name,
                        "it has " + bytes + " bytes for the image's " + voxels + " voxels",
                        "one or two bytes for each",
                        "send the label of this image");
            }
            ByteBuffer values = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            short[] labels = new short[voxels];
            for (int i = 0; i < voxels; i++) {
                labels[i] = bytes == voxels ? (short) (values.get(i) & 0xff) : values.getShort(2 * i);
            }
            return new LabelMap(grid, labels);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Labels on the image's grid: turned if they are the same points, else taken voxel for voxel if they almost are. */
    private static LabelMap fittedLabels(String name, Path file, Grid image) {
        boolean nrrd = Images.suffix(file).equals(".nrrd");
        Grid grid = nrrd ? NrrdLabels.readGrid(file) : Images.readGrid(file);
        Optional<Orientation> turn = Lattice.turn(grid, image);
        if (turn.isEmpty()) {
            requireFit(name, grid, image);
        }
        LabelMap labels = nrrd ? NrrdLabels.read(file) : Images.readLabels(file);
        return new LabelMap(
                image, turn.map(found -> found.apply(labels)).orElse(labels).voxels());
    }

    private static void requireFit(String name, Grid grid, Grid image) {
        if (!Arrays.equals(grid.size(), image.size())) {
            throw new AttunetException(name, "it has " + grid, image + " as the image", REMEDY);
        }
        for (int axis = 0; axis < 3; axis++) {
            if (!(cosine(grid, image, axis) > SAME_DIRECTION)) {
                throw new AttunetException(
                        name,
                        "its " + "xyz".charAt(axis) + " axis points elsewhere than the image's",
                        "the image's axes, so that sides are not swapped",
                        REMEDY);
            }
        }
        requireSamePlace(name, grid, image);
    }

    private static double cosine(Grid one, Grid other, int axis) {
        double sum = 0;
        for (int row = 0; row < 3; row++) {
            sum += one.affine()[row][axis] * other.affine()[row][axis];
        }
        return sum / one.spacing(axis) / other.spacing(axis);
    }

    /**
     * Refuses a mask of another series with the same size. Corners may differ by half a voxel's diagonal, the distance of a
     * voxel's corner from its centre: formats round, some in a way that makes axes not quite orthogonal.
     */
    private static void requireSamePlace(String name, Grid grid, Grid image) {
        double[][] here = image.affine();
        double[][] there = grid.affine();
        double most =
                Math.sqrt(Arrays.stream(image.spacing()).map(mm -> mm * mm).sum()) / 2;
        for (int corner = 0; corner < 8; corner++) {
            double squares = 0;
            for (int row = 0; row < 3; row++) {
                double off = there[row][3] - here[row][3];
                for (int axis = 0; axis < 3; axis++) {
                    int index = (corner >> axis & 1) * (image.size(axis) - 1);
                    off += (there[row][axis] - here[row][axis]) * index;
                }
                squares += off * off;
            }
            if (!(Math.sqrt(squares) <= most)) {
                throw new AttunetException(
                        name,
                        String.format(Locale.ROOT, "a corner of it lies %.2f mm from the image's", Math.sqrt(squares)),
                        String.format(Locale.ROOT, "at most half a voxel's diagonal, %.2f mm", most),
                        "send the label of this image, exported in its geometry");
            }
        }
    }

    private static void requireDeclared(String name, LabelMap labels, LabelSet declared) {
        for (int i = 0; i < labels.voxels().length; i++) {
            if (declared.classOf(labels.label(i)) < 0) {
                throw new AttunetException(
                        name,
                        "a voxel has the label " + labels.label(i),
                        "0 for the background or " + declared,
                        "use the labels that GET /info/ lists");
            }
        }
    }

    /** Whether two files hold the same image: the same bytes, or the same voxels on the same grid. */
    boolean same(Path one, Path other) {
        return inTurn("image", other, () -> {
            try {
                return Files.mismatch(one, other) < 0
                        || (Images.readGrid(one).sameAs(Images.readGrid(other), 1e-4)
                                && Arrays.deepEquals(
                                        Images.read(one).channels(),
                                        Images.read(other).channels()));
            } catch (IOException | AttunetException e) {
                return false; // an unreadable file is another one
            }
        });
    }

    /** Does something with a file when few others are read; failures name it as the client does. */
    <T> T inTurn(String name, Path file, Supplier<T> work) {
        try {
            if (!turns.tryAcquire(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new HttpFailure(503, "too many files are being read; try again later");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HttpFailure(503, "the server is stopping; try again later");
        }
        try {
            return work.get();
        } catch (AttunetException e) {
            throw InputException.of(name, List.of(file), e);
        } catch (OutOfMemoryError e) {
            throw InputException.outOfMemory(name, e);
        } finally {
            turns.release();
        }
    }
}
