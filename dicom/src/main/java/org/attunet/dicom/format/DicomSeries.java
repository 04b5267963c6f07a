package org.attunet.dicom.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.result.PlacedMask;
import org.attunet.dicom.result.Segment;
import org.attunet.dicom.result.SegmentationFile;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.SeriesResult;
import org.attunet.io.StoredMask;
import org.attunet.io.StoredSeries;
import org.jspecify.annotations.Nullable;

/** A DICOM series for {@link StoredSeries}. */
final class DicomSeries implements StoredSeries {
    private final Series series;
    private final List<String> notes;

    /** @param notes what else the user should know */
    DicomSeries(Series series, List<String> notes) {
        this.series = series;
        this.notes = notes;
    }

    @Override
    public String label() {
        return series.label();
    }

    @Override
    public List<Path> files() {
        return series.files();
    }

    @Override
    public int firstFrame() {
        return series.slices().get(0).frame() + 1;
    }

    @Override
    public Images.Header header() {
        return new Images.Header(series.grid(), series.channels(), !series.isPicture());
    }

    @Override
    public Image image(DoubleConsumer progress) {
        return series.image(progress);
    }

    @Override
    public List<String> notes() {
        return Stream.concat(notes.stream(), series.notes().stream()).toList();
    }

    @Override
    public StoredMask mask(Path file, @Nullable LabelSet labels) {
        SegmentationFile segmentation = SegmentationFile.read(single(file));
        PlacedMask read = labels == null || hasNumbersOf(labels, segmentation)
                ? segmentation.mask(series)
                : segmentation.mask(series, labels);
        return new StoredMask(read.labels(), StoredMask.Source.VALUES, read.notes());
    }

    /** The only file of a folder. */
    private static Path single(Path file) {
        if (!Files.isDirectory(file)) {
            return file;
        }
        try (Stream<Path> all = Files.walk(file)) {
            List<Path> files = all.filter(DicomFile::looksLike).toList();
            if (files.size() == 1) {
                return files.get(0);
            }
            throw new AttunetException(
                    file,
                    files.size() + " DICOM files as the mask of one image",
                    "one file: a segmentation or contours",
                    "leave one in the folder");
        } catch (IOException | UncheckedIOException e) {
            throw new AttunetException(file.toString(), "it can't be read (" + e + ")", "a file", "check it", e);
        }
    }

    /** Whether no segment has a label's name, but all numbers are labels. */
    private static boolean hasNumbersOf(LabelSet labels, SegmentationFile segmentation) {
        List<Segment> segments = segmentation.segments();
        return segments.stream().noneMatch(one -> labels.names().contains(one.name()))
                && segments.stream().allMatch(one -> labels.classOf(one.number()) > 0);
    }

    @Override
    public List<Path> write(SeriesResult result, Path mask) {
        return new ResultWriting(series, result, mask).write();
    }
}
