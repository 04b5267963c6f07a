package org.attunet.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.attunet.error.AttunetException;

/**
 * The outline of one object in a plane along the edges of its pixels: a polygon whose interior holds the centres of exactly
 * these pixels. An object is a connected component of one label, connected through sides, not corners.
 *
 * <p>Corners are pixel coordinates: the pixel (x, y) reaches from (x, y) to (x + 1, y + 1). A ring is {@code x0, y0, x1, y1, …},
 * one corner for each turn, not closed by a repetition of the first. As RFC 7946 wants it, the exterior's area by the
 * shoelace formula is positive and a hole's is negative. No ring meets itself: if an object touches itself at a corner, the
 * exterior and holes, or two holes, share that corner, which is valid for a polygon of the OGC.
 *
 * @param label the object's label, 1 to 65535
 * @param pixels the number of the object's pixels
 * @param exterior the outer ring
 * @param holes the rings of the holes
 */
public record Outline(int label, int pixels, int[] exterior, List<int[]> holes) {
    private static final int[] DX = {1, 0, -1, 0}; // right, down, left, up
    private static final int[] DY = {0, 1, 0, -1};

    /**
     * Copies the list.
     *
     * @param label the object's label, 1 to 65535
     * @param pixels the number of the object's pixels
     * @param exterior the outer ring
     * @param holes the rings of the holes
     */
    public Outline {
        holes = List.copyOf(holes);
    }

    /**
     * Traces all objects.
     *
     * @param map in 2D
     * @return the outlines in the order of their first pixels, row by row
     * @throws AttunetException if it is a volume
     */
    public static List<Outline> of(LabelMap map) {
        if (map.grid().dimension() != 2) {
            throw new AttunetException(
                    "outlines", "a volume, " + map.grid(), "a 2D mask", "trace its slices one by one");
        }
        return new Tracing(map).all();
    }

    /**
     * {@return the signed area of a ring by the shoelace formula; positive if it runs from the x axis to the y axis}
     *
     * @param ring x and y of its corners in turn
     */
    public static long area(int[] ring) {
        long twice = 0;
        int last = ring.length - 2;
        for (int i = 0; i < ring.length; last = i, i += 2) {
            twice += (long) ring[last] * ring[i + 1] - (long) ring[i] * ring[last + 1];
        }
        return twice / 2;
    }

    /**
     * The boundary of all objects, walked with the object on the right hand. Each pixel's upper side, if it is a boundary,
     * belongs to one ring; a walk begins at the first side not yet visited.
     */
    private static final class Tracing {
        private final int width;
        private final int height;
        private final short[] labels;
        private final Components objects;
        private final boolean[] visited; // whether the pixel's upper side was walked
        private final Map<Integer, Rings> found = new LinkedHashMap<>(); // by the index of the first pixel

        private static final class Rings {
            private int pixels;
            private int[] exterior = {};
            private final List<int[]> holes = new ArrayList<>();
        }

        Tracing(LabelMap map) {
            width = map.grid().size(0);
            height = map.grid().size(1);
            labels = map.voxels();
            objects = Components.ofEachLabel(map);
            visited = new boolean[labels.length];
        }

        List<Outline> all() {
            List<Outline> outlines = new ArrayList<>();
            for (int i = 0; i < labels.length; i++) {
                int which = objects.at(i);
                if (which >= 0) {
                    found.computeIfAbsent(which, first -> new Rings()).pixels++;
                    if (!visited[i] && !inside(i % width, i / width - 1, which)) {
                        walk(i);
                    }
                }
            }
            found.forEach((first, rings) -> outlines.add(
                    new Outline(Short.toUnsignedInt(labels[first]), rings.pixels, rings.exterior, rings.holes)));
            return outlines;
        }

        private boolean inside(int x, int y, int which) {
            return x >= 0 && y >= 0 && x < width && y < height && objects.at(y * width + x) == which;
        }

        /** Walks the boundary from the upper side of a pixel until it closes. */
        private void walk(int pixel) {
            int which = objects.at(pixel);
            int startX = pixel % width;
            int startY = pixel / width;
            int x = startX;
            int y = startY;
            int direction = 0;
            var corners = new Corners();
            corners.add(x, y);
            do {
                if (direction == 0) {
                    visited[y * width + x] = true;
                }
                x += DX[direction];
                y += DY[direction];
                int turn = turn(x, y, direction, which);
                if (turn != 0) {
                    corners.add(x, y);
                    direction = direction + turn & 3;
                }
            } while (x != startX || y != startY || direction != 0);
            corners.split(Objects.requireNonNull(found.get(which)));
        }

        /** 1 to the right, -1 to the left, 0 straight on; at a corner where two pixels of the object meet, to the right. */
        private int turn(int x, int y, int direction, int which) {
            // The pixels before the corner: (x, y) is right and below it, so that one reaches back by 1 against the
            // walk.
            int rightX = direction == 0 || direction == 3 ? x : x - 1;
            int rightY = direction == 0 || direction == 1 ? y : y - 1;
            if (!inside(rightX, rightY, which)) {
                return 1;
            }
            int leftX = rightX + DY[direction];
            int leftY = rightY - DX[direction];
            return inside(leftX, leftY, which) ? -1 : 0;
        }
    }

    /** The corners of a walk, which may meet a corner twice. */
    private static final class Corners {
        private int[] xy = new int[16];
        private int length;

        void add(int x, int y) {
            xy = length < xy.length ? xy : Arrays.copyOf(xy, 2 * length);
            xy[length++] = x;
            xy[length++] = y;
        }

        /** Divides the walk into rings that don't meet themselves. */
        void split(Tracing.Rings rings) {
            int end = length - 2; // the walk ends at its first corner
            Map<Long, Integer> places = new HashMap<>();
            int kept = 0;
            for (int at = 0; at < end; at += 2) {
                Integer before = places.get(key(at));
                if (before != null) {
                    // The part since then is a ring of its own, and the corner stays for the rest.
                    keep(Arrays.copyOfRange(xy, before, kept), rings);
                    for (int i = before + 2; i < kept; i += 2) {
                        places.remove(key(i));
                    }
                    kept = before + 2;
                } else {
                    xy[kept] = xy[at];
                    xy[kept + 1] = xy[at + 1];
                    places.put(key(kept), kept);
                    kept += 2;
                }
            }
            keep(Arrays.copyOf(xy, kept), rings);
        }

        private long key(int at) {
            return (long) xy[at] << 32 | xy[at + 1];
        }

        private static void keep(int[] ring, Tracing.Rings rings) {
            if (area(ring) > 0) {
                rings.exterior = ring;
            } else {
                rings.holes.add(ring);
            }
        }
    }
}
