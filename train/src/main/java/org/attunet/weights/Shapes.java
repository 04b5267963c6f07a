package org.attunet.weights;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The arithmetic of shapes and strides that come from files: nothing here overflows, so a declared size can be compared
 * with the file's before anything is allocated.
 */
final class Shapes {
    private Shapes() {}

    /** The number of elements of a shape, or -1 where a size is negative or the product leaves 64 bits. */
    static long elements(long[] shape) {
        long product = 1;
        boolean empty = false;
        for (long size : shape) {
            if (size < 0) {
                return -1;
            }
            if (size == 0) {
                empty = true;
            } else if (product > Long.MAX_VALUE / size) {
                return -1;
            } else {
                product *= size;
            }
        }
        return empty ? 0 : product;
    }

    /** How far behind the first element the last one lies, or -1 where a stride is negative or the sum leaves 64 bits. */
    static long reach(long[] shape, long[] strides) {
        long last = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            long steps = shape[axis] - 1;
            if (strides[axis] < 0) {
                return -1;
            }
            if (steps > 0 && strides[axis] > (Long.MAX_VALUE - last) / steps) {
                return -1;
            }
            last += Math.max(0, steps) * strides[axis];
        }
        return last;
    }

    /** Whether the elements lie in row-major order without gaps. */
    static boolean contiguous(long[] shape, long[] strides) {
        long step = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            if (shape[axis] != 1 && strides[axis] != step) {
                return false;
            }
            step *= shape[axis];
        }
        return true;
    }

    /** The shape as Python prints a tuple: {@code (64, 3, 3, 3)}. */
    static String text(long[] shape) {
        return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
