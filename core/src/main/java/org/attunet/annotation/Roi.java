package org.attunet.annotation;

import java.awt.geom.Path2D;
import java.awt.geom.PathIterator;
import java.awt.geom.RoundRectangle2D;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.jspecify.annotations.Nullable;

/**
 * A selection ("ROI") of ImageJ as its files hold it: big-endian, a header of 64 bytes, coordinates, a second header. Areas
 * are polygons, freehand and traced selections, rectangles (also rounded and rotated), ovals, ellipses and composites; their
 * pixels are those of ImageJ's own mask. Source: ij.io.RoiDecoder of ImageJ 1.54.
 */
final class Roi {
    private static final int RECTANGLE = 1;
    private static final int OVAL = 2;
    private static final int ELLIPSE = 3; // a subtype of freehand selections
    private static final int ROTATED = 5;
    private static final int SUB_PIXEL = 128;
    private static final int SPLINE = 1;
    private static final int HEADER = 64;
    private static final int ELLIPSE_CORNERS = 72;
    private static final double FLATNESS = 0.01; // of curves, in pixels
    private static final int FARTHEST = 1 << 29; // no image has as many pixels, and sums are still numbers
    private static final int MOST_CORNERS = 1 << 22;

    private final Path file;
    private final int number;
    private final ByteBuffer bytes;
    private final int version;
    private final int type;
    private final int subtype;
    private final int options;

    /**
     * Reads the header.
     *
     * @param file for failures
     * @param number of the selection in the file, for failures
     */
    Roi(Path file, int number, byte[] content) {
        this.file = file;
        this.number = number;
        this.bytes = ByteBuffer.wrap(content);
        if (content.length < HEADER || content[0] != 'I' || content[1] != 'o') {
            throw damaged(content.length < HEADER ? "ends too early" : "doesn't begin with \"Iout\"");
        }
        this.version = bytes.getShort(4);
        this.type = bytes.get(6);
        this.subtype = bytes.getShort(48);
        this.options = bytes.getShort(50);
    }

    private AttunetException damaged(String found) {
        return new AttunetException(
                file, "selection " + number + " " + found, "selections of ImageJ", "save the selections again");
    }

    /** Whether it is a polygon through whose corners ImageJ draws a smooth curve. */
    boolean isSpline() {
        return (options & SPLINE) != 0 && (type == 0 || type == 7 || type == 8);
    }

    /** The slice or frame of a stack that it belongs to, from 1; 0 for all. */
    int position() {
        try {
            int second = bytes.getInt(60);
            int place = bytes.getInt(56);
            if (second > 0 && second + 16 <= bytes.capacity()) {
                place = Math.max(place, Math.max(bytes.getInt(second + 8), bytes.getInt(second + 12)));
            }
            return place;
        } catch (IndexOutOfBoundsException e) {
            throw damaged("ends too early");
        }
    }

