package org.attunet.dicom.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Lattice;
import org.attunet.io.NrrdLabels;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segmentations of dcmqi and highdicom: the labels of the NRRD files that they were made of, or as many as pydicom counts. */
class PublicSegmentationsTest {
    private Path files = Path.of("");

    @BeforeEach
    void requireFiles() {
        String folder = System.getenv("ATTUNET_DICOM");
        assumeTrue(folder != null, "ATTUNET_DICOM is not set: the test on public segmentations is skipped");
        files = Path.of(folder);
    }

    private static Series series(Path folder) {
        return Series.of(folder, share -> {}).get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "ct-3slice, liver.dcm, liver_seg.nrrd",
        "24x38x3/image, 24x38x3/seg/label.seg, 24x38x3/nrrd/label.nrrd",
        "24x38x3/multiframe, 24x38x3/seg/label.seg, 24x38x3/nrrd/label.nrrd",
        "23x38x3/image, 23x38x3/seg/label.seg, 23x38x3/nrrd/label.nrrd",
        "24x38x3/image, sparse-labelmap-noppv.dcm, sparse_labelmap_noppv_seg.nrrd"
    })
    void those_of_dcmqi_have_the_labels_of_their_nrrd_files(String images, String segmentation, String nrrd) {
        Path folder = files.resolve("dcmqi").resolve("segmentations");
        Series series = series(folder.resolve(images));
        PlacedMask mask =
                SegmentationFile.read(folder.resolve(segmentation)).mask(series, LabelSet.of(Map.of(1, "Liver")));
        LabelMap expected = NrrdLabels.read(folder.resolve(nrrd));
        assertThat(mask.labels().voxels())
                .isEqualTo(Lattice.turn(expected.grid(), mask.labels().grid())
                        .orElseThrow()
                        .apply(expected)
                        .voxels());
        assertThat(mask.notes()).isEmpty();
    }

    @Test
    void overlaps_are_named_and_segments_are_read_one_by_one() {
        Path folder = files.resolve("dcmqi").resolve("segmentations");
        Series series = series(folder.resolve("ct-3slice"));
        SegmentationFile file = SegmentationFile.read(folder.resolve("partial_overlaps.dcm"));
        assertThat(file.mask(series).notes())
                .hasSize(3)
                .first()
                .asString()
                .startsWith("segment 1 (GREEN) and segment 2 (ORANGE) overlap in 3017 voxels");
        PlacedMask one = file.mask(series, LabelSet.of(Map.of(2, "orange")));
        LabelMap expected = NrrdLabels.read(folder.resolve("partial_overlaps-2.nrrd"));
        assertThat(one.labels().voxels())
                .isEqualTo(Lattice.turn(expected.grid(), one.labels().grid())
                        .orElseThrow()
                        .apply(expected)
                        .voxels());
        assertThat(one.notes()).singleElement().asString().contains("segment 1 (GREEN), segment 3 (PURPLE)");
        assertThatThrownBy(() -> file.mask(series, LabelSet.of(Map.of(2, "Orang"))))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("segment 2 (ORANGE)");
        Series other = series(folder.resolve("24x38x3").resolve("image"));
        assertThatThrownBy(() -> file.mask(other)).isInstanceOf(AttunetException.class);
    }

    @Test
    void those_of_highdicom_are_read_or_refused_by_name() {
        Path folder = files.resolve("highdicom");
        Series series =
                Series.of(List.of(folder.resolve("ct_image.dcm")), share -> {}).get(0);
        short[] labels = SegmentationFile.read(folder.resolve("seg_image_ct_binary_single_frame.dcm"))
                .mask(series)
                .labels()
                .voxels();
        int count = 0;
        for (short label : labels) {
            count += label;
        }
        assertThat(count).isEqualTo(1832);
        for (String tiles : Arrays.asList("seg_image_sm_dots_tiled_full.dcm", "seg_image_sm_control_labelmap.dcm")) {
            assertThatThrownBy(() -> SegmentationFile.read(folder.resolve(tiles)))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageContaining("in tiles");
        }
        assertThatThrownBy(() -> SegmentationFile.read(folder.resolve("ct_image.dcm")))
                .hasMessageContaining("another DICOM object");
    }
}
