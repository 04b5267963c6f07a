package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.data.Case;
import org.attunet.image.LabelMap;
import org.attunet.metrics.OverlapCounts;
import org.attunet.network.Network;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Prepared;

/**
 * Mean Dice of whole cases, on their own grids, by the code that predicts. The cases are read once and kept prepared.
 */
final class Validation {
    private static final int ATTENTION_CASES = 4; // bringing maps to the images' grids takes time

    private final ModelDescription model;
    private final String device;
    private final List<Held> cases = new ArrayList<>();

    private record Held(Prepared image, LabelMap truth) {}

    Validation(ModelDescription model, List<Case> cases, String device) {
        this.model = model;
        this.device = device;
        for (Case one : cases) {
            Case.Pair pair = one.read(model.labels());
            this.cases.add(new Held(model.preprocessing().prepare(pair.image()), pair.labels()));
        }
    }

    /**
     * What the validation cases tell.
     *
     * @param dice the mean over the labels of the mean Dice over the cases, 0 to 1; 0 where no label is anywhere
     * @param silent labels of the masks that were never predicted
     * @param attention of the first few cases
     */
    record Outcome(double dice, List<SilentLabel> silent, AttentionMeasure attention) {}

    /** Predicts the cases; of the first few, gates' maps too. */
    Outcome measure(Network network) {
        List<OverlapCounts> counts = new ArrayList<>();
        var attention = new AttentionMeasure();
        // Borrowed: the engine's closing leaves the network to its owner.
        try (Segmenter segmenter =
                Segmenter.of(TorchEngine.borrowing(network, device), model, SegmenterOptions.defaults())) {
            for (Held held : cases) {
                boolean maps = counts.size() < ATTENTION_CASES;
                Segmentation found =
                        segmenter.segment(held.image, segmenter.options().withAttention(maps));
                counts.add(OverlapCounts.of(held.truth, found.labels(), model.labels()));
                if (maps) {
                    attention.add(held.truth, found.attention());
                }
            }
        }
        double mean = OverlapCounts.meanDice(counts);
        return new Outcome(Double.isNaN(mean) ? 0 : mean, SilentLabel.among(counts, model.labels()), attention);
    }
}
