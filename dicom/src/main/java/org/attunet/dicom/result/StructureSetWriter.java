package org.attunet.dicom.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.LabelMap;

/**
 * Writes masks of a series as contours, as radiotherapy plans them: an RT Structure Set (PS3.3, A.19 and C.8.8.5) of the images'
 * study in a series of its own.
 *
 * <p>Contours run along the borders of pixels, so that the centres of exactly the mask's pixels lie within. Each object of a
 * slice is one closed polygon; holes are joined to its outside by channels without width. All labels are regions of interest,
 * also those without contours, numbered from 1.
 *
 * <p>Thread-safe.
 */
public final class StructureSetWriter {
    private static final String DETACHED_STUDY = "1.2.840.10008.3.1.2.3.1"; // retired, but what the standard asks for

    private final Series series;
    private final Planes planes;
    private final List<CodedLabel> labels;
    private final String frameOfReference;

    private StructureSetWriter(Series series, Planes planes, List<CodedLabel> labels, String frameOfReference) {
        this.series = series;
        this.planes = planes;
        this.labels = labels;
        this.frameOfReference = frameOfReference;
    }

    /**
     * Writes a mask's contours.
     *
     * @param target the file, written whole or not at all
     * @param series what was segmented
     * @param mask on the series' grid
     * @param labels all that the mask may have
     * @param algorithm what made the mask
     * @throws AttunetException if the mask lies elsewhere or has other labels, or the file can't be written
     */
    public static void write(Path target, Series series, LabelMap mask, List<CodedLabel> labels, Algorithm algorithm) {
        Planes planes = Planes.ofVolume(target, series, mask.grid());
        DataSet set = ResultHeader.of(series, ResultKind.STRUCTURE_SET, algorithm);
        ResultHeader.frameOfReference(set, series);
        set.put(ContourTag.OPERATORS_NAME, Vr.PN, new String[0]);
        set.put(ContourTag.STRUCTURE_SET_LABEL, Vr.SH, "SEGMENTATION");
        set.put(ContourTag.STRUCTURE_SET_NAME, Vr.LO, set.text(Tag.SERIES_DESCRIPTION));
        set.put(ContourTag.STRUCTURE_SET_DATE, Vr.DA, set.text(ResultTag.CONTENT_DATE));
        set.put(ContourTag.STRUCTURE_SET_TIME, Vr.TM, set.text(Tag.CONTENT_TIME));
        set.remove(ResultTag.CONTENT_DATE);
        set.remove(Tag.CONTENT_TIME);
        var writer = new StructureSetWriter(series, planes, labels, set.text(ResultTag.FRAME_OF_REFERENCE_UID));
        set.put(
                ContourTag.REFERENCED_FRAME_OF_REFERENCE_SEQUENCE,
                List.of(writer.references(set.text(Tag.STUDY_INSTANCE_UID))));
        set.put(ContourTag.STRUCTURE_SET_ROI_SEQUENCE, writer.regions(algorithm));
        set.put(ContourTag.ROI_CONTOUR_SEQUENCE, writer.contours(mask));
        set.put(ContourTag.RT_ROI_OBSERVATIONS_SEQUENCE, writer.observations());
        DicomWriter.write(target, set);
    }

    private DataSet references(String study) {
        DataSet inSeries = new DataSet();
        inSeries.put(Tag.SERIES_INSTANCE_UID, Vr.UI, series.uid());
        inSeries.put(
                ContourTag.CONTOUR_IMAGE_SEQUENCE,
                series.slices().stream().map(SourceImages::slice).toList());
        DataSet inStudy = new DataSet();
        inStudy.put(ResultTag.REFERENCED_SOP_CLASS_UID, Vr.UI, DETACHED_STUDY);
        inStudy.put(ResultTag.REFERENCED_SOP_INSTANCE_UID, Vr.UI, study);
        inStudy.put(ContourTag.RT_REFERENCED_SERIES_SEQUENCE, List.of(inSeries));
        DataSet frame = new DataSet();
        frame.put(ResultTag.FRAME_OF_REFERENCE_UID, Vr.UI, frameOfReference);
        frame.put(ContourTag.RT_REFERENCED_STUDY_SEQUENCE, List.of(inStudy));
        return frame;
    }

    private List<DataSet> regions(Algorithm algorithm) {
        List<DataSet> regions = new ArrayList<>();
        for (CodedLabel label : labels) {
            DataSet region = new DataSet();
            region.put(ContourTag.ROI_NUMBER, Vr.IS, regions.size() + 1);
            region.put(ContourTag.REFERENCED_FRAME_OF_REFERENCE_UID, Vr.UI, frameOfReference);
            region.put(ContourTag.ROI_NAME, Vr.LO, Texts.line(label.name(), "label " + label.value()));
            region.put(ContourTag.ROI_GENERATION_ALGORITHM, Vr.CS, algorithm.type());
            regions.add(region);
        }
        return regions;
    }

    private List<DataSet> contours(LabelMap mask) {
        List<List<DataSet>> contours = new ArrayList<>();
        labels.forEach(label -> contours.add(new ArrayList<>()));
        LabelIndex index = LabelIndex.of(series, labels);
        for (int plane = 0; plane < planes.size(); plane++) {
            Interruption.check();
            short[] pixels = series.toSlice(mask, plane);
            boolean[] present = index.present(pixels);
            PlaneContours tracing = new PlaneContours(planes.slice(plane), pixels);
            for (int k = 0; k < labels.size(); k++) {
                if (present[k]) {
                    contours.get(k)
                            .addAll(tracing.of(
                                    labels.get(k).value(), contours.get(k).size()));
                }
            }
        }
        List<DataSet> regions = new ArrayList<>();
        for (int k = 0; k < labels.size(); k++) {
            int colour = labels.get(k).colour();
            DataSet region = new DataSet();
            region.put(ContourTag.ROI_DISPLAY_COLOR, Vr.IS, colour >> 16 & 0xFF, colour >> 8 & 0xFF, colour & 0xFF);
            if (!contours.get(k).isEmpty()) {
                region.put(ContourTag.CONTOUR_SEQUENCE, contours.get(k));
            }
            region.put(ContourTag.REFERENCED_ROI_NUMBER, Vr.IS, k + 1);
            regions.add(region);
        }
        return regions;
    }

    private List<DataSet> observations() {
        List<DataSet> observations = new ArrayList<>();
        for (CodedLabel label : labels) {
            int number = observations.size() + 1;
            DataSet observation = new DataSet();
            observation.put(ContourTag.OBSERVATION_NUMBER, Vr.IS, number);
            observation.put(ContourTag.REFERENCED_ROI_NUMBER, Vr.IS, number);
            observation.put(
                    ContourTag.RT_ROI_IDENTIFICATION_CODE_SEQUENCE,
                    label.concept().type().items());
            observation.put(ContourTag.RT_ROI_INTERPRETED_TYPE, Vr.CS, new String[0]);
            observation.put(ContourTag.ROI_INTERPRETER, Vr.PN, new String[0]);
            observations.add(observation);
        }
        return observations;
    }
}
