package org.attunet.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A training's course as charts: the loss with its smoothed trend, the validation Dice with the best one marked, the
 * learning rate. Each is an inline SVG element whose colours come from the page's style sheet.
 */
public final class Curves {
    private static final double MEMORY = 0.9;

    private Curves() {}

    /**
     * The charts of a history, as {@code figure} elements of a page; empty where there are fewer than two points. Charts
     * without two finite values are left out.
     */
    public static String of(List<HistoryPoint> history) {
        StringBuilder out = new StringBuilder();
        chart(out, history, "Training loss", "loss");
        chart(out, history, "Validation Dice", "dice");
        chart(out, history, "Learning rate", "rate");
        return out.toString();
    }

    private static void chart(StringBuilder out, List<HistoryPoint> history, String title, String series) {
        List<double[]> points = new ArrayList<>();
        for (HistoryPoint point : history) {
            double value = switch (series) {
                case "loss" -> point.loss();
                case "dice" -> point.validationDice() == null ? Double.NaN : point.validationDice();
                default -> point.learningRate();
            };
            if (Double.isFinite(value)) {
                points.add(new double[] {point.step(), value});
            }
        }
        if (points.size() < 2 || points.get(0)[0] >= points.get(points.size() - 1)[0]) {
            return;
        }
        double[] xs = points.stream().mapToDouble(p -> p[0]).toArray();
        double[] ys = points.stream().mapToDouble(p -> p[1]).toArray();
        boolean dice = "dice".equals(series);
        boolean noisy = "loss".equals(series) && ys.length > 40;
        Chart chart = new Chart(title, xs, ys, noisy ? smoothed(ys) : null, dice, dice ? indexOfLargest(ys) : -1);
        out.append("<figure class=\"curve\" data-series=\"")
                .append(series)
                .append("\"><figcaption>")
                .append(title);
        out.append("</figcaption>").append(chart.svg()).append("</figure>\n");
    }

    /** The exponential moving average, corrected for its start. */
    private static double[] smoothed(double[] values) {
        double[] out = new double[values.length];
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < values.length; i++) {
            sum = MEMORY * sum + (1 - MEMORY) * values[i];
            weight = MEMORY * weight + (1 - MEMORY);
            out[i] = sum / weight;
        }
        return out;
    }

    private static int indexOfLargest(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
