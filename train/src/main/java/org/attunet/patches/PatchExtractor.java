package org.attunet.patches;

/**
 * Cuts patches out of prepared cases: copies, mirrored and turned ones, or resampled ones (linear for intensities, nearest
 * for classes), each in one pass over the patch. Outside the source, normalised intensities are 0 and classes background.
 * Whole coordinates are centres of voxels.
 */
final class PatchExtractor {
    private final int[] patch;
    private final int voxels;

    /** @param patch three sizes, z = 1 for 2D */
    PatchExtractor(int[] patch) {
        this.patch = patch.clone();
        this.voxels = patch[0] * patch[1] * patch[2];
    }

    /**
     * Fills one patch of a batch.
     *
     * @param start the first voxel of the patch's box in the source's axes, negative if the patch is larger
     * @param input receives the channels one after the other, from {@code inputFrom}; must hold zeros
     * @param classes receives the classes, from {@code classesFrom}; must hold zeros
     */
    void cut(
            PreparedCase source,
            Transform transform,
            int[] start,
            float[] input,
            int inputFrom,
            byte[] classes,
            int classesFrom) {
        if (transform.linear() == null) {
            copy(source, transform, start, input, inputFrom, classes, classesFrom);
            return;
        }
        double[][] m = transform.matrix();
        int[] box = transform.box(patch);
        double[] origin = new double[3]; // where the patch's first voxel lies in the source
        for (int row = 0; row < 3; row++) {
            origin[row] = start[row] + (box[row] - 1) / 2.0;
            for (int a = 0; a < 3; a++) {
                origin[row] -= m[row][a] * (patch[a] - 1) / 2.0;
            }
        }
        for (int z = 0; z < patch[2]; z++) {
            for (int y = 0; y < patch[1]; y++) {
                double px = origin[0] + m[0][1] * y + m[0][2] * z;
                double py = origin[1] + m[1][1] * y + m[1][2] * z;
                double pz = origin[2] + m[2][1] * y + m[2][2] * z;
                int at = patch[0] * (y + patch[1] * z);
                row(source, px, py, pz, m, input, inputFrom + at, classes, classesFrom + at);
            }
        }
    }

    private void copy(
            PreparedCase source,
            Transform t,
            int[] start,
            float[] input,
            int inputFrom,
            byte[] classes,
            int classesFrom) {
        int[] stride = {
            1, source.grid().size(0), source.grid().size(0) * source.grid().size(1)
        };
        int[] step = new int[3];
        int[] low = new int[3]; // patch coordinates from low to high have a voxel of the source
        int[] high = new int[3];
        int first = 0;
        for (int a = 0; a < 3; a++) {
            int axis = t.axis()[a];
            int size = source.grid().size(axis);
            boolean forwards = t.sign()[a] > 0;
            int at = forwards ? start[axis] : start[axis] + patch[a] - 1;
            step[a] = t.sign()[a] * stride[axis];
            first += at * stride[axis];
            low[a] = Math.max(0, forwards ? -at : at - (size - 1));
            high[a] = Math.min(patch[a], forwards ? size - at : at + 1);
        }
        int length = high[0] - low[0];
        float[][] channels = source.image().channels();
        for (int z = low[2]; z < high[2]; z++) {
            for (int y = low[1]; y < high[1]; y++) {
                int from = first + low[0] * step[0] + y * step[1] + z * step[2];
                int to = low[0] + patch[0] * (y + patch[1] * z);
                for (int c = 0; c < channels.length; c++) {
                    line(channels[c], from, step[0], input, inputFrom + c * voxels + to, length);
                }
                line(source.classes(), from, step[0], classes, classesFrom + to, length);
            }
        }
    }

    private static void line(float[] source, int from, int step, float[] target, int to, int length) {
        if (step == 1 && length > 0) {
            System.arraycopy(source, from, target, to, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            target[to + i] = source[from + i * step];
        }
    }

    private static void line(byte[] source, int from, int step, byte[] target, int to, int length) {
        if (step == 1 && length > 0) {
            System.arraycopy(source, from, target, to, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            target[to + i] = source[from + i * step];
        }
    }

    /** Resamples one row of the patch from a position in the source; a 2D source has one plane, and z stays 0. */
    private void row(
            PreparedCase source,
            double px,
            double py,
            double pz,
            double[][] m,
            float[] input,
            int to,
            byte[] classes,
            int at) {
        int sx = source.grid().size(0);
        int sy = source.grid().size(1);
        int sz = source.grid().size(2);
        int plane = sx * sy;
        boolean flat = source.grid().dimension() == 2;
        float[][] channels = source.image().channels();
        byte[] from = source.classes();
        for (int i = 0; i < patch[0]; i++) {
            double x = px + m[0][0] * i;
            double y = py + m[1][0] * i;
            double z = pz + m[2][0] * i;
            if (!(x > -1 && y > -1 && z > -1 && x < sx && y < sy && z < sz)) {
                continue;
            }
            int nx = (int) (x + 0.5);
            int ny = (int) (y + 0.5);
            int nz = (int) (z + 0.5);
            if (x >= -0.5 && y >= -0.5 && z >= -0.5 && nx < sx && ny < sy && nz < sz) {
                classes[at + i] = from[nx + sx * ny + plane * nz];
            }
            int ix = (int) (x + 1) - 1; // floor, as x > -1
            int iy = (int) (y + 1) - 1;
            int iz = (int) (z + 1) - 1;
            float fx = (float) (x - ix);
            float fy = (float) (y - iy);
            float fz = (float) (z - iz);
            boolean inside = ix >= 0 && iy >= 0 && ix < sx - 1 && iy < sy - 1 && (flat || (iz >= 0 && iz < sz - 1));
            int base = ix + sx * iy + plane * iz;
            for (int c = 0; c < channels.length; c++) {
                float value;
                if (inside) {
                    float near = bilinear(channels[c], base, sx, fx, fy);
                    value = flat ? near : near + fz * (bilinear(channels[c], base + plane, sx, fx, fy) - near);
                } else {
                    value = edge(channels[c], sx, sy, sz, ix, iy, iz, fx, fy, fz);
                }
                input[to + c * voxels + i] = value;
            }
        }
    }

    private static float bilinear(float[] v, int base, int sx, float fx, float fy) {
        float low = v[base] + fx * (v[base + 1] - v[base]);
        float high = v[base + sx] + fx * (v[base + sx + 1] - v[base + sx]);
        return low + fy * (high - low);
    }

    /** Linear interpolation with zeros outside, for the rim, on which corners are missing. */
    private static float edge(float[] v, int sx, int sy, int sz, int ix, int iy, int iz, float fx, float fy, float fz) {
        float sum = 0;
        for (int corner = 0; corner < 8; corner++) {
            int x = ix + (corner & 1);
            int y = iy + (corner >> 1 & 1);
            int z = iz + (corner >> 2);
            if (x >= 0 && y >= 0 && z >= 0 && x < sx && y < sy && z < sz) {
                float weight = ((corner & 1) == 0 ? 1 - fx : fx)
                        * ((corner & 2) == 0 ? 1 - fy : fy)
                        * ((corner & 4) == 0 ? 1 - fz : fz);
                sum += weight * v[x + sx * (y + sy * z)];
            }
        }
        return sum;
    }
}
