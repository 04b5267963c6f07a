package org.attunet.dicom.result;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.attunet.image.Outline;

/**
 * An object of a plane as one polygon, whose holes are joined to its outside by channels without width (PS3.3, C.8.8.6.3). It
 * holds the same points whether overlaps count once, even and odd, or by direction.
 */
final class Keyhole {
    private Keyhole() {}

    /**
     * Returns the polygon: x and y of its corners in turn, as pixels' corners are counted.
     *
     * @param outline of sides along rows and columns
     */
    static int[] polygon(Outline outline) {
        List<int[]> polygon = points(outline.exterior(), 0);
        List<int[]> holes = new ArrayList<>(outline.holes());
        holes.sort(Comparator.comparingInt(hole -> hole[leftmost(hole)]));
        for (int[] hole : holes) {
            join(polygon, points(hole, leftmost(hole)));
        }
        return polygon.stream().flatMapToInt(java.util.Arrays::stream).toArray();
    }

    /** Where the leftmost corner of a ring is, the upper one of several. */
    private static int leftmost(int[] ring) {
        int least = 0;
        for (int i = 2; i < ring.length; i += 2) {
            if (ring[i] < ring[least] || (ring[i] == ring[least] && ring[i + 1] < ring[least + 1])) {
                least = i;
            }
        }
        return least;
    }

    private static List<int[]> points(int[] ring, int from) {
        List<int[]> points = new ArrayList<>();
        for (int i = 0; i < ring.length; i += 2) {
            int at = (from + i) % ring.length;
            points.add(new int[] {ring[at], ring[at + 1]});
        }
        return points;
    }

    /** Joins a hole, from its leftmost corner to the next side on the left, which belongs to the polygon. */
    private static void join(List<int[]> polygon, List<int[]> hole) {
        int x = hole.get(0)[0];
        int y = hole.get(0)[1];
        int side = -1;
        int nearest = Integer.MIN_VALUE;
        for (int i = 0; i < polygon.size(); i++) {
            int[] a = polygon.get(i);
            int[] b = polygon.get((i + 1) % polygon.size());
            boolean crosses = a[0] == b[0] && a[0] <= x && Math.min(a[1], b[1]) <= y && y <= Math.max(a[1], b[1]);
            if (crosses && a[0] > nearest) {
                nearest = a[0];
                side = i;
            }
        }
        List<int[]> detour = new ArrayList<>();
        int[] door = {nearest, y};
        detour.add(door);
        detour.addAll(hole);
        detour.add(hole.get(0));
        detour.add(door);
        polygon.addAll(side + 1, detour);
    }
}
