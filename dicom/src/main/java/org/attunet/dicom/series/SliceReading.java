package org.attunet.dicom.series;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.PixelFormat;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.pixel.Frames;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.jspecify.annotations.Nullable;

/** The values of a volume's slices, read by all processors. */
final class SliceReading {
    /** The frames that are read from a file that was opened once. */
    private static final int FRAMES = 32;

    private final List<Slice> slices;
    private final DoubleConsumer progress;
    private final int channels;

    /** Takes a slice's channels, each row by row. */
    private interface Taker {
        void take(int slice, float[][] channels);
    }

    /**
     * @param progress receives the share of slices that are read, on the thread that calls
     */
    SliceReading(List<Slice> slices, DoubleConsumer progress) {
        this.slices = slices;
        this.progress = progress;
        this.channels = channels(slices.get(0));
    }

    /** The channels of a slice's image. */
    static int channels(Slice slice) {
        try (Frames frames = Frames.open(slice.file())) {
            return new Values(slice, frames.format()).channels();
        }
    }

    /** Reads a slice, so that it fails if it can't be read. */
    static void check(Slice slice) {
        try (Frames frames = Frames.open(slice.file())) {
            new Values(slice, frames.format()).read(frames, slice.frame());
        } catch (AttunetException e) {
            throw Slice.named(slice.file().path(), e);
        }
    }

    /** Returns the channels of a volume whose planes are the slices. */
    float[][] even(SliceGrid lattice) {
        Grid grid = lattice.grid();
        float[][] volume = new float[channels][grid.voxels()];
        int columns = grid.size(0);
        int rows = grid.size(1);
        read((slice, values) -> {
            for (int channel = 0; channel < channels; channel++) {
                for (int y = 0; y < rows; y++) {
                    int to = (slice * rows + lattice.row(y)) * columns;
                    System.arraycopy(values[channel], y * columns, volume[channel], to, columns);
                }
            }
        });
        return volume;
    }

    /** Returns the channels of a volume between whose slices the values are linear; outside them it has its padding or lowest value. */
    float[][] resampled(Resampling resampling) {
        float[][][] all = new float[channels][slices.size()][];
        Float padding = padding();
        read((slice, values) -> {
            for (int channel = 0; channel < channels; channel++) {
                all[channel][slice] = values[channel];
                for (int k = 0; padding != null && k < values[channel].length; k++) {
                    if (values[channel][k] == padding) {
                        values[channel][k] = Float.NaN;
                    }
                }
            }
        });
        return Arrays.stream(all)
                .map(pixels -> resampling.values(pixels, padding == null ? lowest(pixels) : padding))
                .toArray(float[][]::new);
    }

    private static float lowest(float[][] pixels) {
        float lowest = Float.POSITIVE_INFINITY;
        for (float[] slice : pixels) {
            for (float value : slice) {
                lowest = Math.min(lowest, value);
            }
        }
        return lowest;
    }

    /** The intensity of pixels outside the image; null if there are none. */
    private @Nullable Float padding() {
        Slice first = slices.get(0);
        PixelFormat format = PixelFormat.of(first.file());
        int tag = !format.real()
                ? Tag.PIXEL_PADDING_VALUE
                : format.allocated() == 32 ? Tag.FLOAT_PIXEL_PADDING_VALUE : Tag.DOUBLE_FLOAT_PIXEL_PADDING_VALUE;
        double[] padding = first.file().elements().numbers(tag);
        if (padding.length == 0 || channels > 1) {
            return null;
        }
        boolean unstated = format.signed() && !format.real() && padding[0] > Short.MAX_VALUE; // US instead of SS
        return new Values(first, format).intensity(unstated ? (short) padding[0] : (float) padding[0]);
    }

    private void read(Taker taker) {
        Map<DicomFile, List<Integer>> places = new LinkedHashMap<>();
        for (int k = 0; k < slices.size(); k++) {
            places.computeIfAbsent(slices.get(k).file(), file -> new ArrayList<>())
                    .add(k);
        }
        List<List<Integer>> parts = new ArrayList<>();
        places.forEach((file, own) -> {
            int most = file.unpacksWhole() ? own.size() : FRAMES;
            for (int from = 0; from < own.size(); from += most) {
                parts.add(own.subList(from, Math.min(own.size(), from + most)));
            }
        });
        Interruption.check();
        Thread caller = Thread.currentThread();
        AtomicInteger done = new AtomicInteger();
        IntStream.range(0, parts.size()).parallel().forEach(part -> {
            if (!caller.isInterrupted()) {
                read(parts.get(part), taker, done, caller);
            }
        });
        Interruption.check();
        progress.accept(1);
    }

    private void read(List<Integer> part, Taker taker, AtomicInteger done, Thread caller) {
        try (Frames frames = Frames.open(slices.get(part.get(0)).file())) {
            for (int k : part) {
                if (caller.isInterrupted()) {
                    return;
                }
                Slice slice = slices.get(k);
                Values values = new Values(slice, frames.format());
                if (values.channels() != channels) {
                    throw new AttunetException(
                            slice.file().path(),
                            values.channels() + " channels",
                            "as many as other slices have",
                            "export the series again");
                }
                taker.take(k, values.read(frames, slice.frame()));
                int read = done.incrementAndGet();
                if (Thread.currentThread() == caller && read < slices.size()) {
                    progress.accept(read / (double) slices.size());
                }
            }
        } catch (AttunetException e) {
            throw Slice.named(slices.get(part.get(0)).file().path(), e);
        }
    }
}
