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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.NrrdLabels;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Uploads;
import org.attunet.server.work.InputException;

/**
 * What is asked of images and labels before the data store takes them: that they can be read to their end, and suit.
 *
 * <p>Thread-safe; few are read at a time, so that memory holds them.
 *
 * @param mostVoxels of an image
 * @param limit how long a client waits for its turn
 * @param turns how many are read at a time
 */
record VolumeUploads(long mostVoxels, Duration limit, Semaphore turns) {
    private static final double SAME_DIRECTION = 0.7; // cosine of 45 degrees

    VolumeUploads(long mostVoxels, Duration limit) {
        this(mostVoxels, limit, new Semaphore(2, true));
    }

    /**
     * Stores an upload that is a whole volume of one channel.
     *
     * @return its file in the folder
     * @throws InputException where it is none
     */
    Path image(UploadedFile upload, Path folder) {
        String theirs = Uploads.stem(upload.filename());
        Path file = Uploads.store(upload, folder, "image", theirs);
        var given = new ImageCase(theirs, List.of(file));
        if (!Images.suffix(file).startsWith(".nii")) {
            throw new InputException(
                    InputException.Fault.UNKNOWN_FORMAT,
                    theirs,
                    "it is a picture",
                    "a volume as NIfTI (.nii, .nii.gz)",
                    "send pictures to /infer or /api/segment; the data store holds volumes");
        }
        return inTurn(given, () -> {
            requireSize(theirs, Images.readGrid(file));
            Image image = Images.read(file);
            if (image.channels().length != 1) {
                throw new AttunetException(
                        theirs, "it has " + image.channels().length + " channels", "1", "send one channel");
            }
            return file;
        });
    }

    private void requireSize(String theirs, Grid grid) {
        if (grid.dimension() != 3) {
            throw new AttunetException(theirs, "a 2D image of " + grid, "a 3D volume", "send a volume");
        }
        if (grid.voxels() > mostVoxels) {
            throw new InputException(
                    InputException.Fault.TOO_LARGE,
                    theirs,
                    "it has " + grid.voxels() + " voxels (" + grid + ")",
                    "at most " + mostVoxels,
                    "crop or resample the image, or have the server's --max-voxels raised");
        }
    }

    /**
     * Reads an upload that labels an image.
     *
     * @param image the image's file, whose grid the label map gets
     * @param numbering the labels that may occur, and whether a label without names is understood
     * @param params what the client says of it; {@code label_info}, a list of {@code name} and {@code idx}, is what 3D
     *     Slicer says, see {@link LabelInfo}
     * @throws InputException where it can't be read, doesn't fit the image or holds other labels
     */
    LabelMap labels(UploadedFile upload, Path folder, Path image, LabelConflicts numbering, JsonNode params) {
        String theirs = Uploads.stem(upload.filename());
        boolean bare = upload.filename().endsWith(".bin");
        Path file = bare ? bare(upload, folder) : Uploads.storeLabels(upload, folder, "label", theirs);
        return inTurn(new ImageCase(theirs, List.of(file)), () -> {
            LabelInfo order = LabelInfo.of(params);
            if (order.names().isEmpty()) {
                numbering.requireClear(theirs, bare);
            }
            Grid grid = Images.readGrid(image);
            LabelMap labels = bare ? bareLabels(theirs, file, grid) : fitted(theirs, file, grid);
            order.apply(theirs, labels, numbering.declared());
            requireDeclared(theirs, labels, numbering.declared());
            return labels;
        });
    }

    /** OHIF sends the voxels alone: in the image's order, unsigned, little endian, of as many bytes as their number tells. */
    private static Path bare(UploadedFile upload, Path folder) {
        Path file = folder.resolve("label.bin");
        try (var in = upload.content()) {
            Files.createDirectories(folder);
            Files.copy(in, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static LabelMap bareLabels(String theirs, Path file, Grid grid) {
        try {
            long bytes = Files.size(file);
            int voxels = grid.voxels();
            if (bytes != voxels && bytes != 2L * voxels) {
                throw new AttunetException(
                        theirs,
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

    private static LabelMap fitted(String theirs, Path file, Grid image) {
        boolean nrrd = Images.suffix(file).equals(".nrrd");
        Grid grid = nrrd ? NrrdLabels.readGrid(file) : Images.readGrid(file);
        if (!Arrays.equals(grid.size(), image.size())) {
            throw new AttunetException(
                    theirs, "it has " + grid, image + " as the image", "export the label in the geometry of its image");
        }
        for (int axis = 0; axis < 3; axis++) {
            if (!(cosine(grid, image, axis) > SAME_DIRECTION)) {
                throw new AttunetException(
                        theirs,
                        "its " + "xyz".charAt(axis) + " axis points elsewhere than the image's",
                        "the image's axes, so that sides are not swapped",
                        "export the label in the geometry of its image");
            }
        }
        requireSamePlace(theirs, grid, image);
        LabelMap labels = nrrd ? NrrdLabels.read(file) : Images.readLabels(file);
        return new LabelMap(image, labels.voxels());
    }

    private static double cosine(Grid one, Grid other, int axis) {
        double sum = 0;
        for (int row = 0; row < 3; row++) {
            sum += one.affine()[row][axis] * other.affine()[row][axis];
        }
        return sum / one.spacing(axis) / other.spacing(axis);
    }

    /**
     * Another series of the same size is another place. Corners may differ by half a voxel's diagonal, as far as a voxel's
     * own points lie from its centre: formats round, and some make axes that are not quite orthogonal so.
     */
    private static void requireSamePlace(String theirs, Grid grid, Grid image) {
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
                        theirs,
                        String.format(Locale.ROOT, "a corner of it lies %.2f mm from the image's", Math.sqrt(squares)),
                        String.format(Locale.ROOT, "at most half a voxel's diagonal, %.2f mm", most),
                        "send the label of this image, exported in its geometry");
            }
        }
    }

    private static void requireDeclared(String theirs, LabelMap labels, LabelSet declared) {
        for (int i = 0; i < labels.voxels().length; i++) {
            if (declared.classOf(labels.label(i)) < 0) {
                throw new AttunetException(
                        theirs,
                        "a voxel has the label " + labels.label(i),
                        "0 for the background or " + declared,
                        "use the labels that GET /info/ tells");
            }
        }
    }

    /** Whether two files hold the same image, in the same bytes or as the same voxels on the same grid. */
    boolean same(Path one, Path other) {
        return inTurn(new ImageCase("image", List.of(other)), () -> {
            try {
                return Files.mismatch(one, other) < 0
                        || (Images.readGrid(one).sameAs(Images.readGrid(other), 1e-4)
                                && Arrays.deepEquals(
                                        Images.read(one).channels(),
                                        Images.read(other).channels()));
            } catch (IOException | AttunetException e) {
                return false; // one that can't be read is another
            }
        });
    }

    private <T> T inTurn(ImageCase given, Supplier<T> work) {
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
            throw InputException.of(given, e);
        } catch (OutOfMemoryError e) {
            throw InputException.tooLarge(given, e);
        } finally {
            turns.release();
        }
    }
}
