package org.attunet.dicom.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomFile;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.pixel.Frames;
import org.attunet.dicom.series.Series;
import org.attunet.error.AttunetException;
import org.attunet.image.Image;
import org.attunet.picture.LabelColours;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeStackTest {
    private static final Algorithm MODEL = new Algorithm("phantom model", "1.2");

    @TempDir
    private Path folder;

    @Test
    void maps_have_the_numbers_of_the_images_that_they_name() throws IOException {
        Series series = Phantom.write(folder.resolve("images"), Phantom.OBLIQUE, true);
        Image map = series.image(share -> {});
        Path target = folder.resolve("out").resolve("map.dcm");
        ParametricMapWriter.write(target, series, map, "attention", MODEL);
        DicomFile file = DicomFile.read(target);
        List<DataSet> frames = file.elements().items(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        assertThat(frames).hasSize(Phantom.SLICES);
        byte[] all = Files.readAllBytes(target);
        int size = Phantom.COLUMNS * Phantom.ROWS;
        ByteBuffer pixels = ByteBuffer.wrap(all, all.length - 4 * size * Phantom.SLICES, 4 * size * Phantom.SLICES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (DataSet frame : frames) {
            int slice = frame.items(ResultTag.DERIVATION_IMAGE_SEQUENCE)
                            .get(0)
                            .items(ResultTag.SOURCE_IMAGE_SEQUENCE)
                            .get(0)
                            .integer(ResultTag.REFERENCED_FRAME_NUMBER, 0)
                    - 1;
            for (int i = 0; i < size; i++) {
                assertThat(pixels.getFloat()).isEqualTo(Phantom.value(i % Phantom.COLUMNS, i / Phantom.COLUMNS, slice));
            }
        }
        Dciodvfy.requireNoErrors(target);
        float[] infinite = new float[series.grid().voxels()];
        infinite[4] = Float.NaN;
        assertThatThrownBy(() ->
                        ParametricMapWriter.write(target, series, Image.of(series.grid(), infinite), "map", MODEL))
                .isInstanceOf(AttunetException.class);
    }

    /** Borders of labels have their colours; pixels without a label are grey. */
    @Test
    void pictures_show_labels_in_their_colours() throws IOException {
        Series series = Phantom.write(folder.resolve("images"), Phantom.CORONAL, false);
        Path target = folder.resolve("out").resolve("pictures.dcm");
        PictureWriter.write(target, series, series.image(share -> {}), Phantom.mask(series), MODEL);
        DicomFile file = DicomFile.read(target);
        List<DataSet> sources = file.elements().items(ResultTag.SOURCE_IMAGE_SEQUENCE);
        try (Frames frames = Frames.open(file)) {
            for (int k = 0; k < Phantom.SLICES; k++) {
                String uid = sources.get(k).text(ResultTag.REFERENCED_SOP_INSTANCE_UID);
                int slice = Integer.parseInt(uid.substring(uid.lastIndexOf('.') + 1)) - 1;
                int[] samples = frames.read(k);
                for (int i = 0; i < Phantom.COLUMNS * Phantom.ROWS; i++) {
                    int value = Phantom.value(i % Phantom.COLUMNS, i / Phantom.COLUMNS, slice);
                    int colour = samples[3 * i] << 16 | samples[3 * i + 1] << 8 | samples[3 * i + 2];
                    if (value == 1000) {
                        assertThat(colour).isEqualTo(LabelColours.of(1));
                    } else if (value != 2000) {
                        assertThat(samples[3 * i]).isEqualTo(samples[3 * i + 1]).isEqualTo(samples[3 * i + 2]);
                    }
                }
            }
        }
        Dciodvfy.requireNoErrors(target);
    }

    /** Of a folder that is segmented twice. */
    @Test
    void results_beside_their_images_are_no_images() {
        Path images = folder.resolve("images");
        Series series = Phantom.write(images, Phantom.AXIAL, false);
        Image image = series.image(share -> {});
        ParametricMapWriter.write(images.resolve("map.dcm"), series, image, "entropy", MODEL);
        PictureWriter.write(images.resolve("pictures.dcm"), series, image, Phantom.mask(series), MODEL);
        assertThat(Series.of(images, share -> {})).extracting(Series::label).containsExactly(series.label());
        assertThat(Series.of(images.resolve("map.dcm"), share -> {})).hasSize(1);
    }
}
