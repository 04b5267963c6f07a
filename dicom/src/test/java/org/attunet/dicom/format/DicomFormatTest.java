package org.attunet.dicom.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Series;
import org.attunet.dicom.series.SeriesFiles;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.Json;
import org.attunet.io.SeriesResult;
import org.attunet.io.SeriesResult.Kind;
import org.attunet.predict.ImageKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Series where core reads images. */
class DicomFormatTest {
    private static final double[] AXIAL = {1, 0, 0, 0, 1, 0};
    private static final double[] FIRST = {-10, -20, 5};

    @TempDir
    Path folder;

    @Test
    void a_folder_of_slices_is_an_image() {
        SeriesFiles.even(folder, AXIAL, FIRST, new double[] {0, 0, 2}, 3);
        Image expected = Series.of(folder, share -> {}).get(0).image(share -> {});

        List<ImageCase> cases = ImageCase.in(folder, 1);

        assertThat(cases).extracting(ImageCase::id).containsExactly("CT_series1");
        assertThat(cases.get(0).files()).hasSize(3);
        Image read = cases.get(0).read(1);
        assertThat(read.channel(0)).isEqualTo(expected.channel(0)).startsWith(-1000 + 2 * 20);
        assertThat(read.grid()).isEqualTo(expected.grid()).isEqualTo(Images.readGrid(folder));
        assertThat(Images.read(folder).channel(0)).isEqualTo(expected.channel(0));
        assertThat(Images.files(folder)).containsExactlyElementsOf(cases.get(0).files());
    }

    @Test
    void series_in_folders_of_their_own_are_named_after_them() {
        for (int k = 0; k < 2; k++) {
            double[] position = {0, 0, k};
            SeriesFiles.slice(folder.resolve("case_2/deep"), k + ".dcm", "1.2.3.5", AXIAL, position, k);
            SeriesFiles.slice(folder.resolve("case_1"), k + ".dcm", "1.2.3.4", AXIAL, position, k);
        }

        assertThat(ImageCase.in(folder, 1)).extracting(ImageCase::id).containsExactly("case_1", "case_2");
        assertThat(Images.listWithSeries(folder)).containsExactly(folder.resolve("case_1"), folder.resolve("case_2"));
        assertThatThrownBy(() -> Images.read(folder))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("2 volumes: CT_series1_1, CT_series1_2");
    }

    @Test
    void a_link_to_a_folder_is_that_folder() throws IOException {
        SeriesFiles.even(folder.resolve("a"), AXIAL, FIRST, new double[] {0, 0, 2}, 3);
        Path link = folder.resolve("link");
        try {
            Files.createSymbolicLink(link, folder.resolve("a"));
        } catch (IOException | UnsupportedOperationException e) {
            assumeTrue(false, "no links here");
        }

        assertThat(Images.files(link)).hasSize(3).allMatch(file -> file.startsWith(link));
        assertThat(ImageCase.in(folder, 1)).hasSize(1);
    }

    @Test
    void an_empty_file_is_not_called_dicom() throws IOException {
        Path file = Files.createFile(folder.resolve("scan.dcm"));

        assertThatThrownBy(() -> Images.read(file))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("doesn't begin like it");
    }

    @ParameterizedTest
    @ValueSource(ints = {Deflater.DEFAULT_COMPRESSION, Deflater.NO_COMPRESSION})
    void an_archive_is_read_in_place(int level) throws IOException {
        SeriesFiles.even(folder.resolve("a"), AXIAL, FIRST, new double[] {0, 0, 2}, 3);
        Path zip = folder.resolve("scan.zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (Path file : Images.files(folder.resolve("a"))) {
                byte[] bytes = Files.readAllBytes(file);
                ZipEntry entry = new ZipEntry("scan/" + file.getFileName());
                if (level == Deflater.NO_COMPRESSION) {
                    CRC32 sum = new CRC32();
                    sum.update(bytes);
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(bytes.length);
                    entry.setCrc(sum.getValue());
                }
                out.putNextEntry(entry);
                out.write(bytes);
            }
        }

        ImageCase image = ImageCase.in(zip, 1).get(0);

