package org.attunet.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;

/**
 * Adds up gates' coefficients inside and outside the target, on the images' own grids. Each case counts alike; one that is
 * all target or all background is left out, since it has no other side. One thread only.
 */
final class AttentionMeasure {
    private final Map<String, double[]> sums = new LinkedHashMap<>(); // inside, outside, cases

    /** Takes in one case's maps; of a gate with several maps their mean. */
    void add(LabelMap truth, Map<String, Image> maps) {
        int inside = 0;
        for (short voxel : truth.voxels()) {
            inside += voxel == 0 ? 0 : 1;
        }
        int outside = truth.voxels().length - inside;
        if (inside == 0 || outside == 0) {
            return;
        }
        for (Map.Entry<String, Image> gate : maps.entrySet()) {
            double in = 0;
            double out = 0;
            float[][] channels = gate.getValue().channels();
            for (float[] channel : channels) {
                for (int i = 0; i < channel.length; i++) {
                    if (truth.voxels()[i] == 0) {
                        out += channel[i];
                    } else {
                        in += channel[i];
                    }
                }
            }
            double[] sum = sums.computeIfAbsent(gate.getKey(), name -> new double[3]);
            sum[0] += in / inside / channels.length;
            sum[1] += out / outside / channels.length;
            sum[2]++;
        }
    }

    /** The means over the cases, a row for each gate in the network's order. */
    List<AttentionShare> rows(long step) {
        List<AttentionShare> rows = new ArrayList<>();
        sums.forEach((gate, sum) -> rows.add(new AttentionShare(step, gate, sum[0] / sum[2], sum[1] / sum[2])));
        return rows;
    }
}
