package org.attunet.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How open one attention gate was inside and outside the target in the course of a training.
 *
 * @param gate its name
 * @param points ascending by step
 */
public record GateCurves(String gate, List<Point> points) {
    private static final double CLEARLY = 1.25;

    /**
     * One validation.
     *
     * @param step the training step
     * @param inside mean coefficient inside the target, 0 (shut) to 1 (open)
     * @param outside mean coefficient outside it, 0 to 1
     */
    public record Point(long step, double inside, double outside) {}

    /** Copies. */
    public GateCurves {
        points = List.copyOf(points);
    }

    /** The charts with a sentence each, as {@code figure} elements; empty where there is nothing to tell. */
    static String of(List<GateCurves> gates) {
        StringBuilder out = new StringBuilder();
        for (GateCurves gate : gates) {
            if (!gate.points.isEmpty()) {
                gate.figure(out);
            }
        }
        return out.toString();
    }

    private void figure(StringBuilder out) {
        String title = "Gate " + gate;
        out.append("<figure class=\"curve\" data-series=\"gate\"><figcaption>").append(Html.escape(title));
        out.append("</figcaption>");
        if (points.size() > 1 && points.get(0).step < points.get(points.size() - 1).step) {
            List<Double> xs = new ArrayList<>();
            List<Double> inside = new ArrayList<>();
            List<Double> outside = new ArrayList<>();
            points.forEach(point -> {
                xs.add((double) point.step);
                inside.add(point.inside);
                outside.add(point.outside);
            });
            String shown = title + ": mean coefficient inside the target (strong line) and outside (faint line)";
            out.append(new Chart(shown, array(xs), array(outside), array(inside), true, -1).svg());
        }
        out.append("<p class=\"note\">").append(Html.escape(sentence())).append("</p></figure>\n");
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(v -> v).toArray();
    }

    /** What the last validation says, in plain words. */
    String sentence() {
        Point last = points.get(points.size() - 1);
        String numbers = String.format(
                Locale.ROOT,
                "Lets through %.2f of the signal inside the target and %.2f outside",
                last.inside,
                last.outside);
        double ratio = last.inside / Math.max(1e-6, last.outside);
        String meaning = ratio >= CLEARLY
                ? ": it attends to the target."
                : ratio <= 1 / CLEARLY
                        ? ": it attends to what surrounds the target, not to the target itself."
                        : ": it hardly tells the target from the rest.";
        return numbers + meaning;
    }
}
