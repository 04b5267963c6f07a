package org.attunet.annotation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.error.TooLargeException;
import org.attunet.image.Grid;

/**
 * The pixels whose centres lie in one of several polygons. A polygon is one or more rings, and a point is in it if a ray from
 * the point crosses the rings an odd number of times, so that an inner ring is a hole. Corners are pixel coordinates: the
 * centre of the pixel (x, y) is (x + 0.5, y + 0.5). What lies outside of the image is left out.
 *
 * <p>The scan line stops at each row's centres; memory is proportional to the corners.
 */
final class PolygonFill implements Shape {
    /** What becomes of pixels whose centres lie on a polygon's border. */
    enum Border {
        /** Inside on the left and upper border, as Java2D fills shapes. */
        UPPER_LEFT {
            @Override
            int first(double coordinate) {
                return (int) Math.ceil(coordinate - 0.5);
            }
        },
        /** Inside on the right and lower border, as ImageJ fills selections, which adds 1e-8 to x. */
        LOWER_RIGHT {
            @Override
            int first(double coordinate) {
                return (int) Math.floor(coordinate + 0.5);
            }

            @Override
            double shifted(double x) {
                return x + 1e-8;
            }
        };

        /** The first pixel whose centre is behind a coordinate. */
        abstract int first(double coordinate);

        double shifted(double x) {
            return x;
        }
    }

    /** Coordinates beyond this are damage, since no image has as many pixels. */
    private static final double FARTHEST = 1 << 30;

    private static final long MOST_CROSSINGS = 1L << 26;

    private final Grid grid;
    private final Border border;
    private int edges;
    private int[] polygon = new int[4]; // of an edge
    private int[] firstRow = new int[4];
    private int[] endRow = new int[4];
    private double[] ends = new double[16]; // x and y of the upper end, x and y of the lower one

    /**
     * Prepares to fill polygons.
     *
     * @param file for failures
     * @param grid in 2D
     * @param polygons each of one or more rings: x and y of the corners in turn, with or without a repetition of the first
     * @throws AttunetException if a coordinate is no number or absurdly large
     */
    PolygonFill(Path file, Grid grid, Border border, List<List<double[]>> polygons) {
        this.grid = grid;
        this.border = border;
        long crossings = 0;
        for (int which = 0; which < polygons.size(); which++) {
            for (double[] ring : polygons.get(which)) {
                require(file, ring);
                for (int i = 0, last = ring.length - 2; i < ring.length; last = i, i += 2) {
                    crossings += add(which, ring[last], ring[last + 1], ring[i], ring[i + 1]);
                }
            }
        }
        if (crossings > MOST_CROSSINGS) {
            throw new TooLargeException(
                    file,
                    "an object's outline crosses the rows of the image " + crossings + " times",
                    "at most " + MOST_CROSSINGS + " times",
                    "simplify the outline");
        }
    }

    private static void require(Path file, double[] ring) {
        for (double coordinate : ring) {
            if (!(Math.abs(coordinate) <= FARTHEST)) {
                throw new AttunetException(
                        file,
                        "an outline has the coordinate " + coordinate,
                        "pixel coordinates up to " + (long) FARTHEST,
                        "export the objects again");
            }
        }
    }

    /** Adds an edge unless it reaches no row; returns how many it crosses. */
    private int add(int which, double x1, double y1, double x2, double y2) {
        boolean down = y1 < y2;
        int first = Math.max(0, border.first(down ? y1 : y2));
        int end = Math.min(grid.size(1), border.first(down ? y2 : y1));
        if (first >= end) {
            return 0;
        }
        if (edges == polygon.length) {
            polygon = Arrays.copyOf(polygon, 2 * edges);
            firstRow = Arrays.copyOf(firstRow, 2 * edges);
            endRow = Arrays.copyOf(endRow, 2 * edges);
            ends = Arrays.copyOf(ends, 8 * edges);
        }
        polygon[edges] = which;
        firstRow[edges] = first;
        endRow[edges] = end;
        ends[4 * edges] = down ? x1 : x2; // the same edge gives the same crossings in both directions
        ends[4 * edges + 1] = down ? y1 : y2;
        ends[4 * edges + 2] = down ? x2 : x1;
        ends[4 * edges + 3] = down ? y2 : y1;
        edges++;
        return end - first;
    }

    @Override
    public void draw(Sink sink) {
        int[] order = byFirstRow();
        int[] active = new int[edges];
        int count = 0;
        int next = 0;
        double[] crossings = new double[edges];
        long[] spans = new long[edges];
        for (int row = edges == 0 ? 0 : firstRow[order[0]]; next < edges || count > 0; row++) {
            Interruption.check();
            int kept = 0;
            for (int i = 0; i < count; i++) {
                if (endRow[active[i]] > row) {
                    active[kept++] = active[i];
                }
            }
            count = kept;
            while (next < edges && firstRow[order[next]] == row) {
                active[count++] = order[next++];
            }
            if (count > kept) {
                Arrays.sort(active, 0, count); // edges of a polygon are neighbours
            }
            for (int i = 0; i < count; i++) {
                crossings[i] = border.shifted(crossing(active[i], row + 0.5));
            }
            emit(row, spans, spans(active, count, crossings, spans), sink);
        }
    }

    /** Where an edge crosses a horizontal line; exact if x is a number of pixels and a half. */
    private double crossing(int edge, double y) {
        int at = 4 * edge;
        return ends[at] + (y - ends[at + 1]) * (ends[at + 2] - ends[at]) / (ends[at + 3] - ends[at + 1]);
    }

    private int[] byFirstRow() {
        long[] keys = new long[edges];
        for (int i = 0; i < edges; i++) {
            keys[i] = (long) firstRow[i] << 32 | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    /** The pixels of a row between crossings of the same polygon, as first and end; returns their number. */
    private int spans(int[] active, int count, double[] crossings, long[] spans) {
        int found = 0;
        for (int from = 0, to; from < count; from = to) {
            to = from;
            while (to < count && polygon[active[to]] == polygon[active[from]]) {
                to++;
            }
            Arrays.sort(crossings, from, to);
            for (int i = from; i + 1 < to; i += 2) {
                int first = Math.max(0, border.first(crossings[i]));
                int end = Math.min(grid.size(0), border.first(crossings[i + 1]));
                if (first < end) {
                    spans[found++] = (long) first << 32 | end;
                }
            }
        }
        return found;
    }

    /** Passes on the union of a row's spans. */
    private void emit(int row, long[] spans, int count, Sink sink) {
        Arrays.sort(spans, 0, count);
        int start = row * grid.size(0);
        for (int i = 0; i < count; ) {
            int first = (int) (spans[i] >> 32);
            int end = (int) spans[i];
            for (i++; i < count && (int) (spans[i] >> 32) <= end; i++) {
                end = Math.max(end, (int) spans[i]);
            }
            sink.run(start + first, start + end);
        }
    }
}
