package org.attunet.patches;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Alterations of a patch's intensities, in place, one channel at a time: noise, blur, brightness, contrast, low
 * resolution, gamma and uneven light, in this order.
 *
 * <p>For one thread: it reuses a buffer for intermediate values.
 */
final class IntensityAugmentation {
    private static final int GAMMA_STEPS = 4096;

    private final Augmentation augmentation;
    private final int[] size;
    private final int voxels;
    private float[] buffer = new float[0];

    /** @param size three sizes, z = 1 for 2D */
    IntensityAugmentation(Augmentation augmentation, int[] size) {
        this.augmentation = augmentation;
        this.size = size.clone();
        this.voxels = size[0] * size[1] * size[2];
    }

    /** Alters all channels of the patch that begins at index {@code from} of {@code v}. */
    void alter(float[] v, int from, PreparedCase source, RandomGenerator random) {
        Augmentation a = augmentation;
        boolean noise = a.noise().happens(random);
        boolean blur = a.blur().happens(random);
        boolean brightness = a.brightness().happens(random);
        boolean shift = a.shift().happens(random);
        boolean contrast = a.contrast().happens(random);
        boolean lowResolution = a.lowResolution().happens(random);
        boolean gamma = a.gamma().happens(random);
        @Nullable
        Hill hill = a.field().happens(random) ? Hill.draw(size, a.field().draw(random), random) : null;
        for (int c = 0; c < source.image().channels().length; c++) {
            int at = from + c * voxels;
            float deviation = source.deviations()[c];
            if (noise) {
                noise(v, at, (float) a.noise().draw(random) * deviation, random);
            }
            if (blur) {
                blur(v, at, a.blur().draw(random));
            }
            if (brightness || shift) {
                float factor = brightness ? (float) a.brightness().draw(random) : 1;
                linear(v, at, factor, shift ? (float) a.shift().draw(random) * deviation : 0);
            }
            if (contrast) {
                contrast(v, at, (float) a.contrast().draw(random));
            }
            if (lowResolution) {
                lowResolution(v, at, a.lowResolution().draw(random));
            }
            if (gamma) {
                gamma(v, at, a.gamma().draw(random), random.nextBoolean());
            }
            if (hill != null) {
                hill.add(v, at, size, deviation);
            }
        }
    }

    /**
     * A smooth hill of light: the product of one Gaussian along each axis.
     *
     * @param height in standard deviations
     * @param along the Gaussian along each of the three axes, 0 to 1
     */
    record Hill(double height, float[][] along) {
        /** Draws a hill anywhere in the patch, with deviations of 0.25 to 0.75 of its sizes. */
        static Hill draw(int[] size, double height, RandomGenerator random) {
            float[][] along = new float[3][];
            for (int axis = 0; axis < 3; axis++) {
                double top = random.nextDouble() * size[axis];
                double deviation = (0.25 + 0.5 * random.nextDouble()) * size[axis];
                along[axis] = new float[size[axis]];
                for (int i = 0; i < size[axis]; i++) {
                    double d = size[axis] == 1 ? 0 : (i - top) / deviation;
                    along[axis][i] = (float) Math.exp(-0.5 * d * d);
                }
            }
            return new Hill(height, along);
        }

        void add(float[] v, int from, int[] size, float deviation) {
            int at = from;
            for (int z = 0; z < size[2]; z++) {
                for (int y = 0; y < size[1]; y++) {
                    float row = (float) height * deviation * along[2][z] * along[1][y];
                    for (int x = 0; x < size[0]; x++) {
                        v[at++] += row * along[0][x];
                    }
                }
            }
        }
    }

    private void noise(float[] v, int from, float deviation, RandomGenerator random) {
        for (int i = from; i < from + voxels; i++) {
            v[i] += deviation * (float) random.nextGaussian();
        }
    }

    private void linear(float[] v, int from, float factor, float add) {
        for (int i = from; i < from + voxels; i++) {
            v[i] = v[i] * factor + add;
        }
    }

    void contrast(float[] v, int from, float factor) {
        Statistics s = Statistics.of(v, from, voxels);
        float mean = (float) s.mean();
        for (int i = from; i < from + voxels; i++) {
            v[i] = Math.max(s.low(), Math.min(s.high(), (v[i] - mean) * factor + mean));
        }
    }

    /** Mean, standard deviation and range of a stretch of values. */
    private record Statistics(float low, float high, double mean, double deviation) {
        static Statistics of(float[] v, int from, int n) {
            float low = Float.POSITIVE_INFINITY;
            float high = Float.NEGATIVE_INFINITY;
            double sum = 0;
            double squares = 0;
            double pivot = v[from]; // near the values, so that the squares lose no digits
            for (int i = from; i < from + n; i++) {
                low = Math.min(low, v[i]);
                high = Math.max(high, v[i]);
                double d = v[i] - pivot;
                sum += d;
                squares += d * d;
            }
            double offset = sum / n;
            return new Statistics(low, high, pivot + offset, Math.sqrt(Math.max(0, squares / n - offset * offset)));
        }
    }

