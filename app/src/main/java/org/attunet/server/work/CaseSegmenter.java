package org.attunet.server.work;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleConsumer;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.SeriesResult;
import org.attunet.predict.CasePrediction;
import org.attunet.predict.ImageKind;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.ResultFiles;
import org.attunet.predict.ResultOptions;
import org.attunet.predict.Segmentation;
import org.attunet.predict.SegmenterOptions;

/**
 * Segments images from their files to result files, in the input's own format and geometry: NIfTI, compressed or not like the
 * input; TIFF; PNG for all other pictures.
 *
 * @param mostVoxels the largest image
 * @param memory from which each image takes what it needs while it is computed
 */
public record CaseSegmenter(long mostVoxels, HeapMemory memory) {
    /** An image may be padded and resampled to this many times the largest image. */
    private static final int MOST_PADDING = 2;

    private static final int FLOAT = 4;
    private static final int MASK = 2 * 2; // labels, and a copy on their way to the file
    private static final int MAPS = 8; // of gates and uncertainty, as many as a deep network has
    private static final int OBJECTS = 8; // energy, numbers, basins and distances while objects are found

    /**
     * What an image costs.
     *
     * @param voxels that the model computes, padded ones included
     * @param bytes of Java's heap
     */
    public record Cost(double voxels, long bytes) {}

    /**
     * Segments an image and writes the result; waits until there is memory for it.
     *
     * @param cost as {@link #check} found it
     * @param folder for {@code mask.*} and the files beside it
     * @param progress receives the computed share, 0 to 1; what it throws ends the work
     * @throws InputException if the image is at fault
     * @throws AttunetException if the result can't be written
     */
    public SegmentedCase run(
            ServedModel model, ImageCase input, Cost cost, Path folder, CaseOptions options, DoubleConsumer progress) {
        try (HeapMemory.Share share = memory.share()) {
            share.await(cost.bytes());
            return run(model, input.withPixelSize(options.pixelSize()), folder, options, progress);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("nobody waits for the result");
        } catch (OutOfMemoryError e) {
            throw InputException.outOfMemory(input.id(), e);
        }
    }

    private static SegmentedCase run(
            ServedModel model, ImageCase input, Path folder, CaseOptions options, DoubleConsumer progress) {
        long start = System.nanoTime();
        var read = new AtomicLong();
        SegmenterOptions all = options.over(model.segmenter().options(), model);
        Segmentation found = segment(model, input, all, share -> {
            read.compareAndSet(0, System.nanoTime()); // the first share is reported after reading
            progress.accept(share);
        });
        Set<ObjectForm> forms = options.objectsOf(model);
        CaseObjects objects = forms.isEmpty() ? null : CaseObjects.in(model, found, input.read(model.channels()));
        Segmentation result = ObjectSegmentation.withoutLevels(model.segmenter(), found);
        long computed = System.nanoTime();
        Path first = input.files().get(0);
        ImageKind kind = ImageKind.of(first, result.labels().grid());
        boolean dicom = input.isSeries() && !options.forms().contains(SeriesResult.Kind.NIFTI);
        Path mask = folder.resolve("mask" + (dicom ? ".dcm" : maskSuffix(Images.suffix(first))));
        var results = new ResultFiles(mask, new ResultOptions(false, false, options.forms(), null));
        List<Path> files = new ArrayList<>(results.write(
                options.requested(result), input, model.segmenter().model()));
        results.regionFiles(result.labelSet())
                .forEach((value, file) -> files.replaceAll(written -> written.equals(file)
                        ? besideMask(file, SegmentedCase.LABEL + value + Images.suffix(file), folder)
                        : written));
        if (options.layers()) {
            files.addAll(ViewerLayers.write(
                    input.read(model.channels()), result, objects, kind == ImageKind.PICTURE, folder));
        }
        ObjectNode summary = SegmentedCase.summary(input.id(), model, result, kind);
        if (objects != null) {
            files.addAll(objects.write(forms, maskSuffix(Images.suffix(first)), folder));
            summary.set("objects", objects.json());
        }
        if (options.pixelSize() != null && input.hasOwnSize()) {
            summary.withArray("warnings").add("pixel_size doesn't apply: the image has a size of its own");
        }
        summary.putObject("seconds")
                .put("read", (read.get() - start) / 1e9)
                .put("segment", (computed - read.get()) / 1e9)
                .put("write", (System.nanoTime() - computed) / 1e9);
        return new SegmentedCase(mask, files, summary);
    }

