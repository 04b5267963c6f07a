package org.attunet.dicom.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementReportTest {
    private static final List<CodedLabel> LABELS =
            Codes.defaults().of(LabelSet.of(Map.of(1, "anterior hippocampus", 3, "left kidney", 7, "liver tumor")));
    private static final Algorithm MODEL = new Algorithm("phantom model", "1.2");

    @TempDir
    private Path folder;

    /** The F has 13 pixels in each of 3 slices, the box 9; voxels are 0.5 x 0.75 x 2 mm. */
    @Test
    void each_label_has_its_volume_and_its_segment() throws IOException {
        Series series = Phantom.write(folder.resolve("images"), Phantom.OBLIQUE, false);
        LabelMap mask = Phantom.mask(series);
        Path seg = folder.resolve("results").resolve("seg.dcm");
        Path report = folder.resolve("results").resolve("sr.dcm");
        SegmentationWriter.write(seg, series, mask, LABELS, MODEL);
        MeasurementReport.write(report, series, mask, LABELS, MODEL, seg);

        List<DataSet> items = new ArrayList<>();
        DataSet document = DicomFile.read(report).elements();
        collect(document, items);
        assertThat(items.stream()
                        .filter(item -> item.has(0x0040_A300))
                        .map(item -> item.items(0x0040_A300).get(0).numbers(0x0040_A30A)[0]))
                .containsExactly(3 * 13 * 0.75, 3 * 9 * 0.75, 0.0);
        assertThat(items.stream()
                        .filter(item -> item.has(0x0008_1199))
                        .map(item -> item.items(0x0008_1199).get(0))
                        .map(reference -> reference.integer(ResultTag.REFERENCED_SEGMENT_NUMBER, 0)))
                .containsExactly(1, 2, 3);
        Dciodvfy.requireNoErrors(report, seg);
    }

    private static void collect(DataSet set, List<DataSet> items) {
        for (DataSet item : set.items(0x0040_A730)) {
            items.add(item);
            collect(item, items);
        }
    }

    @Test
    void the_segmentation_of_another_mask_is_refused() {
        Series series = Phantom.write(folder.resolve("images"), Phantom.AXIAL, true);
        LabelMap mask = Phantom.mask(series);
        Path seg = folder.resolve("results").resolve("seg.dcm");
        SegmentationWriter.write(seg, series, mask, LABELS, MODEL);
        List<CodedLabel> two = LABELS.subList(0, 2);
        assertThatThrownBy(() -> MeasurementReport.write(folder.resolve("sr.dcm"), series, mask, two, MODEL, seg))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("3 segments; expected one for each of 2 labels");
        Path image = series.files().get(0);
        assertThatThrownBy(() -> MeasurementReport.write(folder.resolve("sr.dcm"), series, mask, LABELS, MODEL, image))
                .hasMessageContaining("another DICOM object");
        assertThat(DicomFile.read(seg).elements().text(Tag.MODALITY)).isEqualTo("SEG");
    }
}