        assertThat(image.read(1).channel(0))
                .isEqualTo(Images.read(folder.resolve("a")).channel(0));
    }

    @Test
    void a_damaged_file_is_named() throws IOException {
        SeriesFiles.even(folder, AXIAL, FIRST, new double[] {0, 0, 2}, 3);
        byte[] whole = Files.readAllBytes(folder.resolve("2.dcm"));
        Files.write(folder.resolve("2.dcm"), java.util.Arrays.copyOf(whole, 300));

        assertThatThrownBy(() -> ImageCase.in(folder, 1))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("2.dcm");
    }

    @Test
    void a_name_in_other_headers_is_not_shown() {
        for (int k = 0; k < 2; k++) {
            DataSet set = new DataSet();
            set.put(Tag.SOP_INSTANCE_UID, Vr.UI, "1.2.3.4." + (k + 1));
            set.put(Tag.SERIES_INSTANCE_UID, Vr.UI, "1.2.3.4");
            set.put(Tag.PATIENT_NAME, Vr.PN, "Zaphod^Trillian");
            set.put(Tag.SERIES_DESCRIPTION, Vr.LO, "head of zaphod");
            set.put(Tag.MODALITY, Vr.CS, "ZAPHOD");
            set.put(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", k == 0 ? "PRIMARY" : "TRILLIAN");
            set.put(Tag.IMAGE_POSITION_PATIENT, Vr.DS, 0, 0, 0);
            set.put(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, AXIAL);
            set.put(Tag.PIXEL_SPACING, Vr.DS, 1, 1);
            set.put(Tag.ROWS, Vr.US, 1);
            set.put(Tag.COLUMNS, Vr.US, 2);
            set.put(Tag.BITS_ALLOCATED, Vr.US, 8);
            set.put(Tag.PIXEL_DATA, Vr.OB, new byte[] {(byte) k, 2});
            DicomWriter.write(folder.resolve(k + ".dcm"), set);
        }

        assertThat(Series.of(folder, share -> {}))
                .hasSize(2)
                .allSatisfy(one -> assertThat(one.label() + one.modality() + one.part() + one.description())
                        .doesNotContainIgnoringCase("zaphod")
                        .doesNotContainIgnoringCase("trillian")
                        .contains("head of …", "image type ORIGINAL"));
    }

    @Test
    void a_radiograph_is_a_picture_whose_mask_names_it() {
        DataSet set = new DataSet();
        set.put(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.1.1");
        set.put(Tag.SOP_INSTANCE_UID, Vr.UI, "1.2.3.4.5");
        set.put(Tag.STUDY_INSTANCE_UID, Vr.UI, "1.2.3");
        set.put(Tag.SERIES_INSTANCE_UID, Vr.UI, "1.2.3.4");
        set.put(Tag.MODALITY, Vr.CS, "DX");
        set.put(Tag.IMAGER_PIXEL_SPACING, Vr.DS, 0.2, 0.1);
        set.put(Tag.SAMPLES_PER_PIXEL, Vr.US, 1);
        set.put(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2");
        set.put(Tag.ROWS, Vr.US, 2);
        set.put(Tag.COLUMNS, Vr.US, 3);
        set.put(Tag.BITS_ALLOCATED, Vr.US, 8);
        set.put(Tag.BITS_STORED, Vr.US, 8);
        set.put(Tag.HIGH_BIT, Vr.US, 7);
        set.put(Tag.PIXEL_REPRESENTATION, Vr.US, 0);
        set.put(Tag.PIXEL_DATA, Vr.OB, new byte[] {1, 2, 3, 4, 5, 6});
        Path file = folder.resolve("hand.dcm");
        DicomWriter.write(file, set);

        ImageCase image = ImageCase.in(file, 1).get(0);

        assertThat(image.id()).isEqualTo("hand");
        assertThat(image.read(1).channel(0)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(image.readGrid()).isEqualTo(Grid.of(new int[] {3, 2}, new double[] {0.1, 0.2}));
        assertThat(ImageKind.of(file, image.readGrid())).isEqualTo(ImageKind.PICTURE);

        LabelMap labels = new LabelMap(image.readGrid(), new short[] {0, 0, 1, 1, 0, 0});
        SeriesResult result = new SeriesResult(
                labels, LabelSet.of(Map.of(1, "bone")), "m", Json.object(), null, Map.of(), Set.of(Kind.SEG));
        Path mask = folder.resolve("mask.dcm");
        assertThat(image.series().write(result, mask)).containsExactly(mask);

        DataSet written = DicomFile.read(mask).elements();
        assertThat(written.items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
                        .get(0)
                        .items(Tag.PLANE_POSITION_SEQUENCE))
                .isEmpty();
        assertThat(Images.readMask(mask, file, null).labels().voxels()).isEqualTo(labels.voxels());
    }
}
