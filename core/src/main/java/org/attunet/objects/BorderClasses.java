package org.attunet.objects;

import java.util.ArrayList;
import java.util.List;
import org.attunet.error.ConfigException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;

/**
 * The inside of the objects and their borders: 0 is the background, 1 the interior, 2 the border. Border are the voxels of an
 * object no farther than a radius from a voxel that isn't its own, and the voxels of the background no farther than that
 * from two objects. The deepest voxels of an object stay interior however small it is. The image's edge is no border.
 *
 * @param radius in pixels, 1 to 5
 */
public record BorderClasses(double radius) implements ObjectTarget {
    /** The values of the target. */
    public static final int INTERIOR = 1, BORDER = 2;

    /**
     * Checks the radius.
     *
     * @param radius in pixels, 1 to 5
     */
    public BorderClasses {
        ConfigException.check(radius >= 1 && radius <= 5, "border radius", radius, "a number of pixels from 1 to 5");
    }

    @Override
    public int values() {
        return 3;
    }

    @Override
    public LabelMap of(ObjectMap objects) {
        int[] numbers = objects.numbers();
        var depths = new Depths(objects, -1);
        double[] deepest = depths.deepest();
        double within = radius * radius * (1 + Depths.ROUNDING);
        List<int[]> ball = ball(objects.grid(), within);
        short[] classes = new short[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            Interruption.check(i);
            double squared = depths.squared(i);
            if (numbers[i] != 0) {
                classes[i] = (short) (squared > within || squared >= deepest[depths.place(i)] ? INTERIOR : BORDER);
            } else if (squared <= within && betweenTwo(objects, i, ball)) {
                classes[i] = BORDER;
            }
        }
        return new LabelMap(objects.grid(), classes);
    }

    /** The offsets to voxels within the radius. */
    private static List<int[]> ball(Grid grid, double within) {
        double[] spacing = Depths.spacing(grid);
        int[] reach = new int[3];
        for (int axis = 0; axis < grid.dimension(); axis++) {
            reach[axis] = (int) Math.floor(Math.sqrt(within) / spacing[axis]);
        }
        List<int[]> ball = new ArrayList<>();
        for (int z = -reach[2]; z <= reach[2]; z++) {
            for (int y = -reach[1]; y <= reach[1]; y++) {
                for (int x = -reach[0]; x <= reach[0]; x++) {
                    double dx = x * spacing[0];
                    double dy = y * spacing[1];
                    double dz = z * spacing[2];
                    if (dx * dx + dy * dy + dz * dz <= within) {
                        ball.add(new int[] {x, y, z});
                    }
                }
            }
        }
        return ball;
    }

    private static boolean betweenTwo(ObjectMap objects, int voxel, List<int[]> ball) {
        Grid grid = objects.grid();
        int[] numbers = objects.numbers();
        int width = grid.size(0);
        int height = grid.size(1);
        int one = 0;
        for (int[] offset : ball) {
            int x = voxel % width + offset[0];
            int y = voxel / width % height + offset[1];
            int z = voxel / width / height + offset[2];
            if (x >= 0 && y >= 0 && z >= 0 && x < width && y < height && z < grid.size(2)) {
                int number = numbers[x + width * (y + height * z)];
                if (number != 0 && one != 0 && number != one) {
                    return true;
                }
                one = number != 0 ? number : one;
            }
        }
        return false;
    }
}