    /** Moves the mask of a label, whose folder has a name that isn't for addresses. */
    private static Path besideMask(Path file, String name, Path folder) {
        try {
            return Files.move(file, folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Segmentation segment(
            ServedModel model, ImageCase input, SegmenterOptions options, DoubleConsumer progress) {
        try {
            return CasePrediction.segment(model.segmenter(), input, options, (name, plan) -> {}, progress);
        } catch (AttunetException e) {
            throw e.subject().equals("network") ? e : InputException.of(input.id(), input.files(), e);
        }
    }

    /**
     * Checks the headers against the model and the server's limits, without reading voxels.
     *
     * @return what it will cost
     * @throws InputException if the image is at fault
     */
    public Cost check(ServedModel model, ImageCase input, CaseOptions options) {
        try {
            double bytes = 0;
            int channels = 0;
            List<Images.Header> headers = headers(input);
            for (Images.Header header : headers) {
                requireSuitable(model, input.id(), header.grid());
                channels += header.channels();
                bytes += (double) header.grid().voxels() * header.channels() * FLOAT;
            }
            input.requireNumbers(model.channels());
            if (input.isSeries()
                    || input.files().stream()
                            .allMatch(Images::isNifti)) { // pictures reveal their channels when decoded
                requireChannels(model, input, channels);
            }
            Grid first = input.isSeries() // whose headers are many files
                    ? headers.get(0).grid()
                    : input.withPixelSize(options.pixelSize()).readGrid();
            requireOutlines(input.id(), first, options);
            if (input.isSeries()) {
                SeriesResult.requireForms(input.id(), model.labels(), options.forms());
            }
            if (!options.objectsOf(model).isEmpty()) {
                ObjectSegmentation.requireSeparable(model.segmenter());
            }
            bytes += resultBytes(model, first, options);
            if (bytes > memory.most()) {
                throw new InputException(
                        InputException.Fault.TOO_LARGE,
                        input.id(),
                        String.format(Locale.ROOT, "%s needs about %.0f MiB", first, bytes / (1 << 20)),
                        "at most " + (memory.most() >> 20) + " MiB for one image",
                        "crop or resample the image, ask for fewer maps, or have the server's -Xmx raised");
            }
            return new Cost(requirePadded(model, input.id(), first), (long) bytes);
        } catch (AttunetException e) {
            throw InputException.of(input.id(), input.files(), e);
        }
    }

    private static List<Images.Header> headers(ImageCase input) {
        return input.isSeries()
                ? List.of(input.readHeader())
                : input.files().stream().map(Images::readHeader).toList();
    }

    private static void requireChannels(ServedModel model, ImageCase input, int channels) {
        input.requireChannels(channels, model.channels());
        if (channels != 1 && channels != model.channels()) {
            throw new AttunetException(
                    input.id(),
                    channels + " channels",
                    model.channels() > 1 ? "1 or " + model.channels() + " channels" : "1 channel",
                    "send the channels that the model " + model.name() + " takes");
        }
    }

    private void requireSuitable(ServedModel model, String name, Grid grid) {
        if (grid.voxels() > mostVoxels) {
            throw InputException.tooManyVoxels(name, grid, mostVoxels);
        }
        if (grid.dimension() < model.dimension()) {
            throw new AttunetException(
                    name,
                    "a 2D image of " + grid,
                    "a 3D volume, as the model " + model.name() + " was trained on",
                    "send a volume or choose a 2D model");
        }
    }

    private static void requireOutlines(String name, Grid grid, CaseOptions options) {
        Set<ObjectForm> objects = options.objects();
        if (grid.dimension() == 3 && objects != null && objects.stream().anyMatch(ObjectForm::outlines)) {
            throw new AttunetException(
                    name, "a volume of " + grid, "a 2D image for outlines of objects", "ask for as=labels or as=table");
        }
    }

    private double requirePadded(ServedModel model, String name, Grid grid) {
        double padded = model.segmenter().paddedVoxels(grid);
        if (padded > MOST_PADDING * (double) mostVoxels) {
            throw new InputException(
                    InputException.Fault.TOO_LARGE,
                    name,
                    String.format(
                            Locale.ROOT, "the model computes %.0f voxels for %s, resampled and padded", padded, grid),
                    "at most " + MOST_PADDING * mostVoxels,
                    "crop or resample the image, or have the server's --max-voxels raised");
        }
        return padded;
    }

    /** Returns the most heap that an image takes beside itself: its prepared copy and all results. */
    private static double resultBytes(ServedModel model, Grid grid, CaseOptions options) {
        double channels = model.channels();
        boolean objects = !options.objectsOf(model).isEmpty();
        double prepared =
                model.segmenter().model().preprocessing().preparedGrid(grid).voxels();
        double maps = (options.probabilities() || options.layers() || objects ? model.outputs() : 0)
                + (objects ? OBJECTS : 0)
                + (options.attention() || options.uncertainty() || options.layers() ? MAPS : 0);
        return grid.voxels() * (FLOAT * (channels + maps) + MASK) + prepared * FLOAT * channels;
    }

    private static String maskSuffix(String suffix) {
        return switch (suffix) {
            case ".nii", ".nii.gz" -> suffix;
            case ".dcm" -> ".nii.gz";
            case ".tif", ".tiff" -> ".tif";
            default -> ".png";
        };
    }
}
