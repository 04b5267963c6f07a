package org.attunet.image;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Arithmetic on sizes in voxels, in grid order (x, y[, z]); arrays and tensors have the reverse order ([z,] y, x). */
public final class Sizes {
    private Sizes() {}

    /** The least multiple of a number that is not below a size. */
    public static int roundUp(int size, int multiple) {
        return Math.toIntExact(((long) size + multiple - 1) / multiple * multiple);
    }

    /** Each size rounded up to the next multiple, 0 to one multiple. */
    public static int[] roundUp(int[] size, int multiple) {
        return Arrays.stream(size).map(s -> roundUp(Math.max(1, s), multiple)).toArray();
    }

    /** The shape (leading axes, [z,] y, x) of an array with a size. */
    public static long[] shape(int[] size, long... leading) {
        long[] shape = Arrays.copyOf(leading, leading.length + size.length);
        for (int axis = 0; axis < size.length; axis++) {
            shape[shape.length - 1 - axis] = size[axis];
        }
        return shape;
    }

    /**
     * The size of a tensor of the shape (batch, channels, [z,] y, x).
     *
     * @throws ArithmeticException if an axis is longer than an int
     */
    public static int[] ofShape(long[] shape) {
        int[] size = new int[shape.length - 2];
        for (int axis = 0; axis < size.length; axis++) {
            size[axis] = Math.toIntExact(shape[shape.length - 1 - axis]);
        }
        return size;
    }

    /** The size of a tensor of the shape (batch, channels, [z,] y, x). */
    public static int[] ofShape(int[] shape) {
        return ofShape(Arrays.stream(shape).asLongStream().toArray());
    }

    /** Such as {@code 40 x 56 x 40}. */
    public static String text(int... size) {
        return Arrays.stream(size).mapToObj(Integer::toString).collect(Collectors.joining(" x "));
    }
}
