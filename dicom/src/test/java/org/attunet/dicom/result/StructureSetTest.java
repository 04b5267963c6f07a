package org.attunet.dicom.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.image.Outline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StructureSetTest {
    private static final LabelSet LABELS = LabelSet.of(Map.of(1, "liver", 3, "kidney left", 7, "what is never there"));
    private static final List<CodedLabel> CODED = Codes.defaults().of(LABELS);
    private static final Algorithm MODEL = new Algorithm("phantom model", "1.2");

    @TempDir
    private Path folder;

    private Path target() {
        return folder.resolve("rt").resolve("contours.dcm");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void contours_give_the_mask_voxel_for_voxel(int direction) throws IOException {
        double[] orientation = List.of(Phantom.AXIAL, Phantom.SAGITTAL, Phantom.CORONAL, Phantom.PRONE, Phantom.OBLIQUE)
                .get(direction);
        Series series = Phantom.write(folder.resolve("images"), orientation, direction == 4);
        LabelMap mask = Phantom.mask(series);
        StructureSetWriter.write(target(), series, mask, CODED, MODEL);
        StructureSetFile read = StructureSetFile.read(target());
        assertThat(read.refersTo(series)).isTrue();
        assertThat(read.regions())
                .extracting(StructureSetFile.Region::name)
                .containsExactly("liver", "kidney left", "what is never there");
        PlacedMask placed = read.mask(series, LABELS);
        assertThat(placed.labels().voxels()).isEqualTo(mask.voxels());
        assertThat(placed.notes()).isEmpty();
        Dciodvfy.requireNoErrors(target());
    }

    /** Noise has holes in holes, objects that touch at corners, and more corners than an element holds. */
    @Test
    void noise_of_tilted_and_uneven_images_comes_back() {
        Series series = Phantom.writeTilted(folder.resolve("images"));
        Random random = new Random(3);
        short[][] slices = new short[series.size()][Phantom.COLUMNS * Phantom.ROWS];
        for (short[] slice : slices) {
            for (int i = 0; i < slice.length; i++) {
                slice[i] = (short) new int[] {0, 1, 1, 1, 3}[random.nextInt(5)];
            }
        }
        LabelMap mask = series.fromSlices(slice -> slices[slice]);
        StructureSetWriter.write(target(), series, mask, CODED, MODEL);
        assertThat(StructureSetFile.read(target()).mask(series, LABELS).labels().voxels())
                .isEqualTo(mask.voxels());
    }

    /** Of one polygon for each object, without regard to direction, points are inside an odd number of times or not at all. */
    @Test
    void keyholes_leave_holes_empty() {
        int size = 40;
        Random random = new Random(5);
        short[] labels = new short[size * size];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (short) (random.nextInt(3) > 0 ? 1 : 0);
        }
        short[] filled = new short[labels.length];
        for (Outline outline : Outline.of(new LabelMap(Grid.ofPixels(size, size), labels))) {
            int[] corners = Keyhole.polygon(outline);
            PolygonFill fill = new PolygonFill(size, size);
            fill.add(Arrays.stream(corners).mapToDouble(corner -> corner - 0.5).toArray());
            fill.pixels(i -> filled[i]++);
        }
        assertThat(filled).isEqualTo(labels);
    }

    @Test
    void contours_too_long_for_an_element_are_parted() throws IOException {
        Path images = folder.resolve("images");
        int size = 64;
        DataSet set = DicomFile.read(
                        Phantom.write(images, Phantom.OBLIQUE, false).files().get(0))
                .elements();
        set.put(Tag.ROWS, Vr.US, size);
        set.put(Tag.COLUMNS, Vr.US, size);
        set.put(Tag.PIXEL_DATA, Vr.OW, new byte[2 * size * size]);
        Path large = folder.resolve("large").resolve("a.dcm");
        DicomWriter.write(large, set);
        Series series = Series.of(large, share -> {}).get(0);
        short[] sieve = new short[size * size];
        for (int i = 0; i < sieve.length; i++) {
            sieve[i] = (short) (i % size % 2 == 1 && i / size % 2 == 1 ? 0 : 1);
        }
        LabelMap mask = new LabelMap(series.grid(), sieve);
        StructureSetWriter.write(target(), series, mask, CODED, MODEL);
        assertThat(StructureSetFile.read(target()).mask(series, LABELS).labels().voxels())
                .isEqualTo(sieve);
        assertThat(contours(DicomFile.read(target())))
                .hasSizeGreaterThan(2)
                .allSatisfy(contour -> assertThat(
                                contour.find(ContourTag.CONTOUR_DATA).value().length)
                        .isLessThanOrEqualTo(0xFFFE));
        Dciodvfy.requireNoErrors(target());
    }

    private static List<DataSet> contours(DicomFile file) {
        return file.elements().items(ContourTag.ROI_CONTOUR_SEQUENCE).get(0).items(ContourTag.CONTOUR_SEQUENCE);
    }

    /** Writes the phantom's contours, then changes each contour of the first region. */
    private Path changed(Series series, Consumer<DataSet> change) {
        StructureSetWriter.write(target(), series, Phantom.mask(series), CODED, MODEL);
        DicomFile file = DicomFile.read(target());
        contours(file).forEach(change);
        Path copy = folder.resolve("rt").resolve("changed.dcm");
        DicomWriter.write(copy, file.elements());
        return copy;
    }

    private static void move(DataSet contour, double z) {
        double[] points = contour.numbers(ContourTag.CONTOUR_DATA);
        for (int i = 2; i < points.length; i += 3) {
            points[i] += z;
        }
        contour.put(ContourTag.CONTOUR_DATA, Vr.DS, points);
    }

    @Test
    void contours_between_images_go_to_the_nearest_and_those_beyond_are_named() {
        Series series = Phantom.write(folder.resolve("images"), Phantom.AXIAL, false);
        LabelMap mask = Phantom.mask(series);
        Path between = changed(series, contour -> move(contour, 0.6));
        PlacedMask read = StructureSetFile.read(between).mask(series, LABELS);
        assertThat(read.labels().voxels()).isEqualTo(mask.voxels());
        assertThat(read.notes()).singleElement().asString().contains("between images");
        Path beyond = changed(series, contour -> move(contour, 3));
        assertThat(StructureSetFile.read(beyond).mask(series, LABELS).notes())
                .anyMatch(note -> note.contains("beyond"));
        Path far = changed(series, contour -> move(contour, 300));
        assertThatThrownBy(() -> StructureSetFile.read(far).mask(series, LabelSet.of(Map.of(1, "liver"))))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("all lie beyond");
    }

    @Test
    void damaged_contours_and_those_of_other_images_are_refused() {
        Series series = Phantom.write(folder.resolve("images"), Phantom.AXIAL, false);
        Path odd = changed(series, contour -> contour.put(ContourTag.CONTOUR_DATA, Vr.DS, 1, 2, 3, 4));
        assertThatThrownBy(() -> StructureSetFile.read(odd)).hasMessageContaining("a contour of 4 numbers");
        Path points = changed(series, contour -> contour.put(ContourTag.CONTOUR_GEOMETRIC_TYPE, Vr.CS, "POINT"));
        assertThat(StructureSetFile.read(points).mask(series, LABELS).notes())
                .containsExactly("3 contours of the type POINT are left out");
        Path tilted =
                changed(series, contour -> contour.put(ContourTag.CONTOUR_DATA, Vr.DS, 0, 0, 40, 5, 0, 40, 5, 5, 45));
        assertThatThrownBy(() -> StructureSetFile.read(tilted).mask(series))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("isn't parallel to the images");
        DicomFile file = DicomFile.read(target());
        file.elements()
                .items(ContourTag.STRUCTURE_SET_ROI_SEQUENCE)
                .forEach(region -> region.put(ContourTag.REFERENCED_FRAME_OF_REFERENCE_UID, Vr.UI, "1.2.9"));
        PlacedMask named = StructureSetFile.of(file).mask(series, LABELS);
        assertThat(named.labels().voxels()).isEqualTo(Phantom.mask(series).voxels());
        assertThat(named.notes()).singleElement().asString().contains("frame of reference");
        file.elements()
                .items(ContourTag.ROI_CONTOUR_SEQUENCE)
                .forEach(region -> region.items(ContourTag.CONTOUR_SEQUENCE)
                        .forEach(contour -> contour.remove(ContourTag.CONTOUR_IMAGE_SEQUENCE)));
        assertThatThrownBy(() -> StructureSetFile.of(file).mask(series))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("name no image of the series");
    }

    /** rt-utils 1.3.1 fills 1660 pixels, all on the border included; of those, 1443 have their centres inside. */
    @Test
    void those_of_rt_utils_are_read() {
        String files = System.getenv("ATTUNET_DICOM");
        assumeTrue(files != null, "ATTUNET_DICOM is not set: the test on public structure sets is skipped");
        Path data = Path.of(files).resolve("rtstruct").resolve("mock_data");
        Series series = Series.of(List.of(data.resolve("ct_1.dcm"), data.resolve("ct_2.dcm")), share -> {})
                .get(0);
        PlacedMask mask = StructureSetFile.read(data.resolve("rt.dcm")).mask(series);
        int count = 0;
        for (short label : mask.labels().voxels()) {
            count += label;
        }
        assertThat(count).isEqualTo(1443);
        for (String broken : List.of("invalid_reference_rt.dcm", "non_existent_reference_rt.dcm")) {
            PlacedMask read = StructureSetFile.read(data.resolve(broken)).mask(series);
            assertThat(read.labels().values()).containsExactly(1, 2, 3, 4);
            assertThat(read.notes()).containsExactly("4 contours lie beyond the slices and are left out");
        }
    }
}
