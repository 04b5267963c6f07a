package org.attunet.train;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
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
 * Mean Dice of whole cases, on their own grids, by the code that predicts. The cases are read once and kept prepared.
 *
 * <p>Of R ranks each predicts every R-th case, and all get the outcome of all cases.
 */
final class Validation {
    private static final int ATTENTION_CASES = 4; // bringing maps to the images' grids takes time

    private final ModelDescription model;
    private final String device;
    private final ProcessGroup ranks;
    private final List<Held> cases = new ArrayList<>();

    private record Held(int number, Prepared image, LabelMap truth) {}

    /** What is found in one case: voxels counted, and the gates' openness where it was looked at. */
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
     * What the validation cases tell.
     *
     * @param dice the mean over the labels of the mean Dice over the cases, 0 to 1; 0 where no label is anywhere
     * @param silent labels of the masks that were never predicted
     * @param attention of the first few cases
     */
    record Outcome(double dice, List<SilentLabel> silent, AttentionMeasure attention) {}

    /** Predicts the cases; of the first few, gates' maps too. */
    Outcome measure(TorchNetwork network) {
        List<OverlapCounts> counts = new ArrayList<>();
        var attention = new AttentionMeasure();
        for (Found one : everyones(found(network))) {
            counts.add(OverlapCounts.ofVoxels(model.labels(), one.voxels));
            attention.add(one.openness);
        }
        double mean = OverlapCounts.meanDice(counts);
        return new Outcome(Double.isNaN(mean) ? 0 : mean, SilentLabel.among(counts, model.labels()), attention);
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
                        maps ? AttentionMeasure.of(held.truth, found.attention()) : new LinkedHashMap<>()));
            }
        }
        return all;
    }

    /** What all ranks found, in the order of the cases. */
    private List<Found> everyones(List<Found> own) {
        if (ranks.count() == 1) {
            return own;
        }
        ranks.meet(); // one may have larger cases than the others
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
