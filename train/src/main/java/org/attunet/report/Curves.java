package org.attunet.report;

import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Charts of a training: loss with its smoothed trend, validation Dice with the best one marked, learning rate. */
public final class Curves {
    private static final double DECAY = 0.9;
    private static final int NOISY = 40; // points from which the loss has a trend

    private Curves() {}

    /** Returns the charts of a history as {@code figure} elements; those with fewer than two finite values are left out. */
    public static String of(List<HistoryPoint> history) {
        return chart("loss", "Training loss", history, HistoryPoint::loss)
                + chart("dice", "Validation Dice", history, Curves::dice)
                + chart("rate", "Learning rate", history, HistoryPoint::learningRate);
    }

    private static double dice(HistoryPoint point) {
        return Objects.requireNonNullElse(point.validationDice(), Double.NaN);
    }

    private static String chart(
            String series, String title, List<HistoryPoint> history, ToDoubleFunction<HistoryPoint> value) {
        List<HistoryPoint> points = history.stream()
                .filter(point -> Double.isFinite(value.applyAsDouble(point)))
                .toList();
        if (points.size() < 2
                || points.get(0).step() >= points.get(points.size() - 1).step()) {
            return "";
        }
        double[] xs = points.stream().mapToDouble(HistoryPoint::step).toArray();
        double[] ys = points.stream().mapToDouble(value).toArray();
        boolean dice = series.equals("dice");
        double[] trend = series.equals("loss") && ys.length > NOISY ? smoothed(ys) : null;
        int best = IntStream.range(0, ys.length).reduce(0, (a, b) -> ys[b] > ys[a] ? b : a);
        Chart chart = new Chart(title, xs, ys, trend, dice, dice ? best : -1);
        return Html.format(
                "<figure class=\"curve\" data-series=\"%s\"><figcaption>%s</figcaption>%s</figure>\n",
                series, title, chart.svg());
    }

    /** Returns the exponential moving average, corrected for its start. */
    private static double[] smoothed(double[] values) {
        double[] out = new double[values.length];
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < values.length; i++) {
            sum = DECAY * sum + (1 - DECAY) * values[i];
            weight = DECAY * weight + (1 - DECAY);
            out[i] = sum / weight;
        }
        return out;
    }
}