    void gamma(float[] v, int from, double exponent, boolean inverted) {
        Statistics before = Statistics.of(v, from, voxels);
        float range = before.high - before.low;
        if (!(range > 0)) {
            return;
        }
        // a table instead of a power for each voxel
        float[] curve = new float[GAMMA_STEPS + 2];
        for (int k = 0; k < curve.length; k++) {
            double t = Math.min(1, k / (double) GAMMA_STEPS);
            curve[k] = (float) (inverted ? 1 - Math.pow(1 - t, exponent) : Math.pow(t, exponent));
        }
        float scale = GAMMA_STEPS / range;
        for (int i = from; i < from + voxels; i++) {
            float t = (v[i] - before.low) * scale;
            int k = Math.min(GAMMA_STEPS, (int) t);
            v[i] = curve[k] + (t - k) * (curve[k + 1] - curve[k]);
        }
        Statistics after = Statistics.of(v, from, voxels);
        if (after.deviation > 0) {
            float factor = (float) (before.deviation / after.deviation);
            linear(v, from, factor, (float) (before.mean - after.mean * factor));
        }
    }

    /** Separable Gaussian, cut off at three deviations, with the border voxels repeated outside. */
    void blur(float[] v, int from, double deviation) {
        int radius = (int) Math.ceil(3 * deviation);
        float[] kernel = new float[radius + 1];
        double sum = 0;
        for (int k = 0; k <= radius; k++) {
            kernel[k] = (float) Math.exp(-0.5 * k * k / (deviation * deviation));
            sum += k == 0 ? kernel[k] : 2 * kernel[k];
        }
        for (int k = 0; k <= radius; k++) {
            kernel[k] /= (float) sum;
        }
        float[] copy = buffer();
        int plane = size[0] * size[1];
        for (int axis = 0; axis < 3; axis++) {
            if (size[axis] == 1) {
                continue;
            }
            System.arraycopy(v, from, copy, 0, voxels);
            for (int z = 0; z < size[2]; z++) {
                for (int y = 0; y < size[1]; y++) {
                    int line = size[0] * y + plane * z;
                    if (axis == 0) {
                        alongRow(copy, line, v, from + line, kernel);
                    } else {
                        int stride = axis == 1 ? size[0] : plane;
                        acrossRows(copy, line, axis == 1 ? y : z, size[axis], stride, v, from + line, kernel);
                    }
                }
            }
        }
    }

    private void alongRow(float[] source, int line, float[] v, int to, float[] kernel) {
        int n = size[0];
        int radius = kernel.length - 1;
        for (int x = 0; x < n; x++) {
            float sum = kernel[0] * source[line + x];
            if (x >= radius && x < n - radius) {
                for (int k = 1; k <= radius; k++) {
                    sum += kernel[k] * (source[line + x - k] + source[line + x + k]);
                }
            } else {
                for (int k = 1; k <= radius; k++) {
                    sum += kernel[k] * (source[line + Math.max(0, x - k)] + source[line + Math.min(n - 1, x + k)]);
                }
            }
            v[to + x] = sum;
        }
    }

    /** Adds whole rows, which the JIT compiler turns into vector instructions. */
    private void acrossRows(
            float[] source, int line, int position, int n, int stride, float[] v, int to, float[] kernel) {
        for (int x = 0; x < size[0]; x++) {
            v[to + x] = kernel[0] * source[line + x];
        }
        for (int k = 1; k < kernel.length; k++) {
            int below = line - Math.min(k, position) * stride;
            int above = line + Math.min(k, n - 1 - position) * stride;
            float weight = kernel[k];
            for (int x = 0; x < size[0]; x++) {
                v[to + x] += weight * (source[below + x] + source[above + x]);
            }
        }
    }

    /** Resamples linearly to a share of the voxels along each axis and back, about the same centre. */
    void lowResolution(float[] v, int from, double share) {
        int[] coarse = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            coarse[axis] = (int) Math.max(1, Math.round(size[axis] * share));
        }
        resize(v, from, size, buffer(), 0, coarse);
        resize(buffer(), 0, coarse, v, from, size);
    }

    /** Linear interpolation from a lattice of n points along each axis to one of m over the same extent. */
    private static void resize(float[] source, int from, int[] n, float[] target, int to, int[] m) {
        int[][] lower = new int[3][];
        float[][] weight = new float[3][];
        for (int axis = 0; axis < 3; axis++) {
            lower[axis] = new int[m[axis]];
            weight[axis] = new float[m[axis]];
            for (int k = 0; k < m[axis]; k++) {
                double at = (k + 0.5) * n[axis] / m[axis] - 0.5;
                at = Math.max(0, Math.min(n[axis] - 1, at));
                lower[axis][k] = Math.max(0, Math.min(n[axis] - 2, (int) at));
                weight[axis][k] = (float) (at - lower[axis][k]);
            }
        }
        int right = n[0] > 1 ? 1 : 0;
        int up = n[1] > 1 ? n[0] : 0;
        int deep = n[2] > 1 ? n[0] * n[1] : 0;
        float[] line = new float[n[0]];
        for (int z = 0; z < m[2]; z++) {
            for (int y = 0; y < m[1]; y++) {
                int base = from + n[0] * (lower[1][y] + n[1] * lower[2][z]);
                float wy = weight[1][y];
                float wz = weight[2][z];
                // first across the source's rows, then along the row
                for (int x = 0; x < n[0]; x++) {
                    int at = base + x;
                    float near = source[at] + wy * (source[at + up] - source[at]);
                    float far = source[at + deep] + wy * (source[at + deep + up] - source[at + deep]);
                    line[x] = near + wz * (far - near);
                }
                int row = to + m[0] * (y + m[1] * z);
                for (int x = 0; x < m[0]; x++) {
                    float left = line[lower[0][x]];
                    target[row + x] = left + weight[0][x] * (line[lower[0][x] + right] - left);
                }
            }
        }
    }

    private float[] buffer() {
        if (buffer.length < voxels) {
            buffer = new float[voxels];
        }
        return buffer;
    }
}
