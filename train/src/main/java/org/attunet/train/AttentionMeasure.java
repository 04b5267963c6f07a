package org.attunet.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.report.AttentionShare;

/**
 * The mean of the gates' coefficients inside and outside the target, where it is judged, on the images' own grids. Each case has the same
 * weight; one that is all target or all background is left out, because it has no other side. One thread only.
 */
final class AttentionMeasure {
    private final Map<String, double[]> sums = new LinkedHashMap<>(); // inside, outside, cases

    /** Adds the means of one case, which {@link #of} returned. */
    void add(Map<String, double[]> openness) {
        openness.forEach((gate, means) -> {
            double[] sum = sums.computeIfAbsent(gate, name -> new double[3]);
            sum[0] += means[0];
            sum[1] += means[1];
            sum[2]++;
        });
    }

    /** The mean coefficients of one case inside and outside the target by gate, over all maps of a gate. */
    static Map<String, double[]> of(LabelMap truth, Map<String, Image> maps) {
        Map<String, double[]> openness = new LinkedHashMap<>();
        int inside = 0;
        for (int i = 0; i < truth.voxels().length; i++) {
            inside += truth.label(i) != 0 && truth.isJudged(i) ? 1 : 0;
        }
        int outside = truth.judged() - inside;
        if (inside == 0 || outside == 0) {
            return openness;
        }
        for (Map.Entry<String, Image> gate : maps.entrySet()) {
            double in = 0;
            double out = 0;
            float[][] channels = gate.getValue().channels();
            for (float[] channel : channels) {
                for (int i = 0; i < channel.length; i++) {
                    if (truth.label(i) == 0) {
                        out += channel[i];
                    } else if (truth.isJudged(i)) {
                        in += channel[i];
                    }
                }
            }
            openness.put(gate.getKey(), new double[] {in / inside / channels.length, out / outside / channels.length});
        }
        return openness;
    }

    /** The means over the cases, a row for each gate in the network's order. */
    List<AttentionShare> rows(long step) {
        List<AttentionShare> rows = new ArrayList<>();
        sums.forEach((gate, sum) -> rows.add(new AttentionShare(step, gate, sum[0] / sum[2], sum[1] / sum[2])));
        return rows;
    }
}
