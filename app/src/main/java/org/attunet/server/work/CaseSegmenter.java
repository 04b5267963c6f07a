package org.attunet.server.work;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.metrics.LabelVolume;
import org.attunet.predict.ResultFiles;
import org.attunet.predict.Segmentation;

/**
 * One image from its files to the mask's, in the input's own format and geometry: NIfTI compressed or not as it came, TIFF,
 * and PNG for all other pictures.
 *
 * @param mostVoxels the largest image that is taken
 * @param mostBytes of Java's heap that one image may take
 */
public record CaseSegmenter(long mostVoxels, long mostBytes) {
    private static final double NANOS = 1e9;
    private static final int FLOAT = 4;
    private static final int MASK = 2 * 2; // labels, and a copy on their way to the file
    private static final int MAPS = 8; // gates and uncertainty, as many as a deep network has

    /**
     * Segments a case and writes the result.
     *
     * @param folder where {@code mask.*} and what stands beside it are written
     * @param progress hears the share that is computed, 0 to 1; what it throws ends the work
     * @throws InputException where the image is at fault
     * @throws AttunetException where the result can't be written
     */
    public SegmentedCase run(
            ServedModel model, ImageCase given, Path folder, CaseOptions options, DoubleConsumer progress) {
        long began = System.nanoTime();
        Image image;
        Segmentation result;
        long read;
        try {
            image = given.read(model.channels());
            read = System.nanoTime();
            progress.accept(0);
            var segmenter = model.segmenter();
            result = segmenter.segment(image, options.over(segmenter.options()), progress);
        } catch (AttunetException e) {
            throw e.subject().equals("network") ? e : InputException.of(given, e);
        } catch (OutOfMemoryError e) {
            throw InputException.tooLarge(given, e);
        }
        long computed = System.nanoTime();
        try {
            boolean physical = Images.isNifti(given.files().get(0));
            Path mask = folder.resolve(
                    "mask" + maskSuffix(Images.suffix(given.files().get(0))));
            List<Path> files = write(model, image, result, mask, options, !physical);
            LabelSet labels = model.segmenter().model().labels();
            List<LabelVolume> volumes = LabelVolume.of(result.labels(), labels);
            ObjectNode summary = SegmentedCase.summary(
                    given.id(), model, result.labels().grid(), volumes, result.confidence(), physical);
            summary.putObject("seconds")
                    .put("read", (read - began) / NANOS)
                    .put("segment", (computed - read) / NANOS)
                    .put("write", (System.nanoTime() - computed) / NANOS);
            return new SegmentedCase(mask, files, summary);
        } catch (OutOfMemoryError e) {
            throw InputException.tooLarge(given, e);
        }
    }

    private static List<Path> write(
            ServedModel model, Image image, Segmentation result, Path mask, CaseOptions options, boolean picture) {
        List<Path> files = new ArrayList<>(new ResultFiles(mask).write(options.beside(result)));
        if (options.layers()) {
            Path folder = mask.resolveSibling("");
            files.addAll(
                    ViewerLayers.write(image, result, model.segmenter().model().labels(), picture, folder));
        }
        return files;
    }

    /**
     * Checks the headers against what the model takes and the server allows, without reading a voxel.
     *
     * @return the voxels of the image
     * @throws InputException if the image is at fault
     */
    public long check(ServedModel model, ImageCase given, CaseOptions options) {
        try {
            double bytes = 0;
            int channels = 0;
            for (Path file : given.files()) {
                Images.Header header = Images.readHeader(file);
                requireSuitable(model, given, header.grid());
                channels += header.channels();
                bytes += (double) header.grid().voxels() * header.channels() * FLOAT;
            }
            given.requireNumbers(model.channels());
            if (given.files().stream()
                    .allMatch(Images::isNifti)) { // pictures show their channels when they are decoded
                requireChannels(model, given, channels);
            }
            Grid first = Images.readGrid(given.files().get(0));
            bytes += results(model, first, options);
            if (bytes > mostBytes) {
                throw tooLarge(
                        given,
                        String.format(Locale.ROOT, "%s needs about %.0f MiB", first, bytes / (1 << 20)),
                        "at most " + (mostBytes >> 20) + " MiB for one image",
                        "crop or resample the image, ask for fewer maps, or have the server's -Xmx raised");
            }
            return first.voxels();
        } catch (AttunetException e) {
            throw InputException.of(given, e);
        }
    }

    private static void requireChannels(ServedModel model, ImageCase given, int channels) {
        given.requireChannels(channels, model.channels());
        if (channels != 1 && channels != model.channels()) {
            throw new AttunetException(
                    given.id(),
                    channels + " channels",
                    model.channels() > 1 ? "1 or " + model.channels() + " channels" : "1 channel",
                    "send the channels that the model " + model.name() + " takes");
        }
    }

    private void requireSuitable(ServedModel model, ImageCase given, Grid grid) {
        if (grid.voxels() > mostVoxels) {
            throw tooLarge(
                    given,
                    "it has " + grid.voxels() + " voxels (" + grid + ")",
                    "at most " + mostVoxels,
                    "crop or resample the image, or have the server's --max-voxels raised");
        }
        if (grid.dimension() < model.dimension()) {
            throw new AttunetException(
                    given.id(),
                    "a 2D image of " + grid,
                    "a 3D volume, as the model " + model.name() + " was trained on",
                    "send a volume or choose a 2D model");
        }
    }

    /** What an image takes of the heap at most beside itself: as the network wants it, and all results. */
    private static double results(ServedModel model, Grid grid, CaseOptions options) {
        ModelDescription description = model.segmenter().model();
        double channels = model.channels();
        double prepared = description.preprocessing().preparedGrid(grid).voxels();
        double maps = (options.probabilities() || options.layers()
                        ? description.shape().outputs()
                        : 0)
                + (options.attention() || options.uncertainty() || options.layers() ? MAPS : 0);
        return grid.voxels() * (FLOAT * (channels + maps) + MASK) + prepared * FLOAT * channels;
    }

    private static InputException tooLarge(ImageCase given, String found, String expected, String remedy) {
        return new InputException(InputException.Fault.TOO_LARGE, given.id(), found, expected, remedy);
    }

    /** The suffix of a mask for an image of a suffix: lossless, and of its kind. */
    public static String maskSuffix(String suffix) {
        return switch (suffix) {
            case ".nii", ".nii.gz" -> suffix;
            case ".tif", ".tiff" -> ".tif";
            default -> ".png";
        };
    }
}
