package org.attunet.dicom.result;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Uid;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.result.CodedLabel.Concept;
import org.attunet.dicom.result.Content.Relation;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;

/**
 * Writes the volumes of a mask's labels as a structured report: a Comprehensive 3D SR of template 1500, Imaging Measurement
 * Report, with a group of template 1411 for each label (PS3.16), which refers to the label's segment in a segmentation.
 *
 * <p>Thread-safe.
 */
public final class MeasurementReport {
    private static final int REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE = 0x0008_1111;
    private static final int MAPPING_RESOURCE = 0x0008_0105;
    private static final int REFERENCED_SOP_SEQUENCE = 0x0008_1199;
    private static final int PERFORMED_PROCEDURE_CODE_SEQUENCE = 0x0040_A372;
    private static final int CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE = 0x0040_A375;
    private static final int COMPLETION_FLAG = 0x0040_A491;
    private static final int VERIFICATION_FLAG = 0x0040_A493;
    private static final int CONTENT_TEMPLATE_SEQUENCE = 0x0040_A504;
    private static final int TEMPLATE_IDENTIFIER = 0x0040_DB00;

    private static final Code CUBIC_MILLIMETRE = new Code("UCUM", "mm3", "cubic millimeter");

    private final Series series;
    private final Algorithm algorithm;
    private final DicomFile segmentation;

    private MeasurementReport(Series series, Algorithm algorithm, DicomFile segmentation) {
        this.series = series;
        this.algorithm = algorithm;
        this.segmentation = segmentation;
    }

    /**
     * Writes a report. Labels that the mask doesn't have get a volume of 0.
     *
     * @param target the file, written whole or not at all
     * @param series what was segmented
     * @param mask on the series' grid
     * @param labels all that the mask may have
     * @param algorithm what made the mask
     * @param segmentation the file of the mask as {@link SegmentationWriter} wrote it
     * @throws AttunetException if the mask lies elsewhere, the segmentation has other segments, or the file can't be written
     */
    public static void write(
            Path target,
            Series series,
            LabelMap mask,
            List<CodedLabel> labels,
            Algorithm algorithm,
            Path segmentation) {
        Planes.ofVolume(target, series, mask.grid());
        DicomFile file = DicomFile.read(segmentation);
        int[] segments = SegmentationFile.of(file).segments().stream()
                .mapToInt(Segment::number)
                .toArray();
        if (segments.length != labels.size()) {
            throw new AttunetException(
                    segmentation,
                    segments.length + " segments",
                    "one for each of " + labels.size() + " labels",
                    "give the segmentation of this mask");
        }
        long[] counts = new long[1 << 16];
        for (int i = 0; i < mask.voxels().length; i++) {
            counts[mask.label(i)]++;
        }
        var report = new MeasurementReport(series, algorithm, file);
        List<DataSet> groups = new ArrayList<>();
        for (int k = 0; k < labels.size(); k++) {
            double volume = counts[labels.get(k).value()] * series.grid().voxelVolume();
            groups.add(report.group(labels.get(k), segments[k], volume));
        }
        DicomWriter.write(target, report.document(groups));
    }

    private static Code dcm(String value, String meaning) {
        return new Code("DCM", value, meaning);
    }

    private DataSet document(List<DataSet> groups) {
        DataSet set = ResultHeader.of(series, ResultKind.REPORT, algorithm);
        set.put(REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, List.of());
        set.put(PERFORMED_PROCEDURE_CODE_SEQUENCE, List.of());
        set.put(COMPLETION_FLAG, Vr.CS, "COMPLETE");
        set.put(VERIFICATION_FLAG, Vr.CS, "UNVERIFIED");
        set.put(CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE, List.of(evidence(set.text(Tag.STUDY_INSTANCE_UID))));
        DataSet template = new DataSet();
        template.put(MAPPING_RESOURCE, Vr.CS, "DCMR");
        template.put(TEMPLATE_IDENTIFIER, Vr.CS, "1500");
        set.put(CONTENT_TEMPLATE_SEQUENCE, List.of(template));
        String device = Uid.of("device " + algorithm.name() + " " + algorithm.version());
        List<DataSet> content = new ArrayList<>(List.of(
                Content.code(
                        Relation.CONCEPT,
                        dcm("121049", "Language of Content Item and Descendants"),
                        new Code("RFC5646", "en", "English")),
                Content.code(Relation.CONTEXT, dcm("121005", "Observer Type"), dcm("121007", "Device")),
                Content.uid(Relation.CONTEXT, dcm("121012", "Device Observer UID"), device),
                Content.text(Relation.CONTEXT, dcm("121013", "Device Observer Name"), ResultHeader.SOFTWARE),
                Content.text(Relation.CONTEXT, dcm("121014", "Device Observer Manufacturer"), "attunet"),
                Content.text(Relation.CONTEXT, dcm("121015", "Device Observer Model Name"), algorithm.line()),
                Content.code(
                        Relation.CONCEPT,
                        dcm("121058", "Procedure reported"),
                        new Code("SCT", "363679005", "Imaging procedure")),
                Content.container(dcm("126010", "Imaging Measurements"), groups)));
        Content.putContainer(set, dcm("126000", "Imaging Measurement Report"), content);
        return set;
    }

