package org.attunet.image;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Arithmetic on sizes in voxels, in grid order (x, y[, z]); arrays and tensors have the reverse order ([z,] y, x). */
public final class Sizes {
    private Sizes() {}

    /**
     * {@return the least multiple of a number that is not below a size}
     *
     * @param size in voxels
     * @param multiple the divisor
     */
    public static int roundUp(int size, int multiple) {
        return Math.toIntExact(((long) size + multiple - 1) / multiple * multiple);
    }

    /**
     * {@return each size rounded up to the next multiple, 0 to one multiple}
     *
     * @param size in voxels
     * @param multiple the divisor
     */
    public static int[] roundUp(int[] size, int multiple) {
        return Arrays.stream(size).map(s -> roundUp(Math.max(1, s), multiple)).toArray();
    }

    /**
     * {@return the shape (leading axes, [z,] y, x) of an array with a size}
     *
     * @param size voxels along each axis, x first
     * @param leading the axes before the spatial ones
     */
    public static long[] shape(int[] size, long... leading) {
        long[] shape = Arrays.copyOf(leading, leading.length + size.length);
        for (int axis = 0; axis < size.length; axis++) {
            shape[shape.length - 1 - axis] = size[axis];
        }
        return shape;
    }

    /**
     * {@return the size of a tensor of the shape (batch, channels, [z,] y, x)}
     *
     * @param shape the shape of the tensor
     * @throws ArithmeticException if an axis is longer than an int
     */
    public static int[] ofShape(long[] shape) {
        int[] size = new int[shape.length - 2];
        for (int axis = 0; axis < size.length; axis++) {
            size[axis] = Math.toIntExact(shape[shape.length - 1 - axis]);
        }
        return size;
    }

    /**
     * {@return the size of a tensor of the shape (batch, channels, [z,] y, x)}
     *
     * @param shape the shape of the tensor
     */
    public static int[] ofShape(int[] shape) {
        return ofShape(Arrays.stream(shape).asLongStream().toArray());
    }

    /**
     * {@return such as {@code 40 x 56 x 40}}
     *
     * @param size voxels along each axis
     */
    public static String text(int... size) {
        return Arrays.stream(size).mapToObj(Integer::toString).collect(Collectors.joining(" x "));
    }
}