    /** Its pixels; null if it is no area but a line, a point, a text or a picture. */
    @Nullable
    Shape shape(Grid grid) {
        try {
            if (bytes.getInt(36) > 0) {
                return composite(grid);
            }
            if (subtype == 1 || subtype == 2 || subtype == 4) { // text, arrow, picture
                return null;
            }
            return switch (type) {
                case RECTANGLE -> rectangle(grid);
                case OVAL -> oval(grid);
                case 0, 8 -> fill(grid, List.of(corners()));
                case 7 ->
                    subtype == ELLIPSE || subtype == ROTATED
                            ? fill(grid, List.of(subtype == ELLIPSE ? ellipse() : rotated()))
                            : fill(grid, List.of(corners()));
                case 3, 4, 5, 6, 9, 10 -> null;
                default -> throw damaged("is of the unknown type " + type);
            };
        } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
            throw damaged("ends too early");
        }
    }

    private Shape fill(Grid grid, List<double[]> rings) {
        return new PolygonFill(file, grid, PolygonFill.Border.LOWER_RIGHT, List.of(rings));
    }

    /** A number of 16 bits, below -5000 taken for one above 32767 as ImageJ does. */
    private int signed(int at) {
        int value = bytes.getShort(at);
        return value < -5000 ? value & 0xffff : value;
    }

    /** Left, top, width and height in whole pixels. */
    private int[] bounds() {
        int top = signed(8);
        int left = signed(10);
        int width = signed(14) - left;
        int height = signed(12) - top;
        if (version >= 223 && (options & SUB_PIXEL) != 0) {
            left = (int) bytes.getFloat(18);
            top = (int) bytes.getFloat(22);
            width = (int) Math.ceil(bytes.getFloat(26));
            height = (int) Math.ceil(bytes.getFloat(30));
        }
        for (int number : new int[] {left, top, width, height}) {
            if (Math.abs((long) number) > FARTHEST) {
                throw damaged("lies at " + left + ", " + top + " with " + width + " x " + height + " pixels");
            }
        }
        return new int[] {left, top, Math.max(1, width), Math.max(1, height)};
    }

    private Shape rectangle(Grid grid) {
        int[] at = bounds();
        int diameter = signed(54);
        if (diameter <= 0) {
            double right = (double) at[0] + at[2];
            double bottom = (double) at[1] + at[3];
            return fill(grid, List.of(new double[] {at[0], at[1], right, at[1], right, bottom, at[0], bottom}));
        }
        return fill(
                grid,
                rings(new Path2D.Float(new RoundRectangle2D.Float(at[0], at[1], at[2], at[3], diameter, diameter))));
    }

    /** The pixels whose centres lie in an ellipse or on it. */
    private Shape oval(Grid grid) {
        int[] at = bounds();
        double a = at[2] / 2.0;
        double b = at[3] / 2.0;
        return sink -> {
            for (int y = Math.max(0, -at[1]); y < at[3] && at[1] + y < grid.size(1); y++) {
                double dy = y - (b - 0.5);
                int first = firstInside(at[2], a, dy * dy / (b * b));
                int from = Math.max(0, at[0] + first);
                int to = Math.min(grid.size(0), at[0] + at[2] - first);
                if (from < to) {
                    int row = (at[1] + y) * grid.size(0);
                    sink.run(row + from, row + to);
                }
            }
        };
    }

    /** The first pixel of a row of an oval whose centre is inside; the oval's half is left of its middle. */
    private static int firstInside(int width, double a, double vertical) {
        int low = 0;
        int high = (width + 1) / 2;
        while (low < high) {
            int middle = (low + high) >>> 1;
            double dx = middle - (a - 0.5);
            if (dx * dx / (a * a) + vertical <= 1) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The corners of a polygon, in fractions of pixels if it has them. */
    private double[] corners() {
        int count = bytes.getShort(16) & 0xffff;
        count = count == 0 ? bytes.getInt(18) : count;
        boolean fractions = (options & SUB_PIXEL) != 0 && version >= 222;
        if (count < 0 || count > (bytes.capacity() - HEADER) / (fractions ? 12 : 4)) {
            throw damaged("has " + count + " corners in " + bytes.capacity() + " bytes");
        }
        double[] corners = new double[2 * count];
        int top = signed(8);
        int left = signed(10);
        int base = HEADER + 4 * count;
        for (int i = 0; i < count; i++) {
            if (fractions) {
                corners[2 * i] = bytes.getFloat(base + 4 * i);
                corners[2 * i + 1] = bytes.getFloat(base + 4 * (count + i));
            } else {
                corners[2 * i] = left + Math.max(0, signed(HEADER + 2 * i));
                corners[2 * i + 1] = top + Math.max(0, signed(HEADER + 2 * (count + i)));
            }
        }
        return corners;
    }

    /** The polygon as which ImageJ fills an ellipse, from the ends of its major axis and its aspect ratio. */
    private double[] ellipse() {
        double dx = bytes.getFloat(26) - bytes.getFloat(18);
        double dy = bytes.getFloat(30) - bytes.getFloat(22);
        double centreX = (bytes.getFloat(18) + (double) bytes.getFloat(26)) / 2;
        double centreY = (bytes.getFloat(22) + (double) bytes.getFloat(30)) / 2;
        double ratio = Math.min(1, Math.max(0, bytes.getFloat(52)));
        double[] corners = new double[2 * ELLIPSE_CORNERS];
        for (int i = 0; i < ELLIPSE_CORNERS; i++) {
            double angle = 2 * Math.PI * i / ELLIPSE_CORNERS;
            double along = Math.cos(angle) / 2;
            double across = Math.sin(angle) / 2 * ratio;
            corners[2 * i] = (float) (centreX + along * dx - across * dy);
            corners[2 * i + 1] = (float) (centreY + along * dy + across * dx);
        }
        return corners;
    }

    /** A rectangle from the ends of its middle line and its width. */
    private double[] rotated() {
        double x1 = bytes.getFloat(18);
        double y1 = bytes.getFloat(22);
        double x2 = bytes.getFloat(26);
        double y2 = bytes.getFloat(30);
        double length = Math.hypot(x2 - x1, y2 - y1);
        double dx = 0.5 * bytes.getFloat(52) * (y2 - y1) / length;
        double dy = -0.5 * bytes.getFloat(52) * (x2 - x1) / length;
        double[] corners = {x1 + dx, y1 + dy, x2 + dx, y2 + dy, x2 - dx, y2 - dy, x1 - dx, y1 - dy};
        return Arrays.stream(corners).map(value -> (float) value).toArray();
    }

    /** A shape of segments, each a kind (0 move, 1 line, 2 quadratic, 3 cubic, 4 close) and its points. */
    private Shape composite(Grid grid) {
        int count = bytes.getInt(36);
        if (count > (bytes.capacity() - HEADER) / 4) {
            throw damaged("has " + count + " numbers in " + bytes.capacity() + " bytes");
        }
        Path2D path = new Path2D.Float(Path2D.WIND_EVEN_ODD);
        bytes.position(HEADER).limit(HEADER + 4 * count);
        while (bytes.hasRemaining()) {
            int kind = (int) bytes.getFloat();
            if (kind != 0 && path.getCurrentPoint() == null) {
                throw damaged("is a shape without a first point");
            }
            switch (kind) {
                case 0 -> path.moveTo(bytes.getFloat(), bytes.getFloat());
                case 1 -> path.lineTo(bytes.getFloat(), bytes.getFloat());
                case 2 -> path.quadTo(bytes.getFloat(), bytes.getFloat(), bytes.getFloat(), bytes.getFloat());
                case 3 ->
                    path.curveTo(
                            bytes.getFloat(),
                            bytes.getFloat(),
                            bytes.getFloat(),
                            bytes.getFloat(),
                            bytes.getFloat(),
                            bytes.getFloat());
                case 4 -> path.closePath();
                default -> throw damaged("is a shape with a segment of the kind " + kind);
            }
        }
        bytes.clear();
        return fill(grid, rings(path));
    }

    /** The rings of a path, its curves as lines. */
    private List<double[]> rings(Path2D path) {
        List<double[]> rings = new ArrayList<>();
        double[] ring = new double[16];
        int length = 0;
        int all = 0;
        float[] point = new float[6];
        for (PathIterator at = path.getPathIterator(null, FLATNESS); !at.isDone(); at.next()) {
            int kind = at.currentSegment(point);
            if (kind == PathIterator.SEG_MOVETO) {
                rings.add(Arrays.copyOf(ring, length));
                length = 0;
            }
            if (kind != PathIterator.SEG_CLOSE) {
                ring = length < ring.length ? ring : Arrays.copyOf(ring, 2 * length);
                ring[length++] = point[0];
                ring[length++] = point[1];
                if (++all > MOST_CORNERS) {
                    throw damaged("is a shape of more than " + MOST_CORNERS + " corners");
                }
            }
        }
        rings.add(Arrays.copyOf(ring, length));
        return rings;
    }
}
