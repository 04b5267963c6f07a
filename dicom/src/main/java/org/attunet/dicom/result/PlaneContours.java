package org.attunet.dicom.result;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.attunet.dicom.data.DataSet;
import org.attunet.dicom.data.Vr;
import org.attunet.dicom.series.Plane;
import org.attunet.dicom.series.Slice;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.Outline;

/**
 * The contours of a slice's labels.
 *
 * @param slice whose pixels they are
 * @param pixels their labels, row by row
 */
record PlaneContours(Slice slice, short[] pixels) {
    /** The longest value that an element of decimal text has in explicit VR. */
    private static final int MOST_BYTES = 0xFFFE;

    /** The shortest point: three digits and backslashes. */
    private static final int LEAST_BYTES = 6;

    /**
     * Returns a label's contours.
     *
     * @param value the label
     * @param before how many contours there are already
     */
    List<DataSet> of(int value, int before) {
        List<DataSet> contours = new ArrayList<>();
        int columns = slice.plane().columns();
        int first = pixels.length;
        int last = 0;
        for (int i = 0; i < pixels.length; i++) {
            if (pixels[i] == (short) value) {
                first = Math.min(first, i / columns);
                last = i / columns;
            }
        }
        for (String[] points : polygons(value, first, last + 1)) {
            DataSet contour = new DataSet();
            contour.put(ContourTag.CONTOUR_IMAGE_SEQUENCE, List.of(SourceImages.slice(slice)));
            contour.put(ContourTag.CONTOUR_GEOMETRIC_TYPE, Vr.CS, "CLOSED_PLANAR");
            contour.put(ContourTag.NUMBER_OF_CONTOUR_POINTS, Vr.IS, points.length / 3);
            contour.put(ContourTag.CONTOUR_NUMBER, Vr.IS, before + contours.size() + 1);
            contour.put(ContourTag.CONTOUR_DATA, Vr.DS, points);
            contours.add(contour);
        }
        return contours;
    }

    /** The polygons of a label in some rows; in two halves if one would be too long for an element. */
    private List<String[]> polygons(int value, int from, int to) {
        int columns = slice.plane().columns();
        short[] own = new short[columns * (to - from)];
        for (int i = 0; i < own.length; i++) {
            own[i] = pixels[from * columns + i] == (short) value ? (short) 1 : 0;
        }
        List<String[]> polygons = new ArrayList<>();
        for (Outline outline : Outline.of(new LabelMap(Grid.ofPixels(columns, to - from), own))) {
            boolean many = corners(outline) > MOST_BYTES / LEAST_BYTES;
            String[] points = many ? new String[0] : points(Keyhole.polygon(outline), from);
            if ((many || bytes(points) > MOST_BYTES) && to - from > 1) {
                int middle = (from + to) / 2;
                List<String[]> halves = new ArrayList<>(polygons(value, from, middle));
                halves.addAll(polygons(value, middle, to));
                return halves;
            }
            polygons.add(points);
        }
        return polygons;
    }

    private static int corners(Outline outline) {
        return outline.exterior().length / 2
                + outline.holes().stream().mapToInt(hole -> hole.length / 2 + 3).sum();
    }

    private static int bytes(String[] points) {
        return String.join("\\", points).getBytes(StandardCharsets.US_ASCII).length;
    }

    /** Corners of pixels in DICOM's coordinates, to a thousandth of a pixel. */
    private String[] points(int[] corners, int firstRow) {
        Plane plane = slice.plane();
        double least = Math.min(plane.columnSpacing(), plane.rowSpacing());
        int decimals = (int) Math.max(1, Math.min(9, Math.ceil(3 - Math.log10(least))));
        String[] points = new String[corners.length / 2 * 3];
        for (int i = 0; i < corners.length / 2; i++) {
            double across = (corners[2 * i] - 0.5) * plane.columnSpacing();
            double down = (corners[2 * i + 1] + firstRow - 0.5) * plane.rowSpacing();
            for (int axis = 0; axis < 3; axis++) {
                double place = plane.position()[axis] + across * plane.across()[axis] + down * plane.down()[axis];
                points[3 * i + axis] = text(place, decimals);
            }
        }
        return points;
    }

    private static String text(double value, int decimals) {
        BigDecimal rounded = BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
