package org.attunet.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CurvesTest {
    private static final Pattern LINE = Pattern.compile("<polyline class=\"line\" points=\"([^\"]*)\"");

    private static List<double[]> points(String chart) {
        Matcher line = LINE.matcher(chart);
        assertTrue(line.find(), chart);
        List<double[]> points = new ArrayList<>();
        for (String pair : line.group(1).split(" ")) {
            String[] xy = pair.split(",");
            points.add(new double[] {Double.parseDouble(xy[0]), Double.parseDouble(xy[1])});
        }
        return points;
    }

    private static String part(String figures, String series) {
        int from = figures.indexOf("data-series=\"" + series + "\"");
        return figures.substring(from, figures.indexOf("</figure>", from));
    }

    @Test
    void the_validation_curve_has_a_point_per_validation_and_marks_the_best() {
        List<HistoryPoint> history = List.of(
                new HistoryPoint(10, 0.1, 1, 0.2, 0.1, 0),
                new HistoryPoint(15, 0.2, 0.5, null, 0.1, 0),
                new HistoryPoint(20, 0.3, 0.4, 0.8, 0.1, 0),
                new HistoryPoint(30, 0.4, 0.3, 0.6, 0.1, 0));
        String chart = part(Curves.of(history), "dice");
        List<double[]> points = points(chart);
        assertEquals(3, points.size());
        assertEquals(points.get(0)[0] + points.get(2)[0], 2 * points.get(1)[0], 0.2); // steps 10, 20, 30
        // heights are in proportion: 0.8 - 0.2 is three times 0.8 - 0.6; y grows downwards
        double rise = points.get(0)[1] - points.get(1)[1];
        double fall = points.get(2)[1] - points.get(1)[1];
        assertEquals(3, rise / fall, 0.02);
        assertTrue(chart.contains("best 0.800"), chart);
    }

    @Test
    void thousands_of_steps_are_thinned_and_the_loss_gets_a_trend() {
        List<HistoryPoint> history = new ArrayList<>();
        for (int step = 1; step <= 5000; step++) {
            history.add(new HistoryPoint(step, step, step % 2 == 0 ? 0.4 : 0.6, null, 1e-3, 0));
        }
        String loss = part(Curves.of(history), "loss");
        List<double[]> trend = points(loss);
        assertTrue(trend.size() <= 600 && trend.size() > 300, trend.size() + " points");
        assertTrue(loss.contains("line faint"));
        // the trend of 0.4, 0.6, 0.4, … settles
        assertEquals(trend.get(trend.size() - 1)[1], trend.get(trend.size() / 2)[1], 3);
    }

    @Test
    void a_series_without_two_values_has_no_chart() {
        List<HistoryPoint> history = List.of(
                new HistoryPoint(1, 0, Double.NaN, 0.5, 1e-3, 0), new HistoryPoint(2, 0, Double.NaN, null, 1e-3, 0));
        String figures = Curves.of(history);
        assertFalse(figures.contains("data-series=\"loss\""));
        assertFalse(figures.contains("data-series=\"dice\""));
        assertTrue(figures.contains("data-series=\"rate\""));
        assertEquals("", Curves.of(List.of()));
    }

    @Test
    void axes_have_round_ticks_around_the_values() {
        Chart.Scale scale = Chart.Scale.over(0.13, 0.87, 5, true);
        assertArrayEquals(new double[] {0, 0.2, 0.4, 0.6, 0.8, 1}, scale.ticks(), 1e-12);
        assertEquals("0.2", scale.label(scale.ticks()[1]));
        Chart.Scale flat = Chart.Scale.over(0, 0, 5, false);
        assertTrue(flat.high() > flat.low());
        assertArrayEquals(
                new double[] {200, 400, 600, 800},
                Chart.Scale.exactly(7, 950, 5).ticks(),
                1e-9);
        assertEquals("20k", Chart.Scale.over(0, 50_000, 5, false).label(20_000));
    }
}
