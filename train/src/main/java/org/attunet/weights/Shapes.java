package org.attunet.weights;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Overflow-safe arithmetic on shapes and strides that come from files: a declared size can be compared with the file's
 * before anything is allocated.
 */
final class Shapes {
    private Shapes() {}

    /** Returns the number of elements, or -1 if a size is negative or the product exceeds 64 bits. */
    static long elements(long[] shape) {
        long product = 1;
        boolean empty = false;
        for (long size : shape) {
            if (size < 0 || (size > 0 && product > Long.MAX_VALUE / size)) {
                return -1;
            }
            empty |= size == 0;
            product *= Math.max(1, size);
        }
        return empty ? 0 : product;
    }

    /** Returns the offset of the last element from the first, or -1 if a stride is negative or the sum exceeds 64 bits. */
    static long lastOffset(long[] shape, long[] strides) {
        long last = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            long steps = Math.max(0, shape[axis] - 1);
            if (strides[axis] < 0 || (steps > 0 && strides[axis] > (Long.MAX_VALUE - last) / steps)) {
                return -1;
            }
            last += steps * strides[axis];
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
