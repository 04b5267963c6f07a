package org.attunet.metrics;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The measures of objects over images. Two kinds of mean are common and differ: that of the images' values, in which each image
 * counts the same (the Data Science Bowl's score, and StarDist's with {@code by_image=True}), and that of the pooled objects,
 * in which each object counts the same (StarDist's default, and its published figures). Images without any objects, true or
 * predicted, have no value and are left out; StarDist counts them as 0.
 *
 * @param images the match of each image
 */
public record ObjectSummary(List<ObjectMatch> images) {
    /**
     * Copies the list.
     *
     * @param images the match of each image
     */
    public ObjectSummary {
        images = List.copyOf(images);
    }

    /**
     * {@return the statistics of a measure over images at an IoU}
     *
     * @param iou from 0.5 to 1; pairs must have at least this
     * @param measure such as {@link MatchCounts#averagePrecision}
     */
    public Statistic overImages(double iou, Function<MatchCounts, @Nullable Double> measure) {
        return statistic(match -> measure.apply(match.at(iou)));
    }

    /**
     * {@return the counts of all images together at an IoU}
     *
     * @param iou from 0.5 to 1; pairs must have at least this
     */
    public MatchCounts pooled(double iou) {
        return MatchCounts.sum(images.stream().map(match -> match.at(iou)).toList());
    }

    /** {@return the statistics over images of the mean AP: of each image the mean over {@link ObjectMatch#IOUS}} */
    public Statistic meanAveragePrecision() {
        return statistic(match -> mean(ObjectMatch.IOUS.stream()
                .map(iou -> match.at(iou).averagePrecision())
                .toList()));
    }

    /** {@return the mean over {@link ObjectMatch#IOUS} of the AP of all images together; null if there are no objects} */
    public @Nullable Double pooledMeanAveragePrecision() {
        return mean(ObjectMatch.IOUS.stream()
                .map(iou -> pooled(iou).averagePrecision())
                .toList());
    }

    /**
     * {@return the score of the Data Science Bowl 2018 over images: as {@link #meanAveragePrecision}, but pairs must have more
     * than the IoU}
     */
    public Statistic dataScienceBowlScore() {
        return statistic(match -> mean(ObjectMatch.IOUS.stream()
                .map(iou -> match.above(iou).averagePrecision())
                .toList()));
    }

    private static @Nullable Double mean(List<@Nullable Double> values) {
        double sum = 0;
        for (Double value : values) {
            if (value == null) {
                return null;
            }
            sum += value;
        }
        return sum / values.size();
    }

    private Statistic statistic(Function<ObjectMatch, @Nullable Double> measure) {
        double[] values = images.stream()
                .map(measure)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
        int failed = (int) images.stream()
                .filter(match -> match.truth() == 0 != (match.predicted() == 0))
                .count();
        int undefined = (int) images.stream().filter(ObjectMatch::undefined).count();
        return Statistic.of(values, undefined, failed);
    }

    /** {@return the mean over images of the absolute count error; NaN without images} */
    public double meanAbsoluteCountError() {
        return images.stream()
                .mapToInt(match -> Math.abs(match.countError()))
                .average()
                .orElse(Double.NaN);
    }

    /** {@return the true objects of all images that were predicted as several} */
    public int splits() {
        return images.stream().mapToInt(ObjectMatch::splits).sum();
    }

    /** {@return the predicted objects of all images that are several true ones} */
    public int merges() {
        return images.stream().mapToInt(ObjectMatch::merges).sum();
    }
}
