package org.attunet.export;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.preprocess.Normalisation;

/**
 * The part of a case on which a bundle's users compare programs: of all windows of the test input's size, half a window
 * apart, the one that shows most labels and then has the most voxels both of labels and of background. A window of nothing
 * but background would hide faults.
 */
final class CaseCrop {
    private final Image image;
    private final LabelMap labels;
    private final int[] window = {1, 1, 1};

    private CaseCrop(Image image, LabelMap labels, int[] size) {
        this.image = image;
        this.labels = labels;
        System.arraycopy(size, 0, window, 0, size.length);
    }

    /**
     * Returns intensities before normalisation on the network's grid (channels, [z,] y, x).
     *
     * @param size the window's size in grid order (x, y[, z]), with as many axes as the network; an image that is smaller is
     *     continued with the voxels at its edge
     */
    static float[] of(ModelDescription model, Image image, LabelMap labels, int[] size) {
        var raw = model.preprocessing().withNormalisation(new Normalisation.Identity());
        var crop = new CaseCrop(raw.prepare(image).image(), raw.prepareLabels(labels), size);
        return crop.values(crop.best());
    }

    private int[] best() {
        int[] best = new int[3];
        long most = -1;
        for (int z : starts(2)) {
            for (int y : starts(1)) {
                for (int x : starts(0)) {
                    int[] start = {x, y, z};
                    long worth = worth(start);
                    if (worth > most) {
                        most = worth;
                        best = start;
                    }
                }
            }
        }
        return best;
    }

    private List<Integer> starts(int axis) {
        int last = Math.max(0, image.grid().size(axis) - window[axis]);
        List<Integer> starts = new ArrayList<>();
        for (int start = 0; start < last; start += Math.max(1, window[axis] / 2)) {
            starts.add(start);
        }
        starts.add(last);
        return starts;
    }

    private long worth(int[] start) {
        Set<Integer> shown = new HashSet<>();
        long labelled = 0;
        long all = 0;
        int previous = 0;
        for (int z = start[2]; z < end(start, 2); z++) {
            for (int y = start[1]; y < end(start, 1); y++) {
                int row = labels.grid().size(0) * (y + labels.grid().size(1) * z);
                for (int x = start[0]; x < end(start, 0); x++) {
                    int label = labels.label(row + x);
                    labelled += label == 0 ? 0 : 1;
                    if (label != previous) {
                        shown.add(label);
                        previous = label;
                    }
                    all++;
                }
            }
        }
        shown.remove(0);
        return ((long) shown.size() << 32) + Math.min(labelled, all - labelled);
    }

    private int end(int[] start, int axis) {
        return Math.min(start[axis] + window[axis], image.grid().size(axis));
    }

    private float[] values(int[] start) {
        int channels = image.channels().length;
        float[] values = new float[channels * window[0] * window[1] * window[2]];
        int at = 0;
        for (int channel = 0; channel < channels; channel++) {
            float[] from = image.channel(channel);
            for (int z = 0; z < window[2]; z++) {
                for (int y = 0; y < window[1]; y++) {
                    int row = image.grid().size(0)
                            * (inside(start[1] + y, 1) + image.grid().size(1) * inside(start[2] + z, 2));
                    for (int x = 0; x < window[0]; x++) {
                        values[at++] = from[row + inside(start[0] + x, 0)];
                    }
                }
            }
        }
        return values;
    }

    private int inside(int index, int axis) {
        return Math.min(index, image.grid().size(axis) - 1);
    }
}
