package org.attunet.network;

import java.util.Arrays;

/**
 * A convolution's weights: {@code NAME.weight} and {@code NAME.bias}.
 *
 * @param name what the names of its weights begin with
 * @param in channels of the input
 * @param out channels of the result
 * @param kernel voxels of the kernel along each axis; an odd one is padded so that the spatial size stays
 * @param stride 1, or the kernel's 2
 * @param bias whether it has a bias
 * @param transposed whether it is a transposed convolution, whose weight is (in, out, kernel...)
 */
public record Conv(String name, int in, int out, int kernel, int stride, boolean bias, boolean transposed)
        implements Layer {

    @Override
    public Conv conv() {
        return this;
    }

    /** {@return zeros on each side of each axis} */
    public int padding() {
        return stride == 1 ? kernel / 2 : 0;
    }

    /** {@return the name of the weight} */
    public String weight() {
        return name + ".weight";
    }

    /** {@return the name of the bias} */
    public String biasName() {
        return name + ".bias";
    }

    /**
     * {@return the shape of the weight: (out, in, kernel...), or (in, out, kernel...) if transposed}
     *
     * @param dimension 2 or 3
     */
    public long[] shape(int dimension) {
        long[] shape = new long[dimension + 2];
        Arrays.fill(shape, kernel);
        shape[0] = transposed ? in : out;
        shape[1] = transposed ? out : in;
        return shape;
    }
}
