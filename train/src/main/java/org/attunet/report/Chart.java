package org.attunet.report;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * A line chart as inline SVG, coloured by the page's style sheet so that it follows the light and the dark theme.
 *
 * @param xs ascending
 * @param ys as many; NaN is left out
 * @param smooth a second line over the first, which is dashed if values are bounded, and then of another quantity, else
 *     faint; null if there is none
 * @param bounded whether values lie between 0 and 1, so that the axis ends there
 * @param best the index of the marked point, or -1
 */
record Chart(String title, double[] xs, double[] ys, double @Nullable [] smooth, boolean bounded, int best) {
    private static final int WIDTH = 440;
    private static final int HEIGHT = 250;
    private static final int LEFT = 54;
    private static final int RIGHT = 14;
    private static final int TOP = 14;
    private static final int BOTTOM = 40;
    private static final int MAX_POINTS = 600;

    /** Returns the SVG element. */
    String svg() {
        Scale x = Scale.exactly(xs[0], xs[xs.length - 1], 5);
        Scale y = yScale();
        StringBuilder out = new StringBuilder(Html.format(
                "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 %d %d\" aria-label=\"%s\">",
                WIDTH, HEIGHT, Html.escape(title)));
        axes(out, x, y);
        String style = smooth == null ? "line" : bounded ? "line second" : "line faint";
        out.append(line(style, ys, x, y));
        if (smooth != null) {
            out.append(line("line", smooth, x, y));
        }
        if (best >= 0) {
            mark(out, x, y);
        }
        return out.append("</svg>").toString();
    }

    private Scale yScale() {
        DoubleStream shown = Arrays.stream(ys).filter(Double::isFinite);
        if (bounded && smooth != null) { // then it is a second quantity, not the first one's trend
            shown = DoubleStream.concat(shown, Arrays.stream(smooth));
        }
        double[] sorted = shown.sorted().toArray();
        double low = sorted[0];
        double high = sorted[sorted.length - 1];
        if (!bounded) {
            low = Math.min(low, 0);
            if (sorted.length > 100) { // a few outliers of the first steps must not flatten the rest
                high = sorted[(int) (0.995 * (sorted.length - 1))];
            }
        }
        return Scale.over(low, high, 5, bounded);
    }

    private void axes(StringBuilder out, Scale x, Scale y) {
        for (double tick : y.ticks()) {
            double py = py(y, tick);
            out.append(Html.format(
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, py, py));
            out.append(Html.format(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 8, py + 4, y.label(tick)));
        }
        for (double tick : x.ticks()) {
            out.append(Html.format(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    px(x, tick), HEIGHT - BOTTOM + 18, x.label(tick)));
        }
        out.append(Html.format(
                "<text class=\"axis\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">training step</text>",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4));
    }

    private String line(String style, double[] values, Scale x, Scale y) {
        int bucket = (values.length + MAX_POINTS - 1) / MAX_POINTS;
        StringBuilder points = new StringBuilder();
        for (int from = 0; from < values.length; from += bucket) {
            int n = 0;
            double sumX = 0;
            double sumY = 0;
            for (int i = from; i < Math.min(values.length, from + bucket); i++) {
                if (Double.isFinite(values[i])) {
                    n++;
                    sumX += xs[i];
                    sumY += values[i];
                }
            }
            if (n > 0) {
                points.append(Html.format("%.1f,%.1f ", px(x, sumX / n), py(y, sumY / n)));
            }
        }
        return "<polyline class=\"" + style + "\" points=\"" + points.toString().strip() + "\"/>";
    }

    private void mark(StringBuilder out, Scale x, Scale y) {
        double px = px(x, xs[best]);
        double py = py(y, ys[best]);
        boolean left = px > WIDTH / 2.0; // the text's side of the point
        out.append(Html.format("<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>", px, py));
        out.append(Html.format(
                "<text class=\"best\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">best %.3f</text>",
                px + (left ? 5 : -5), py + (py < TOP + 22 ? 22 : -10), left ? "end" : "start", ys[best]));
    }

    private static double px(Scale scale, double value) {
        return LEFT + (WIDTH - LEFT - RIGHT) * scale.share(value);
    }

    private static double py(Scale scale, double value) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * Math.max(0, Math.min(1, scale.share(value)));
    }

    /** An axis with ticks at round numbers. */
    record Scale(double low, double high, double step) {
        /** Spans the values from tick to tick; within 0 and 1 if bounded. */
        static Scale over(double low, double high, int ticks, boolean bounded) {
            double span = high > low ? high - low : Math.max(Math.abs(high), 1e-6);
            double step = roundStep(span / ticks);
            double from = Math.floor(low / step + 1e-9) * step;
            double to = Math.ceil((high > low ? high : low + span) / step - 1e-9) * step;
            return bounded ? new Scale(Math.max(0, from), Math.min(1, to), step) : new Scale(from, to, step);
        }

        /** Spans exactly the values, with ticks at whole numbers. */
        static Scale exactly(double low, double high, int ticks) {
            return new Scale(low, high, Math.max(1, roundStep((high - low) / ticks)));
        }

        private static double roundStep(double least) {
            double power = Math.pow(10, Math.floor(Math.log10(least)));
            double ratio = least / power;
            return power * (ratio > 5 ? 10 : ratio > 2 ? 5 : ratio > 1 ? 2 : 1);
        }

        double share(double value) {
            return (value - low) / (high - low);
        }

        double[] ticks() {
            long first = (long) Math.ceil(low / step - 1e-6);
            int n = (int) ((long) Math.floor(high / step + 1e-6) - first) + 1;
            double[] ticks = new double[n];
            Arrays.setAll(ticks, i -> (first + i) * step);
            return ticks;
        }

        String label(double tick) {
            if (high >= 10_000) {
                return Html.number(tick / 1000, step >= 1000 ? 0 : 1) + "k";
            }
            if (high < 0.001) {
                return tick == 0
                        ? "0"
                        : String.format(Locale.ROOT, "%.0e", tick).replace("e-0", "e-");
            }
            return Html.number(tick, (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
        }
    }
}
