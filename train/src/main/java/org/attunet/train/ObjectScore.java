package org.attunet.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import org.attunet.annotation.AnnotatedObjects;
import org.attunet.dataset.Case;
import org.attunet.dataset.ProgressListener;
import org.attunet.image.Image;
import org.attunet.metrics.ObjectMatch;
import org.attunet.metrics.ObjectSummary;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectSettings;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Segmenter;
import org.jspecify.annotations.Nullable;

/** Compares found objects with the true ones, and chooses the thresholds with which most of them are found. */
final class ObjectScore {
    /** What is chosen from: a start in the midst, before validation has chosen. */
    static final ObjectSettings START = new ObjectSettings(0.5, 1.5, 1, true);

    private static final double[] FOREGROUND = {0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65};
    private static final double[] SEEDS = {0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95
    }; // of the greatest
    private static final int[] SMALLEST = {1, 4, 8, 12, 20, 30, 45, 70, 100};
    private static final int SETTINGS = 2 * SEEDS.length + FOREGROUND.length + SMALLEST.length + 1; // that are scored
    private static final long MOST_BYTES = 1L << 30; // of kept probabilities and true objects

    private final List<Sample> samples;
    private final Map<ObjectSettings, Double> scores = new HashMap<>();
    private final Runnable scored;

    /** The true objects of a case and what the network predicts. */
    private record Sample(String id, AnnotatedObjects truth, Image probabilities) {}

    private ObjectScore(List<Sample> samples, Runnable scored) {
        this.samples = samples;
        this.scored = scored;
    }

    /**
     * Compares the objects of one image. What lies where nobody judged counts neither as true nor as found.
     *
     * @param image of the case
     * @param found on the same grid
     */
    static ObjectMatch of(Case one, Image image, ObjectMap found) {
        return of(one.id(), truth(one, image), found);
    }

    private static AnnotatedObjects truth(Case one, Image image) {
        return one.mask().readObjects(one.firstFile(), image.grid());
    }

    /** The same of objects that are read already. */
    static ObjectMatch of(String id, AnnotatedObjects truth, ObjectMap found) {
        int[] judged = found.numbers().clone();
        truth.unjudged().stream().forEach(voxel -> judged[voxel] = 0);
        return ObjectMatch.of(id, truth.objects(), new ObjectMap(found.grid(), judged));
    }

    /**
     * Chooses thresholds one after the other, each with the best mean AP over IoU 0.5 to 0.95 on some cases:
     * that of seeds, of the foreground, the smallest size, seeds again, and whether parts without a seed count.
     *
     * @param cases as many of which are used as fit into a gigabyte, the first at least
     * @param progress counts as far as {@link #steps} of the cases' number
     */
    static ObjectSettings choose(Segmenter segmenter, List<Case> cases, ProgressListener progress) {
        int total = steps(cases.size());
        var done = new AtomicInteger();
        List<Sample> samples = new ArrayList<>();
        long bytes = 0;
        for (Case one : cases) {
            Image image = one.image().read();
            bytes += 4L * image.grid().voxels() * (segmenter.model().shape().outputs() + 1);
            if (bytes > MOST_BYTES && !samples.isEmpty()) {
                break;
            }
            Image probabilities = segmenter
                    .segment(image, segmenter.options().withProbabilities(true))
                    .probabilities();
            if (probabilities != null) {
                samples.add(new Sample(one.id(), truth(one, image), probabilities));
            }
            progress.at(done.incrementAndGet(), total);
        }
        done.set(cases.size());
        return new ObjectScore(samples, () -> progress.at(done.incrementAndGet(), total))
                .best(segmenter.model().shape().outputs() - 1);
    }

    /** The steps of a choice on some cases, each predicted, in its progress. */
    static int steps(int cases) {
        return cases + SETTINGS;
    }

    /** @param levels the greatest energy */
    private ObjectSettings best(int levels) {
        Function<ObjectSettings, List<ObjectSettings>> seeds = base -> DoubleStream.of(SEEDS)
                .mapToObj(
                        seed -> new ObjectSettings(base.foreground(), seed * levels, base.smallest(), base.unseeded()))
                .toList();
        ObjectSettings best = best(seeds.apply(START), START);
        ObjectSettings seeded = best;
        best = best(
                DoubleStream.of(FOREGROUND)
                        .mapToObj(foreground ->
                                new ObjectSettings(foreground, seeded.seed(), seeded.smallest(), seeded.unseeded()))
                        .toList(),
                best);
        ObjectSettings filled = best;
        best = best(
                java.util.Arrays.stream(SMALLEST)
                        .mapToObj(smallest ->
                                new ObjectSettings(filled.foreground(), filled.seed(), smallest, filled.unseeded()))
                        .toList(),
                best);
        best = best(seeds.apply(best), best);
        return best(
                List.of(new ObjectSettings(best.foreground(), best.seed(), best.smallest(), !best.unseeded())), best);
    }

    /** The settings with the best score; those before in a tie. */
    private ObjectSettings best(List<ObjectSettings> candidates, ObjectSettings before) {
        ObjectSettings best = before;
        double most = scores.computeIfAbsent(before, this::score);
        for (ObjectSettings candidate : candidates) {
            double score = scores.computeIfAbsent(candidate, this::score);
            scored.run();
            if (score > most) {
                most = score;
                best = candidate;
            }
        }
        return best;
    }

    private double score(ObjectSettings settings) {
        List<ObjectMatch> matches = samples.parallelStream()
                .map(sample -> of(
                        sample.id,
                        sample.truth,
                        ObjectSegmentation.find(sample.probabilities, settings).map()))
                .toList();
        @Nullable
        Double mean = new ObjectSummary(matches).meanAveragePrecision().mean();
        return mean == null ? 0 : mean;
    }
}