    /** The segmentation, and the images that it was made of (PS3.3, C.17.2). */
    private DataSet evidence(String study) {
        DataSet mask = new DataSet();
        mask.put(Tag.SERIES_INSTANCE_UID, Vr.UI, segmentation.elements().text(Tag.SERIES_INSTANCE_UID));
        mask.put(REFERENCED_SOP_SEQUENCE, List.of(segmentation(0)));
        DataSet images = new DataSet();
        images.put(Tag.SERIES_INSTANCE_UID, Vr.UI, series.uid());
        images.put(REFERENCED_SOP_SEQUENCE, SourceImages.files(series));
        DataSet item = new DataSet();
        item.put(Tag.STUDY_INSTANCE_UID, Vr.UI, study);
        item.put(ResultTag.REFERENCED_SERIES_SEQUENCE, List.of(mask, images));
        return item;
    }

    /** A reference to the segmentation, or to a segment of it. */
    private DataSet segmentation(int segment) {
        DataSet item = new DataSet();
        item.put(
                ResultTag.REFERENCED_SOP_CLASS_UID,
                Vr.UI,
                segmentation.elements().text(Tag.SOP_CLASS_UID));
        item.put(
                ResultTag.REFERENCED_SOP_INSTANCE_UID,
                Vr.UI,
                segmentation.elements().text(Tag.SOP_INSTANCE_UID));
        if (segment > 0) {
            item.put(ResultTag.REFERENCED_SEGMENT_NUMBER, Vr.US, segment);
        }
        return item;
    }

    /** The identifier by which a segment is tracked; a new one if it has none. */
    private String tracked(int segment) {
        for (DataSet item : segmentation.elements().items(ResultTag.SEGMENT_SEQUENCE)) {
            if (item.integer(ResultTag.SEGMENT_NUMBER, 0) == segment && item.has(ResultTag.TRACKING_UID)) {
                return item.text(ResultTag.TRACKING_UID);
            }
        }
        return Uid.random();
    }

    private DataSet group(CodedLabel label, int segment, double volume) {
        Concept concept = label.concept();
        List<DataSet> content = new ArrayList<>(List.of(
                Content.text(
                        Relation.CONTEXT,
                        dcm("112039", "Tracking Identifier"),
                        Texts.line(label.name(), "label " + label.value())),
                Content.uid(Relation.CONTEXT, dcm("112040", "Tracking Unique Identifier"), tracked(segment)),
                Content.code(Relation.CONTAINS, dcm("121071", "Finding"), concept.type()),
                Content.image(dcm("121191", "Referenced Segment"), segmentation(segment)),
                Content.uid(Relation.CONTAINS, dcm("121232", "Source series for segmentation"), series.uid())));
        Code site = concept.region() == null ? concept.type() : concept.region();
        if (concept.region() != null || !CodeTable.isAbnormal(concept)) {
            content.add(Content.code(
                    Relation.CONCEPT, new Code("SCT", "363698007", "Finding Site"), site, modifiers(concept)));
        }
        content.add(Content.number(
                new Code("SCT", "118565006", "Volume"),
                volume,
                CUBIC_MILLIMETRE,
                List.of(
                        Content.text(Relation.CONCEPT, dcm("111001", "Algorithm Name"), algorithm.line()),
                        Content.text(Relation.CONCEPT, dcm("111003", "Algorithm Version"), algorithm.versionLine()))));
        return Content.container(dcm("125007", "Measurement Group"), content);
    }

    private static DataSet[] modifiers(Concept concept) {
        Code modifier = concept.modifier();
        if (modifier == null) {
            return new DataSet[0];
        }
        Code kind = Codes.isSide(modifier)
                ? new Code("SCT", "272741003", "Laterality")
                : new Code("SCT", "106233006", "Topographical modifier");
        return new DataSet[] {Content.code(Relation.CONCEPT, kind, modifier)};
    }
}
