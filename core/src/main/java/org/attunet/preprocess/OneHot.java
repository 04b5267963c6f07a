package org.attunet.preprocess;

import org.attunet.error.Interruption;
import org.attunet.image.Grid;

/**
 * Linear interpolation of all labels' indicators at once. A new voxel depends on at most eight old ones, so the largest
 * indicator belongs to one of their labels; the time does not depend on the number of labels.
 */
final class OneHot {
    private final Grid from;
    private final Grid to;
    private final int ignored;
    private final int[] labels = new int[8];
    private final double[] weights = new double[8];

    /** @param ignored the value of voxels without a judgement, or -1 */
    OneHot(Grid from, Grid to, int ignored) {
        this.ignored = ignored;
        this.from = from;
        this.to = to;
    }

    short[] resample(short[] in) {
        Resampling.Taps x = Resampling.Taps.of(from.size(0), to.size(0));
        Resampling.Taps y = Resampling.Taps.of(from.size(1), to.size(1));
        Resampling.Taps z = Resampling.Taps.of(from.size(2), to.size(2));
        short[] out = new short[to.voxels()];
        int[] rows = new int[4];
        int next = 0;
        for (int k = 0; k < to.size(2); k++) {
            Interruption.check();
            for (int j = 0; j < to.size(1); j++) {
                rows[0] = row(y.low()[j], z.low()[k]);
                rows[1] = row(y.high()[j], z.low()[k]);
                rows[2] = row(y.low()[j], z.high()[k]);
                rows[3] = row(y.high()[j], z.high()[k]);
                for (int i = 0; i < to.size(0); i++) {
                    int low = x.low()[i];
                    int high = x.high()[i];
                    if (sameAtCorners(in, rows, low, high)) {
                        out[next++] = in[rows[0] + low];
                    } else {
                        gather(in, rows, low, high, x.weight()[i], y.weight()[j], z.weight()[k]);
                        out[next++] = (short) heaviest();
                    }
                }
            }
        }
        return out;
    }

    /** The value of the nearest voxel, whose weight is the largest. */
    private int nearest() {
        int nearest = 0;
        for (int i = 1; i < 8; i++) {
            nearest = weights[i] > weights[nearest] ? i : nearest;
        }
        return labels[nearest];
    }

    private int row(int y, int z) {
        return from.size(0) * (y + from.size(1) * z);
    }

    private static boolean sameAtCorners(short[] in, int[] rows, int low, int high) {
        short first = in[rows[0] + low];
        for (int row : rows) {
            if (in[row + low] != first || in[row + high] != first) {
                return false;
            }
        }
        return true;
    }

    private void gather(short[] in, int[] rows, int low, int high, double wx, double wy, double wz) {
        for (int r = 0; r < 4; r++) {
            double row = ((r & 1) == 0 ? 1 - wy : wy) * ((r & 2) == 0 ? 1 - wz : wz);
            labels[2 * r] = Short.toUnsignedInt(in[rows[r] + low]);
            labels[2 * r + 1] = Short.toUnsignedInt(in[rows[r] + high]);
            weights[2 * r] = row * (1 - wx);
            weights[2 * r + 1] = row * wx;
        }
    }

    private int heaviest() {
        if (nearest() == ignored) {
            return ignored;
        }
        int best = 0;
        double bestWeight = -1;
        for (int i = 0; i < 8; i++) {
            double sum = 0;
            if (labels[i] == ignored) {
                continue;
            }
            for (int j = 0; j < 8; j++) {
                sum += labels[j] == labels[i] ? weights[j] : 0;
            }
            // Sums of the same weights in another order may differ in their last bits: such labels are tied.
            boolean equal = Math.abs(sum - bestWeight) < 1e-12;
            if (equal ? labels[i] < best : sum > bestWeight) {
                best = labels[i];
                bestWeight = sum;
            }
        }
        return best;
    }
}
