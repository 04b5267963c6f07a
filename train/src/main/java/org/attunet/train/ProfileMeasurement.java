package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.attunet.bundle.TrainingProfile;
import org.attunet.dataset.Case;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.predict.Segmenter;

/** Measures what a model keeps of its training cases: their traits, and how often their masks lack labels. */
public final class ProfileMeasurement {
    /** More cases are left out, evenly. */
    static final int MOST_CASES = 200;

    private ProfileMeasurement() {}

    /**
     * Predicts training cases and measures them as predictions are measured. Cases that can't be read are left out.
     *
     * @param cases that the model was trained on
     */
    public static TrainingProfile of(Segmenter segmenter, List<Case> cases, ProgressListener progress) {
        List<Case> chosen = evenly(cases);
        int empty = 0;
        Map<Integer, Integer> labelled = new TreeMap<>();
        List<Map<String, Double>> traits = new ArrayList<>();
        for (int k = 0; k < chosen.size(); k++) {
            try {
                Case.Pair pair = chosen.get(k).read(segmenter.model().labels());
                traits.add(segmenter.segment(pair.image()).reliability().traits());
                int[] present = present(pair.labels(), segmenter.model().labels());
                boolean whole = pair.labels().judged() == pair.labels().voxels().length;
                empty += present.length == 0 && whole ? 1 : 0;
                for (int value : present) {
                    labelled.merge(value, 1, Integer::sum);
                }
            } catch (AttunetException e) {
                // Training has warned of it, or could not have used it.
            }
            progress.at(k + 1, chosen.size());
        }
        return TrainingProfile.of(empty, labelled, traits);
    }

    private static List<Case> evenly(List<Case> cases) {
        int count = Math.min(MOST_CASES, cases.size());
        return IntStream.range(0, count)
                .mapToObj(k -> cases.get((int) ((long) k * cases.size() / count)))
                .toList();
    }

    /** The values of the labels in a mask. */
    private static int[] present(LabelMap mask, LabelSet labels) {
        Set<Integer> found = mask.values();
        return labels.values().stream()
                .filter(label -> {
                    boolean[] covered = labels.covered(label);
                    return found.stream().anyMatch(value -> covered[value]);
                })
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
