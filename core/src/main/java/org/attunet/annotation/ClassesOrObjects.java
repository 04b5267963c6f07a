package org.attunet.annotation;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.objects.ObjectMap;

/**
 * Tells label images of objects from masks of classes. The values of masks number objects if all of this holds:
 *
 * <ul>
 *   <li>some image has at least 10 values other than 0;
 *   <li>at least 80 % of the values, counted in each image, are one connected piece there (corners connect), while a class
 *       usually has several;
 *   <li>the largest values of the images add up to at most twice the number of their values, since objects are numbered from
 *       1 in each image, while images that show some of many organs or vertebrae lack the first numbers;
 *   <li>not all of several images have the same number of values.
 * </ul>
 */
final class ClassesOrObjects {
    private static final int MANY = 10;
    private static final double MOST_WHOLE = 0.8;
    private static final int MOST_GAPS = 2;

    private ClassesOrObjects() {}

    static boolean areObjects(Collection<ObjectMap> maps) {
        if (maps.stream().noneMatch(ClassesOrObjects::hasMany)) {
            return false;
        }
        int[] counts = new int[maps.size()];
        long values = 0;
        long whole = 0;
        long largest = 0;
        int image = 0;
        for (ObjectMap map : maps) {
            Map<Integer, Integer> pieces = pieces(map);
            counts[image++] = pieces.size();
            values += pieces.size();
            largest += map.largest();
            whole += pieces.values().stream().filter(count -> count == 1).count();
        }
        boolean varied = maps.size() == 1 || Arrays.stream(counts).distinct().count() > 1;
        return whole >= MOST_WHOLE * values && largest <= MOST_GAPS * values && varied;
    }

    private static boolean hasMany(ObjectMap map) {
        return Arrays.stream(map.numbers())
                        .filter(number -> number > 0)
                        .distinct()
                        .limit(MANY)
                        .count()
                == MANY;
    }

    /** The number of connected pieces of each value other than 0. */
    private static Map<Integer, Integer> pieces(ObjectMap map) {
        int[] numbers = map.numbers();
        BitSet seen = new BitSet(numbers.length);
        Map<Integer, Integer> pieces = new HashMap<>();
        for (int i = 0; i < numbers.length; i++) {
            Interruption.check(i);
            if (numbers[i] > 0 && !seen.get(i)) {
                pieces.merge(numbers[i], 1, Integer::sum);
                fill(map, i, seen);
            }
        }
        return pieces;
    }

    /** Marks the piece that a voxel is part of. */
    private static void fill(ObjectMap map, int start, BitSet seen) {
        Grid grid = map.grid();
        int width = grid.size(0);
        int plane = width * grid.size(1);
        int[] stack = {start, 0, 0, 0};
        int depth = 1;
        seen.set(start);
        while (depth > 0) {
            int i = stack[--depth];
            int x = i % width;
            int y = i % plane / width;
            int z = i / plane;
            for (int c = Math.max(z - 1, 0); c <= Math.min(z + 1, grid.size(2) - 1); c++) {
                for (int b = Math.max(y - 1, 0); b <= Math.min(y + 1, grid.size(1) - 1); b++) {
                    for (int a = Math.max(x - 1, 0); a <= Math.min(x + 1, width - 1); a++) {
                        int next = c * plane + b * width + a;
                        if (map.numbers()[next] == map.numbers()[start] && !seen.get(next)) {
                            seen.set(next);
                            stack = depth < stack.length ? stack : Arrays.copyOf(stack, 2 * depth);
                            stack[depth++] = next;
                        }
                    }
                }
            }
        }
    }
}
