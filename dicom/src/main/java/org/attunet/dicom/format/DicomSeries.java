package org.attunet.dicom.format;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.InputFiles;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.result.NamedStructures;
import org.attunet.dicom.result.PlacedMask;
import org.attunet.dicom.result.SegmentationFile;
import org.attunet.dicom.result.StructureSetFile;
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
        DicomFile found = DicomFile.read(single(file));
        if (StructureSetFile.isOne(found)) {
            StructureSetFile contours = StructureSetFile.of(found);
            Map<Integer, String> names = new TreeMap<>();
            contours.regions().forEach(region -> names.put(region.number(), region.name()));
            return noted(found, stored(names, labels, () -> contours.mask(series), own -> contours.mask(series, own)));
        }
        SegmentationFile segmentation = SegmentationFile.of(found);
        Map<Integer, String> names = new TreeMap<>();
        segmentation.segments().forEach(segment -> names.put(segment.number(), segment.name()));
        return noted(
                found, stored(names, labels, () -> segmentation.mask(series), own -> segmentation.mask(series, own)));
    }

    /** A mask of another study lies here by its position alone, perhaps another person's. */
    private StoredMask noted(DicomFile file, StoredMask mask) {
        String study = file.elements().text(Tag.STUDY_INSTANCE_UID);
        if (study.isEmpty() || series.studyUid().isEmpty() || study.equals(series.studyUid())) {
            return mask;
        }
        List<String> notes = new ArrayList<>(mask.notes());
        notes.add("the mask is of another study than the image; it was placed by its position");
        return new StoredMask(mask.labels(), mask.source(), notes);
    }

    /** Reads a mask by the names of labels, or by numbers if none is asked for, or no name but all numbers are labels. */
    private static StoredMask stored(
            Map<Integer, String> names,
            @Nullable LabelSet labels,
            Supplier<PlacedMask> byNumber,
            Function<LabelSet, PlacedMask> byName) {
        LabelSet wanted = labels != null && areNamed(names, labels) ? labels : null;
        PlacedMask read = wanted == null ? byNumber.get() : byName.apply(wanted);
        Map<Integer, String> shown = wanted == null ? names : wanted.asMap();
        return new StoredMask(read.labels(), new StoredMask.Source(false, Map.of(), shown), read.notes());
    }

    private static boolean areNamed(Map<Integer, String> names, LabelSet labels) {
        return NamedStructures.any(names.values(), labels)
                || !names.keySet().stream().allMatch(number -> labels.classOf(number) > 0);
    }

    /** The only file of a folder. */
    private static Path single(Path file) {
        if (!Files.isDirectory(file)) {
            return file;
        }
        List<Path> files = InputFiles.of(file).files().stream()
                .filter(DicomFile::looksLike)
                .toList();
        if (files.size() == 1) {
            return files.get(0);
        }
        throw new AttunetException(
                file,
                files.size() + " DICOM files as the mask of one image",
                "one file: a segmentation or contours",
                "leave one in the folder");
    }

    @Override
    public List<Path> write(SeriesResult result, Path mask) {
        return new ResultWriting(series, result, mask).write();
    }
}
