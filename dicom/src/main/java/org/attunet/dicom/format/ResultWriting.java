package org.attunet.dicom.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.attunet.dicom.result.Algorithm;
import org.attunet.dicom.result.CodedLabel;
import org.attunet.dicom.result.Codes;
import org.attunet.dicom.result.MeasurementReport;
import org.attunet.dicom.result.ParametricMapWriter;
import org.attunet.dicom.result.PictureWriter;
import org.attunet.dicom.result.SegmentationWriter;
import org.attunet.dicom.result.StructureSetWriter;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.attunet.io.SeriesResult;
import org.attunet.io.SeriesResult.Kind;

/** The files of one result. */
final class ResultWriting {
    /** What a picture that lies nowhere can have. */
    private static final Set<Kind> OF_PICTURES = EnumSet.of(Kind.SEG, Kind.SC);

    private final Series series;
    private final SeriesResult result;
    private final Path mask;
    private final List<CodedLabel> labels;
    private final Algorithm algorithm;
    private final List<Path> written = new ArrayList<>();

    ResultWriting(Series series, SeriesResult result, Path mask) {
        this.series = series;
        this.result = result;
        this.mask = mask;
        labels =
                Codes.of("codes of the model " + result.model(), result.codes()).of(result.labelSet());
        algorithm = result.model().isEmpty() ? Algorithm.NONE : new Algorithm(result.model(), "");
    }

    List<Path> write() {
        requirePossible();
        Set<Kind> kinds = result.kinds();
        if (result.probabilities() != null) {
            writeProbabilities(result.probabilities());
        }
        result.maps().forEach(this::writeMaps);
        if (kinds.contains(Kind.RTSTRUCT)) {
            StructureSetWriter.write(beside("rtstruct"), series, result.labels(), labels, algorithm);
        }
        if (kinds.contains(Kind.SC)) {
            PictureWriter.write(beside("sc"), series, series.image(share -> {}), result.labels(), algorithm);
        }
        if (kinds.contains(Kind.LABELMAP)) {
            Path file = kinds.contains(Kind.SEG) ? beside("labelmap") : mask;
            SegmentationWriter.writeLabelMap(file, series, result.labels(), labels, algorithm);
        }
        if (kinds.contains(Kind.SEG)) {
            if (result.labelSet().hasRegions()) {
                SegmentationWriter.writeRegions(mask, series, result.labels(), result.labelSet(), labels, algorithm);
            } else {
                SegmentationWriter.write(mask, series, result.labels(), labels, algorithm);
            }
        }
        if (kinds.contains(Kind.SR)) { // which names the segmentation
            MeasurementReport.write(beside("sr"), series, result.labels(), labels, algorithm, mask);
        }
        if (kinds.contains(Kind.SEG) || kinds.contains(Kind.LABELMAP)) {
            written.add(mask);
        }
        return written;
    }

    /** Before anything is written. */
    private void requirePossible() {
        Set<Kind> kinds = result.kinds();
        SeriesResult.requireForms(mask.toString(), result.labelSet(), kinds);
        if (series.isPicture()
                && !(OF_PICTURES.containsAll(kinds) && result.maps().isEmpty())) {
            throw new AttunetException(
                    mask,
                    "other forms than seg and sc for a picture that doesn't say where it lies",
                    "a segmentation, which refers to the picture by name, or pictures",
                    "ask for seg or sc, without maps, or convert the picture to PNG");
        }
        if (kinds.contains(Kind.SR) && !kinds.contains(Kind.SEG) && !kinds.contains(Kind.LABELMAP)) {
            throw new AttunetException(
                    mask, "a report without a segmentation, which it names", "both", "ask for seg and sr");
        }
    }

    private void writeProbabilities(Image all) {
        float[][] channels = all.channels();
        int background = channels.length - labels.size();
        Image ofLabels = new Image(all.grid(), Arrays.copyOfRange(channels, background, channels.length));
        SegmentationWriter.writeProbabilities(beside("probabilities"), series, ofLabels, labels, algorithm);
    }

    private void writeMaps(String name, Image maps) {
        int count = maps.channels().length;
        for (int channel = 0; channel < count; channel++) {
            String one = count == 1 ? name : name + "_" + (channel + 1);
            Image map = Image.of(maps.grid(), maps.channel(channel));
            ParametricMapWriter.write(beside(one), series, map, one.replace('_', ' '), algorithm);
        }
    }

    /** Returns a file beside the mask, which will be written. */
    private Path beside(String name) {
        Path file = mask.resolveSibling(Images.stem(mask) + "_" + name + ".dcm");
        written.add(file);
        return file;
    }
}
