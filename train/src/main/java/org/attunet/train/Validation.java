package org.attunet.train;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.image.LabelMap;
import org.attunet.io.Json;
import org.attunet.metrics.OverlapCounts;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Prepared;
import org.attunet.ranks.ProcessGroup;
import org.attunet.torch.TorchNetwork;

/**
 * The validation: mean Dice of whole cases on their own grids, predicted by {@link Segmenter}. The cases are read once and kept
 * prepared.
 *
 * <p>Each of R ranks predicts every R-th case; all ranks get the outcome of all cases.
 */
final class Validation {
    private static final int ATTENTION_CASES = 4; // because resampling maps to the images' grids takes time

    private final ModelDescription model;
    private final String device;
    private final ProcessGroup ranks;
    private final List<Held> cases = new ArrayList<>();

    private record Held(int number, Prepared image, LabelMap truth) {}

    /** The voxel counts of one case, and of the first few cases the gates' mean coefficients. */
    private record Found(int number, long[] voxels, Map<String, double[]> openness) {}

    Validation(ModelDescription model, List<Case> cases, String device, ProcessGroup ranks) {
        this.model = model;
        this.device = device;
        this.ranks = ranks;
        for (int number = ranks.number(); number < cases.size(); number += ranks.count()) {
            Case.Pair pair = cases.get(number).read(model.labels());
            this.cases.add(new Held(number, model.preprocessing().prepare(pair.image()), pair.labels()));
        }
    }

    /**
     * The outcome over all validation cases.
     *
     * @param dice the mean over the labels of the mean Dice over the cases, 0 to 1; 0 if no case has a label
     * @param blank whether there are cases, and no mask of them has a label
     * @param silent labels of the masks that were never predicted
     * @param attention of the first few cases
     */
    record Outcome(double dice, boolean blank, List<SilentLabel> silent, AttentionMeasure attention) {}

    /** Predicts the cases, and the gates' maps of the first few. */
    Outcome measure(TorchNetwork network) {
        List<OverlapCounts> counts = new ArrayList<>();
        var attention = new AttentionMeasure();
        for (Found one : everyones(found(network))) {
            counts.add(OverlapCounts.ofVoxels(model.labels(), one.voxels));
            attention.add(one.openness);
        }
        double mean = OverlapCounts.meanDice(counts);
        boolean blank = !counts.isEmpty() && counts.stream().noneMatch(this::hasLabel);
        return new Outcome(Double.isNaN(mean) ? 0 : mean, blank, SilentLabel.among(counts, model.labels()), attention);
    }

    private boolean hasLabel(OverlapCounts one) {
        return model.labels().values().stream()
                .anyMatch(value -> one.truePositives(value) + one.falseNegatives(value) > 0);
    }

    private List<Found> found(TorchNetwork network) {
        List<Found> all = new ArrayList<>();
        // Borrowed: the engine's closing leaves the network to its owner.
        try (Segmenter segmenter =
                Segmenter.of(TorchEngine.borrowing(network, device), model, SegmenterOptions.defaults())) {
            for (Held held : cases) {
                boolean maps = held.number < ATTENTION_CASES;
                Segmentation found =
                        segmenter.segment(held.image, segmenter.options().withAttention(maps));
                OverlapCounts counts = OverlapCounts.of(held.truth, found.labels(), model.labels());
                all.add(new Found(
                        held.number,
                        counts.voxels(),
                        maps ? AttentionMeasure.of(held.truth, found.attention()) : Map.of()));
            }
        }
        return all;
    }

    /** The findings of all ranks, in the order of the cases. */
    private List<Found> everyones(List<Found> own) {
        if (ranks.count() == 1) {
            return own;
        }
        ranks.barrier(); // one may have larger cases than the others
        List<Found> all = new ArrayList<>();
        try {
            for (byte[] part : ranks.gather(Json.bytes(own))) {
                all.addAll(Json.OWN.readValue(part, new TypeReference<List<Found>>() {}));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e); // the ranks are the same program
        }
        all.sort(Comparator.comparingInt(Found::number));
        return all;
    }
}
