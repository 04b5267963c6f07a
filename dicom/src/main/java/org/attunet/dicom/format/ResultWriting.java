package org.attunet.dicom.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.attunet.dicom.result.Algorithm;
import org.attunet.dicom.result.CodedLabel;
import org.attunet.dicom.result.Codes;
import org.attunet.dicom.result.SegmentationWriter;
import org.attunet.dicom.result.StructureSetWriter;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.attunet.io.SeriesResult;
import org.attunet.io.SeriesResult.Kind;

/** The files of one result: the mask last, so that nothing is missing if it exists. */
final class ResultWriting {
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
        algorithm = new Algorithm(result.model(), "");
    }

    List<Path> write() {
        Set<Kind> kinds = result.kinds();
        if (series.isPicture() && !Set.of(Kind.SEG).containsAll(kinds)) {
            throw new AttunetException(
                    mask,
                    "other forms than seg for a picture that doesn't say where it lies",
                    "a segmentation, which refers to the picture by name",
                    "ask for seg alone");
        }
        if (result.probabilities() != null) {
            writeProbabilities(result.probabilities());
        }
        if (kinds.contains(Kind.LABELMAP)) {
            Path file = kinds.contains(Kind.SEG) ? beside("labelmap") : mask;
            SegmentationWriter.writeLabelMap(file, series, result.labels(), labels, algorithm);
            written.add(file);
        }
        if (kinds.contains(Kind.RTSTRUCT)) {
            Path file = beside("rtstruct");
            StructureSetWriter.write(file, series, result.labels(), labels, algorithm);
            written.add(file);
        }
        if (kinds.contains(Kind.SEG)) {
            SegmentationWriter.write(mask, series, result.labels(), labels, algorithm);
            written.add(mask);
        }
        return written;
    }

    private void writeProbabilities(Image all) {
        float[][] channels = all.channels();
        int background = channels.length - labels.size();
        Image ofLabels = new Image(all.grid(), Arrays.copyOfRange(channels, background, channels.length));
        Path file = beside("probabilities");
        SegmentationWriter.writeProbabilities(file, series, ofLabels, labels, algorithm);
        written.add(file);
    }

    private Path beside(String name) {
        return mask.resolveSibling(Images.stem(mask) + "_" + name + ".dcm");
    }
}
