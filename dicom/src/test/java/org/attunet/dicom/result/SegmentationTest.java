package org.attunet.dicom.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.pixel.Frames;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentationTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "liver", 3, "kidney left", 7, "what is never there"));
    private static final List<CodedLabel> CODED = Codes.defaults().of(LABELS);
    private static final Algorithm MODEL = new Algorithm("phantom model", "1.2");

    @TempDir
    private Path folder;

    private Path target() {
        return folder.resolve("seg").resolve("mask.dcm");
    }

    private Series series(double[] orientation, boolean oneFile) {
        return Phantom.write(folder.resolve("images"), orientation, oneFile);
    }

    /** Masks of images in any direction come back voxel for voxel, and mark the pixels of the images that they name. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void masks_mark_the_pixels_of_the_images_they_name(int direction) throws IOException {
        double[] orientation = List.of(Phantom.AXIAL, Phantom.SAGITTAL, Phantom.CORONAL, Phantom.PRONE, Phantom.OBLIQUE)
                .get(direction);
        for (boolean oneFile : new boolean[] {false, true}) {
            Path images = folder.resolve("images" + oneFile);
            Series series = Phantom.write(images, orientation, oneFile);
            LabelMap mask = Phantom.mask(series);
            Path map = folder.resolve("seg").resolve("map.dcm");

            SegmentationWriter.write(target(), series, mask, CODED, MODEL);
            SegmentationWriter.writeLabelMap(map, series, mask, CODED, MODEL);

            SegmentationFile read = SegmentationFile.read(target());
            assertThat(read.refersTo(series)).isTrue();
            assertThat(read.mask(series, LABELS).labels().voxels()).isEqualTo(mask.voxels());
            assertThat(read.mask(series, LABELS).notes()).isEmpty();
            assertThat(SegmentationFile.read(map).mask(series).labels().voxels())
                    .isEqualTo(mask.voxels());
            requireMarked(DicomFile.read(target()), oneFile, 6);
            requireMarked(DicomFile.read(map), oneFile, 4);
            Dciodvfy.requireNoErrors(target());
        }
    }

    private static void requireMarked(DicomFile file, boolean oneFile, int frames) {
        List<DataSet> groups = file.elements().items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        assertThat(groups).hasSize(frames);
        try (Frames pixels = Frames.open(file)) {
            for (int k = 0; k < groups.size(); k++) {
                DataSet source = groups.get(k)
                        .items(ResultTag.DERIVATION_IMAGE_SEQUENCE)
                        .get(0)
                        .items(ResultTag.SOURCE_IMAGE_SEQUENCE)
                        .get(0);
                String uid = source.text(ResultTag.REFERENCED_SOP_INSTANCE_UID);
                int slice = oneFile
                        ? source.integer(ResultTag.REFERENCED_FRAME_NUMBER, 0) - 1
                        : Integer.parseInt(uid.substring(uid.lastIndexOf('.') + 1)) - 1;
                List<DataSet> segment = groups.get(k).items(ResultTag.SEGMENT_IDENTIFICATION_SEQUENCE);
                int number = segment.isEmpty() ? 0 : segment.get(0).integer(ResultTag.REFERENCED_SEGMENT_NUMBER, 0);
                int[] expected = new int[Phantom.COLUMNS * Phantom.ROWS];
                Arrays.setAll(expected, i -> {
                    int value = Phantom.value(i % Phantom.COLUMNS, i / Phantom.COLUMNS, slice);
                    return number == 0
                            ? (value == 1000 ? 1 : value == 2000 ? 3 : 0)
                            : (value == (number == 1 ? 1000 : 2000) ? 1 : 0);
                });
                assertThat(pixels.read(k)).as("frame " + k).isEqualTo(expected);
            }
        }
    }

    @Test
    void the_patient_the_study_the_images_and_the_model_are_named() {
        Series series = series(Phantom.AXIAL, false);
        SegmentationWriter.write(target(), series, Phantom.mask(series), CODED, MODEL);

        DataSet set = DicomFile.read(target()).elements();
        assertThat(set.text(Tag.PATIENT_NAME)).isEqualTo("Doe^Jane");
        assertThat(set.text(Tag.STUDY_INSTANCE_UID)).isEqualTo("1.2.3");
        assertThat(set.text(ResultTag.FRAME_OF_REFERENCE_UID)).isEqualTo("1.2.3.9");
        assertThat(set.text(Tag.SERIES_INSTANCE_UID)).startsWith("2.25.");
        assertThat(set.text(Tag.SERIES_DESCRIPTION)).isEqualTo("Segmentation by phantom model");
        assertThat(set.integer(Tag.SERIES_NUMBER, 0)).isEqualTo(1040);
        DataSet references = set.items(ResultTag.REFERENCED_SERIES_SEQUENCE).get(0);
        assertThat(references.text(Tag.SERIES_INSTANCE_UID)).isEqualTo("1.2.3.4");
        assertThat(references.items(ResultTag.REFERENCED_INSTANCE_SEQUENCE)).hasSize(Phantom.SLICES);
        assertThat(SegmentationFile.read(target()).segments())
                .extracting(
                        Segment::number,
                        Segment::name,
                        segment -> segment.type().value())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1, "liver", "10200004"),
                        org.assertj.core.groups.Tuple.tuple(2, "kidney left", "64033007"),
                        org.assertj.core.groups.Tuple.tuple(3, "what is never there", "85756007"));
        DataSet second = set.items(ResultTag.SEGMENT_SEQUENCE).get(1);
        assertThat(Code.of(
                        second.items(ResultTag.SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE)
                                .get(0),
                        ResultTag.SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE))
                .isEqualTo(new Code("SCT", "7771000", "Left"));
    }

    /** A voxel may be in several segments; a reader then paints those of higher numbers over the others. */
    @Test
    void labels_that_overlap_are_segments_that_overlap() throws IOException {
        Series series = series(Phantom.AXIAL, false);
        LabelMap mask = Phantom.mask(series);
        List<Integer> values = CODED.stream().map(CodedLabel::value).toList();
        LabelSet set = LabelSet.regions(List.of(
                new LabelSet.Region(values.get(0), "all", Set.copyOf(values)),
                new LabelSet.Region(values.get(1), "some", Set.of(values.get(1), values.get(2))),
                new LabelSet.Region(values.get(2), "one", Set.of(values.get(2)))));
        SegmentationWriter.writeRegions(target(), series, mask, set, CODED, MODEL);

        DataSet written = DicomFile.read(target()).elements();
        assertThat(written.text(ResultTag.SEGMENTS_OVERLAP)).isEqualTo("YES");
        assertThat(SegmentationFile.read(target()).mask(series, LABELS).labels().voxels())
                .isEqualTo(mask.voxels());
        int planes = 0;
        for (Set<Integer> covers :
                List.of(Set.copyOf(values), Set.of(values.get(1), values.get(2)), Set.of(values.get(2)))) {
            boolean[] present = new boolean[series.grid().size(2)];
            int area = series.grid().size(0) * series.grid().size(1);
            for (int i = 0; i < mask.voxels().length; i++) {
                present[i / area] |= covers.contains(mask.label(i));
            }
            for (boolean one : present) {
                planes += one ? 1 : 0;
            }
        }
        assertThat(written.integer(Tag.NUMBER_OF_FRAMES, 0)).isEqualTo(planes);
        Dciodvfy.requireNoErrors(target());
    }

    @Test
    void an_empty_mask_has_all_segments_and_one_empty_frame() throws IOException {
        Series series = series(Phantom.AXIAL, false);
        LabelMap empty = new LabelMap(series.grid(), new short[series.grid().voxels()]);
        SegmentationWriter.write(target(), series, empty, CODED, MODEL);
        SegmentationFile read = SegmentationFile.read(target());
        assertThat(read.segments()).hasSize(3);
        assertThat(read.mask(series).labels().largest()).isZero();
        DataSet set = DicomFile.read(target()).elements();
        assertThat(set.integer(Tag.NUMBER_OF_FRAMES, 0)).isEqualTo(1);
        assertThat(set.text(ResultTag.CONTENT_DESCRIPTION)).isEqualTo("Nothing found by phantom model");
        Dciodvfy.requireNoErrors(target());
    }

    @Test
    void of_probabilities_the_largest_counts_from_a_half_on() throws IOException {
        Series series = series(Phantom.CORONAL, false);
        float[][] maps = new float[3][series.grid().voxels()];
        maps[0][5] = 0.6f;
        maps[1][5] = 0.7f;
        maps[0][6] = 0.49f;
        maps[2][7] = 0.5f;
        SegmentationWriter.writeProbabilities(target(), series, new Image(series.grid(), maps), CODED, MODEL);
        LabelMap mask = SegmentationFile.read(target()).mask(series, LABELS).labels();
        assertThat(mask.label(5)).isEqualTo(3);
        assertThat(mask.label(6)).isZero();
        assertThat(mask.label(7)).isEqualTo(7);
        Dciodvfy.requireNoErrors(target());
        maps[0][9] = 1.1f;
        assertThatThrownBy(() -> SegmentationWriter.writeProbabilities(
                        target(), series, new Image(series.grid(), maps), CODED, MODEL))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a probability of 1.1");
    }

    @Test
    void labels_that_are_not_declared_are_refused() {
        Series series = series(Phantom.AXIAL, false);
        short[] other = new short[series.grid().voxels()];
        other[3] = 2;
        assertThatThrownBy(() ->
                        SegmentationWriter.write(target(), series, new LabelMap(series.grid(), other), CODED, MODEL))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("label 2; expected the labels [1, 3, 7]");
    }

    /** The frames of a resampled volume's mask are those of the images. */
    @Test
    void masks_of_tilted_and_uneven_images_mark_their_pixels() throws IOException {
        Series series = Phantom.writeTilted(folder.resolve("images"));
        assertThat(series.isEven()).isFalse();
        LabelMap mask = series.fromSlices(slice -> {
            short[] labels = new short[Phantom.COLUMNS * Phantom.ROWS];
            for (int i = 0; i < labels.length; i++) {
                int value = Phantom.value(i % Phantom.COLUMNS, i / Phantom.COLUMNS, slice);
                labels[i] = (short) (value == 1000 ? 1 : value == 2000 ? 3 : 0);
            }
            return labels;
        });
        SegmentationWriter.write(target(), series, mask, CODED, MODEL);
        requireMarked(DicomFile.read(target()), false, 6);
        assertThat(SegmentationFile.read(target()).mask(series, LABELS).labels().voxels())
                .isEqualTo(mask.voxels());
        Dciodvfy.requireNoErrors(target());
    }

    /** What was drawn on images that are missing now is left out, with a note. */
    @Test
    void frames_of_missing_images_are_left_out() {
        Series whole = series(Phantom.SAGITTAL, false);
        LabelMap mask = Phantom.mask(whole);
        SegmentationWriter.write(target(), whole, mask, CODED, MODEL);
        for (int missing : new int[] {1, 4}) {
            List<Path> files = new ArrayList<>(whole.files());
            files.remove(missing);
            Series series = Series.of(files, share -> {}).get(0);
            PlacedMask read = SegmentationFile.read(target()).mask(series, LABELS);
            int count = 0;
            for (short label : whole.toSlice(mask, missing)) {
                count += label == 0 ? 0 : 1;
            }
            assertThat(read.notes()).containsExactly(count + " voxels lie outside the series and are left out");
            assertThat(series.toSlice(read.labels(), 2)).isEqualTo(whole.toSlice(mask, missing == 1 ? 3 : 2));
        }
    }

    /** Names that are too long for an element, of another script, or alike but for signs, and labels above 255. */
    @Test
    void labels_of_any_name_and_value_come_back() throws IOException {
        LabelSet odd =
                LabelSet.of(Map.of(1, "Leber\\" + "x".repeat(90), 3, "肝臓", 300, "tumor +", 65535, "tumor -", 7, "\n"));
        List<CodedLabel> coded = Codes.defaults().of(odd);
        Series series = series(Phantom.AXIAL, false);
        short[] labels = new short[series.grid().voxels()];
        int[] values = {0, 1, 3, 300, 65535, 7};
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (short) values[i % values.length];
        }
        LabelMap mask = new LabelMap(series.grid(), labels);
        SegmentationWriter.writeLabelMap(target(), series, mask, coded, MODEL);
        assertThat(SegmentationFile.read(target()).mask(series).labels().voxels())
                .isEqualTo(labels);
        SegmentationWriter.write(target(), series, mask, coded, MODEL);
        Dciodvfy.requireNoErrors(target());
        LabelSet named = LabelSet.of(
                Map.of(1, "Leber\\" + "x".repeat(90), 3, "肝臓", 300, "tumor +", 65535, "tumor -", 7, "label 7"));
        PlacedMask read = SegmentationFile.read(target()).mask(series, named);
        assertThat(read.labels().voxels()).isEqualTo(labels);
        assertThat(read.notes()).isEmpty();
    }

    /** The same file with other elements. */
    private Path changed(java.util.function.Consumer<DataSet> change) throws IOException {
        DicomFile file = DicomFile.read(target());
        DataSet set = file.elements();
        change.accept(set);
        Path copy = folder.resolve("seg").resolve("changed.dcm");
        try (OutputStream out = Files.newOutputStream(copy)) {
            DicomWriter.write(out, set, file);
        }
        return copy;
    }

    @Test
    void frames_without_positions_are_placed_by_their_images() throws IOException {
        Series series = series(Phantom.OBLIQUE, true);
        LabelMap mask = Phantom.mask(series);
        SegmentationWriter.write(target(), series, mask, CODED, MODEL);
        Path bare = changed(set -> set.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
                .forEach(frame -> frame.remove(Tag.PLANE_POSITION_SEQUENCE)));
        PlacedMask read = SegmentationFile.read(bare).mask(series, LABELS);
        assertThat(read.labels().voxels()).isEqualTo(mask.voxels());
        assertThat(read.notes()).singleElement().asString().contains("no position");
        Path elsewhere = changed(set -> set.put(ResultTag.FRAME_OF_REFERENCE_UID, Vr.UI, "1.2.3.10"));
        assertThat(SegmentationFile.read(elsewhere)
                        .mask(series, LABELS)
                        .labels()
                        .voxels())
                .isEqualTo(mask.voxels());
    }

    /** Rows and columns that run otherwise are placed by their positions. */
    @Test
    void turned_frames_keep_their_places() throws IOException {
        Series series = series(Phantom.AXIAL, false);
        LabelMap mask = Phantom.mask(series);
        SegmentationWriter.write(target(), series, mask, CODED, MODEL);
        Path turned = changed(set -> {
            set.items(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE)
                    .get(0)
                    .items(Tag.PLANE_ORIENTATION_SEQUENCE)
                    .get(0)
                    .put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, Phantom.PRONE);
            set.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).forEach(frame -> {
                DataSet place = frame.items(Tag.PLANE_POSITION_SEQUENCE).get(0);
                double[] p = place.numbers(Tag.IMAGE_POSITION_PATIENT);
                place.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, p[0] + 5, p[1] + 6, p[2]);
            });
        });
        PlacedMask read = SegmentationFile.read(turned).mask(series, LABELS);
        short[] expected = new short[mask.voxels().length];
        int plane = Phantom.COLUMNS * Phantom.ROWS;
        for (int i = 0; i < expected.length; i++) {
            expected[i] = mask.voxels()[i / plane * plane + plane - 1 - i % plane];
        }
        assertThat(read.labels().voxels()).isEqualTo(expected);
        assertThat(read.notes()).singleElement().asString().contains("run otherwise");
    }

    @Test
    void what_lies_between_voxels_is_refused() throws IOException {
        Series series = series(Phantom.AXIAL, false);
        SegmentationWriter.write(target(), series, Phantom.mask(series), CODED, MODEL);
        Path shifted = changed(set -> set.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
                .forEach(frame -> frame.items(Tag.PLANE_POSITION_SEQUENCE)
                        .get(0)
                        .put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -20.3, -31, 40)));
        assertThatThrownBy(() -> SegmentationFile.read(shifted).mask(series))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("frame 1 with 11 x 9 pixels of 0.5 x 0.75 mm at (-20.3, -31.0, 40.0)");
        Path tiled = changed(set -> set.put(ResultTag.DIMENSION_ORGANIZATION_TYPE, Vr.CS, "TILED_FULL"));
        assertThatThrownBy(() -> SegmentationFile.read(tiled)).hasMessageContaining("in tiles");
    }
}
