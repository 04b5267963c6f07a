package org.attunet.dicom.result;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.DicomWriter;
import org.attunet.dicom.data.Tag;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Series;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.picture.Pictures;
import org.attunet.picture.Window;

/**
 * Writes pictures of a series' slices with a mask drawn into them, which every viewer shows: a Multi-frame True Color Secondary
 * Capture (PS3.3, A.8.5).
 *
 * <p>Thread-safe; needs no display.
 */
public final class PictureWriter {
    private static final int CONVERSION_TYPE = 0x0008_0064;
    private static final int FRAME_INCREMENT_POINTER = 0x0028_0009;
    private static final int BURNED_IN_ANNOTATION = 0x0028_0301;

    private PictureWriter() {}

    /**
     * Writes pictures: in the window that suits the whole volume, labels in attunet's colours, translucent inside and opaque at
     * their borders.
     *
     * @param target the file, written whole or not at all
     * @param series what was segmented
     * @param image the series' voxels
     * @param mask on the series' grid
     * @param algorithm what made the mask
     * @throws org.attunet.error.AttunetException if the mask lies elsewhere, or the file can't be written
     */
    public static void write(Path target, Series series, Image image, LabelMap mask, Algorithm algorithm) {
        series.requireOnGrid(image.grid());
        Planes planes = Planes.of(series, mask.grid());
        byte[] pixels = new byte[WholeStack.length(target, planes, 3)];
        Window window = image.channels().length == 3 ? Window.ofColour(image) : Window.of(image);
        Grid plane = Grid.ofPixels(planes.columns(), planes.rows());
        int at = 0;
        for (int k = 0; k < planes.size(); k++) {
            Interruption.check();
            int[] voxels = series.voxels(k);
            Image slice = image.map(plane, channel -> values(channel, voxels));
            LabelMap labels = new LabelMap(plane, series.toSlice(mask, k));
            at = add(Pictures.overlay(slice, labels, window), pixels, at);
        }
        DataSet set = WholeStack.elements(planes, ResultKind.PICTURES, algorithm, 8, 3);
        set.put(
                ResultTag.SOURCE_IMAGE_SEQUENCE,
                series.slices().stream().map(SourceImages::slice).toList());
        set.put(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "SECONDARY");
        set.put(ResultTag.LATERALITY, Vr.CS, new String[0]);
        if (!series.isPicture()) {
            set.put(ResultTag.PATIENT_ORIENTATION, Vr.CS, new String[0]);
        }
        set.put(CONVERSION_TYPE, Vr.CS, "WSD");
        set.put(Tag.PLANAR_CONFIGURATION, Vr.US, 0);
        if (planes.size() > 1) {
            set.put(FRAME_INCREMENT_POINTER, Vr.AT, Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
        }
        boolean burned = series.elements().text(BURNED_IN_ANNOTATION).equals("YES");
        set.put(BURNED_IN_ANNOTATION, Vr.CS, burned ? "YES" : "NO");
        set.put(Tag.PIXEL_DATA, Vr.OB, pixels);
        DicomWriter.write(target, set);
    }

    private static float[] values(float[] channel, int[] voxels) {
        float[] values = new float[voxels.length];
        for (int i = 0; i < voxels.length; i++) {
            values[i] = voxels[i] < 0 ? 0 : channel[voxels[i]];
        }
        return values;
    }

    private static int add(BufferedImage picture, byte[] pixels, int from) {
        int at = from;
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int colour = picture.getRGB(x, y);
                pixels[at++] = (byte) (colour >> 16);
                pixels[at++] = (byte) (colour >> 8);
                pixels[at++] = (byte) colour;
            }
        }
        return at;
    }
}
